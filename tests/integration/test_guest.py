# SPDX-License-Identifier: GPL-3.0-or-later
"""Guests that are booted to be measured: one that works, one that panics, one that is killed in mid-run, one
that is too slow for its deadline. Exit 77: skipped, the reason is told."""
import glob
import os
import signal

import guests

SUITE = {"suite": "tiny", "trials": 2, "warmup": 0, "benchmarks": [
    {"group": "cpu", "module": "linpack",
     "params": {"n": 100, "precision": "single", "solver": "reference", "seconds": "100ms"}},
    {"group": "disk", "module": "block", "params": {"block_size": "4KiB", "file_size": "1MiB"}},
    {"group": "tcp", "module": "tcp",
     "params": {"mode": "request-response", "message_size": 64, "seconds": "200ms"}}]}


class Guest(guests.Case):
    def test_a_guest_measures_and_hands_its_record_out(self):
        process, words = self.run_guest("guest", "qemu", SUITE, life="whole", kernel=None)
        self.assertEqual(process.returncode, 0, words)
        record = self.record()
        self.assertEqual(record["status"], "ok")
        self.assertEqual(record["environment"]["before"]["virtualization"], "qemu")
        self.assertEqual([len(case["trials"]) for case in record["cases"]], [2, 2, 2])
        self.assertTrue(record["guest"]["emulated_hardware"])
        self.assertEqual(record["guest"]["label"], "guest (emulated hardware)")
        self.assertTrue(any("emulated hardware" in warning for warning in record["warnings"]))
        # What each trial cost the host.
        for case in record["cases"]:
            for trial in case["trials"]:
                facts = {fact["key"]: fact["value"] for fact in trial["facts"]}
                self.assertGreater(float(facts["host_cpu_s"]), 0)
                self.assertGreater(float(facts["host_busy_s"]), 0)
                self.assertGreaterEqual(int(facts["host_switches"]), 0)
        life = record["guest"]
        self.assertLess(0, life["boot_s"])
        self.assertLessEqual(life["boot_s"], life["ready_s"])
        self.assertLessEqual(life["ready_s"], life["answer_s"])
        self.assertLess(life["answer_s"], life["total_s"])
        self.assertLess(0, life["kernel_s"])
        self.assertIsNone(life["nested"])
        self.assertIsNone(life["life_left_out"])
        # Its state came into a file, and three guests from there.
        for member in ("save_s", "restore_s", "guests_per_gigabyte"):
            self.assertIsNotNone(life[member], words)
            self.assertGreater(life[member], 0)
        self.assertGreater(life["state_bytes"], 1 << 20)
        self.assertGreaterEqual(record["guest"]["stop_s"], 0)
        self.assertGreater(record["guest"]["monitor_memory"], 0)
        self.assertLess(record["guest"]["monitor_memory"], record["guest"]["memory"])
        self.assertNotIn("@+", words)
        self.assertEqual(glob.glob(os.path.join(self.folder, "out", "*.console.log")), [])
        self.check_nothing_left()

    def test_what_only_a_kernel_may_do(self):
        if not guests.BUILT["driver"]:
            self.skipTest("the headers of the appliance's kernel could not be fetched")
        operations = ["kernel_cpuid", "kernel_rdmsr", "kernel_ioapic", "kernel_hpet", "kernel_port_61", "kernel_port_80",
                      "kernel_port_ed", "kernel_port_cf8", "kernel_self_ipi", "kernel_ipi", "msr_file", "port_61"]
        process, words = self.run_guest("guest", "qemu", {"suite": "exits", "trials": 1, "warmup": 0, "benchmarks": [
            {"group": "exits", "module": "exits", "params": {"operation": operations, "samples": 20}}]}, vcpus=2)
        self.assertEqual(process.returncode, 0, words)
        for case in self.record()["cases"]:
            figures = [(metric["metric"], metric["value"]) for metric in case["trials"][0]["metrics"]]
            self.assertEqual([name for name, _ in figures], [case["params"]["operation"]])
            self.assertGreater(figures[0][1], 0)

    def test_a_panic_is_told(self):
        process, words = self.run_guest("guest", "qemu", SUITE, options="rdinit=/nowhere root=/dev/none")
        self.assertEqual(process.returncode, 1, words)
        self.assertIn("kernel panic: ", words)
        self.assertEqual(len(glob.glob(os.path.join(self.folder, "out", "*.console.log"))), 1)
        self.assertEqual(self.records(), [])
        self.check_nothing_left()

    def test_a_deadline_ends_it(self):
        process, words = self.run_guest("guest", "qemu", SUITE, deadline="2s")
        self.assertEqual(process.returncode, 1, words)
        self.assertRegex(words, "had not (ended|reached its first process) after 2 s and was killed")
        self.check_nothing_left()

    def test_a_guest_killed_in_mid_run(self):
        process = self.start("guest", "qemu", SUITE)
        words = self.signal_guest(process, "measuring", signal.SIGKILL)
        words += process.communicate(timeout=300)[1]
        self.assertEqual(process.returncode, 1, words)
        self.assertIn("killed by signal 9", words)
        self.assertEqual(self.records(), [])
        self.check_nothing_left()

    def test_what_is_wrong_is_told(self):
        process, words = self.run_guest("guest", "qemu", SUITE, launcher="qemu-tgc", vcpus=0, memory="1MiB")
        self.assertEqual(process.returncode, 2, words)
        for part in ("qemu-tgc", "vcpus", "memory"):
            self.assertIn(part, words)


if __name__ == "__main__":
    guests.main()
