# SPDX-License-Identifier: GPL-3.0-or-later
"""Guests as places, really booted: beside this machine and beside each other, with the host as their peer; and one that is
killed in the middle."""
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import time

import guests
import harness

SUITE = {"suite": "t", "trials": 3, "warmup": 0, "benchmarks": [
    {"group": "net", "module": "tcp", "params": {"mode": "request-response", "seconds": "200ms"}},
    {"group": "disk", "module": "block", "params": {"block_size": "512B", "file_size": "4MiB"}},
    {"group": "cpu", "module": "linpack", "params": {"n": 100, "seconds": "100ms"}}]}


class Places(guests.Case):
    def begin(self, *places):
        path = os.path.join(self.folder, "here.json")
        self.write(path, json.dumps({"configuration": "here", "suite": SUITE}).encode())
        kernel = "".join(f",{key}={value}" for key, value in guests.KERNEL.items())
        words = [word for place in places for word in ("--on", place if place == "local" else place + kernel)]
        process = subprocess.Popen([harness.PROGRAM, "run", path, *words, "--output", os.path.join(self.folder, "out")],
                                   env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(harness.end, process)
        return process

    def end(self, process):
        try:
            out, err = process.communicate(timeout=guests.PATIENCE)
        finally:  # cleanups are not run after Ctrl-C
            harness.end(process)
        self.assertEqual(process.returncode, 0, out + err)
        found = {}
        for name in self.records():
            with open(name) as file:
                record = json.load(file)
            found[record["configuration"]] = record
            self.assertEqual(subprocess.run([harness.PROGRAM, "check", name], stdout=subprocess.DEVNULL).returncode, 0)
        self.check_nothing_left()
        return found

    @staticmethod
    def monitors(process):
        found = []
        for pid in harness.descendants(process.pid):
            with contextlib.suppress(OSError):  # it has ended meanwhile
                if pathlib.Path(f"/proc/{pid}/comm").read_text().startswith("qemu"):
                    found.append(pid)
        return found

    def test_beside_this_machine(self):
        found = self.end(self.begin("local", "guest=qemu-tcg:disk=32MiB"))
        self.assertEqual(sorted(found), ["guest", "local"])
        record = found["guest"]
        self.assertEqual([case["status"] for case in record["cases"]], ["ok"] * 3)
        self.assertEqual(record["environment"]["before"]["virtualization"], "qemu")
        self.assertIn("guest", record["places"]["frozen"])
        self.assertEqual(record["cases"][0]["path"], "network")
        guest = record["guest"]
        self.assertEqual((guest["backing"], guest["peer"], guest["layers"][1]["virtualization"]), ("file", "host", "qemu"))
        self.assertTrue(0 < guest["boot_s"] < guest["ready_s"] < guest["answer_s"] < guest["total_s"], guest)
        self.assertGreater(guest["monitor_memory"], 0)
        for trial in record["cases"][2]["trials"]:
            # What it cost the host is known from the host, and its own clock stood while it was held.
            self.assertIn("host_cpu_s", [fact["key"] for fact in trial["facts"]])
        spans = sorted((trial["start_s"], trial["duration_s"]) for case in record["cases"] for trial in case["trials"])
        for (start, duration), (later, _) in zip(spans, spans[1:]):
            self.assertLessEqual(start + duration, later + 0.001)

    def test_one_that_is_visited(self):
        """It has no channel: a boot of its own, and its record by disk."""
        found = self.end(self.begin("local", f"native=emulated-native:disk=32MiB,options={guests.NO_TIMER_CHECK}"))
        self.assertEqual(sorted(found), ["local", "native"])
        record = found["native"]
        self.assertEqual([case["status"] for case in record["cases"]], ["ok"] * 3)
        self.assertEqual(record["environment"]["before"]["virtualization"], "qemu")
        self.assertEqual({name: record["places"]["turns"] for name, record in found.items()}, {"local": "trials", "native": "runs"})
        self.assertEqual((record["run_set"]["id"], record["seed"]), (found["local"]["run_set"]["id"], found["local"]["seed"]))
        self.assertGreater(record["places"]["driver"]["processor_s"], 0)

    def test_one_that_is_killed(self):
        process = self.begin("a=qemu-tcg:disk=32MiB,vcpus=1", "b=qemu-tcg:disk=32MiB,vcpus=2")
        journal = lambda: sum(len(path.read_text().splitlines())
                              for path in pathlib.Path(self.folder).glob("out/*.journal.jsonl"))
        deadline = time.monotonic() + guests.PATIENCE
        while journal() < 5 and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        os.kill(self.monitors(process)[0], signal.SIGKILL)
        found = self.end(process)
        self.assertEqual(sorted(found), ["a", "b"])
        self.assertEqual([found[name]["guest"]["vcpus"] for name in ("a", "b")], [1, 2])
        warnings = [warning for record in found.values() for warning in record["warnings"]]
        self.assertTrue(any("the guest's monitor was killed by signal 9" in warning for warning in warnings), warnings)
        self.assertTrue(any("rebooted" in warning for warning in warnings), warnings)
        for record in found.values():
            self.assertEqual([case["status"] for case in record["cases"]], ["ok"] * 3)


if __name__ == "__main__":
    guests.main()
