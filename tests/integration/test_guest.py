# SPDX-License-Identifier: GPL-3.0-or-later
"""Guests that are booted to be measured: one that works, one that panics, one that is killed in mid-run, one
that is too slow for its deadline. Exit 77: skipped, the reason is told."""
import glob
import json
import os
import shutil
import subprocess
import sys
import unittest

import harness

SUITE = {"suite": "tiny", "trials": 2, "warmup": 0, "benchmarks": [
    {"group": "cpu", "module": "linpack",
     "params": {"n": 100, "precision": "single", "solver": "reference", "seconds": "100ms"}},
    {"group": "disk", "module": "block", "params": {"block_size": "4KiB", "file_size": "1MiB"}},
    {"group": "tcp", "module": "tcp",
     "params": {"mode": "request-response", "message_size": 64, "seconds": "200ms"}}]}


class Guest(unittest.TestCase):
    def setUp(self):
        self.folder = harness.tempfile.mkdtemp(prefix="vmsuite-guest-test-", dir="/var/tmp")
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.environment = dict(os.environ, TMPDIR=self.folder)

    def start(self, **guest):
        configuration = {"configuration": "guest", "expect": {"virtualization": "qemu"}, "suite": SUITE,
                         "guest": dict({"launcher": "qemu-tcg", "disk": "64MiB", "deadline": "200s"}, **guest)}
        path = os.path.join(self.folder, "guest.json")
        with open(path, "w") as file:
            json.dump(configuration, file)
        return subprocess.Popen([harness.PROGRAM, "run", path, "--output", os.path.join(self.folder, "out")],
                                env=self.environment, stderr=subprocess.PIPE, text=True)

    def run_guest(self, **guest):
        process = self.start(**guest)
        return process, process.communicate(timeout=300)[1]

    def records(self):
        return glob.glob(os.path.join(self.folder, "out", "*.json"))

    def check_nothing_left(self):
        self.assertEqual(glob.glob(os.path.join(self.folder, "vmsuite-guest-*")), [])
        for process in glob.glob("/proc/[0-9]*/cmdline"):
            try:
                with open(process) as file:
                    self.assertNotIn(self.folder + "/vmsuite-guest", file.read())
            except (FileNotFoundError, ProcessLookupError):
                pass

    def test_a_guest_measures_and_hands_its_record_out(self):
        process, words = self.run_guest()
        self.assertEqual(process.returncode, 0, words)
        with open(self.records()[0]) as file:
            record = json.load(file)
        self.assertEqual(record["status"], "ok")
        self.assertEqual(record["environment"]["before"]["virtualization"], "qemu")
        self.assertEqual([len(case["trials"]) for case in record["cases"]], [2, 2, 2])
        self.assertTrue(record["guest"]["emulated_hardware"])
        self.assertEqual(record["guest"]["label"], "guest (emulated hardware)")
        self.assertTrue(any("emulated hardware" in warning for warning in record["warnings"]))
        self.assertEqual(glob.glob(os.path.join(self.folder, "out", "*.console.log")), [])
        self.check_nothing_left()

    def test_a_panic_is_told(self):
        process, words = self.run_guest(options="rdinit=/nowhere root=/dev/none")
        self.assertEqual(process.returncode, 1, words)
        self.assertIn("kernel panic: ", words)
        self.assertEqual(len(glob.glob(os.path.join(self.folder, "out", "*.console.log"))), 1)
        self.assertEqual(self.records(), [])
        self.check_nothing_left()

    def test_a_deadline_ends_it(self):
        process, words = self.run_guest(deadline="2s")
        self.assertEqual(process.returncode, 1, words)
        self.assertIn("had not ended after 2 s and was killed", words)
        self.check_nothing_left()

    def test_a_guest_killed_in_mid_run(self):
        process = self.start()
        for line in process.stderr:
            if "measuring" in line:
                break
        for pid in harness.descendants(process.pid):
            with open(f"/proc/{pid}/comm") as file:
                if file.read().startswith("qemu"):
                    os.kill(pid, 9)
        words = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 1, words)
        self.assertIn("killed by signal 9", words)
        self.assertEqual(self.records(), [])
        self.check_nothing_left()

    def test_what_is_wrong_is_told(self):
        process, words = self.run_guest(launcher="qemu-tgc", vcpus=0, memory="1MiB")
        self.assertEqual(process.returncode, 2, words)
        for part in ("qemu-tgc", "vcpus", "memory"):
            self.assertIn(part, words)


if __name__ == "__main__":
    if not shutil.which("qemu-system-x86_64"):
        print("skipped: there is no qemu-system-x86_64")
        sys.exit(77)
    built = subprocess.run([harness.PROGRAM, "guest", "build"], capture_output=True, text=True)
    if built.returncode != 0:
        print("skipped: the appliance cannot be built:", built.stderr)
        sys.exit(77)
    unittest.main()
