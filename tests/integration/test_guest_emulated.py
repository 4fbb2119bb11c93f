# SPDX-License-Identifier: GPL-3.0-or-later
"""Guests on the emulated host: bare and in Xen PV, measured and handed out; then each way of failing, which has to
be told and to leave nothing. Exit 77: skipped, the reason is told."""
import signal

import guests

MEASURED = {"suite": "emulated", "trials": 2, "warmup": 0, "benchmarks": [
    {"group": "cpu", "module": "linpack",
     "params": {"n": 100, "precision": "single", "solver": "reference", "seconds": "50ms"}},
    {"group": "memory", "module": "stream", "params": {"array_size": "1MiB", "repetitions": 3}},
    {"group": "disk", "module": "block", "params": {"block_size": "4KiB", "file_size": "64KiB"}},
    {"group": "tcp", "module": "tcp",
     "params": {"mode": "request-response", "message_size": 64, "seconds": "100ms"}}]}
FULL = {"suite": "full", "trials": 1, "warmup": 0, "benchmarks": [
    {"group": "disk", "module": "block", "params": {"block_size": "4KiB", "file_size": "64MiB"}},
    {"group": "cpu", "module": "linpack",
     "params": {"n": 100, "precision": "single", "solver": "reference", "seconds": "50ms"}}]}


class Emulated(guests.Case):
    launcher = "emulated-host"

    def check_record(self, kind, virtualization, hypervisor):
        record = self.record()
        guest = record["guest"]
        self.assertEqual(record["status"], "ok")
        self.assertEqual(record["environment"]["before"]["virtualization"], virtualization)
        self.assertEqual([len(case["trials"]) for case in record["cases"]], [2, 2, 2, 2])
        self.assertEqual(guest["label"], kind + " (emulated hardware)")
        self.assertEqual([layer["hypervisor"] for layer in guest["layers"][1:]], hypervisor + [None])
        self.assertIn("QEMU", guest["layers"][0]["hypervisor"])
        self.assertEqual(guest["layers"][-1]["virtualization"], virtualization)
        self.assertTrue(any("emulated hardware" in warning for warning in record["warnings"]))
        self.assertLess(0, guest["kernel_s"])
        self.assertIn("on the emulated host", guest["life_left_out"])
        self.assertEqual(["network"], [case["path"] for case in record["cases"] if case["module"] == "tcp"])

    def test_bare_linux_is_not_called_native(self):
        process, words = self.run_guest("emulated-native", "qemu", MEASURED, kind="native", backing="memory",
                                        peer="hypervisor")
        self.assertEqual(process.returncode, 0, words)
        self.check_record("native", "qemu", [])
        self.assertIsNone(self.record()["guest"]["nested"])
        # It stands for a host, and nobody pays for it.
        for case in self.record()["cases"]:
            for trial in case["trials"]:
                self.assertNotIn("host_cpu_s", [fact["key"] for fact in trial["facts"]])
        self.check_nothing_left()

    def test_a_domain_of_xen_measures_against_dom0(self):
        process, words = self.run_guest("emulated-xen-pv", "xen-pv", MEASURED, kind="xen-pv", backing="memory",
                                        peer="hypervisor")
        self.assertEqual(process.returncode, 0, words)
        self.check_record("xen-pv", "xen-pv", ["xen"])
        # What dom0 counted of each trial; exits stay in Xen.
        for case in self.record()["cases"]:
            for trial in case["trials"]:
                facts = {fact["key"]: fact["value"] for fact in trial["facts"]}
                self.assertGreaterEqual(float(facts["host_cpu_s"]), 0)
                self.assertGreaterEqual(int(facts["host_device_exits"]), 0)
                self.assertNotIn("host_exits", facts)
                self.assertGreaterEqual(int(facts["host_events_disk"]), 0)
        life = self.record()["guest"]["nested"]
        self.assertLess(0, life["boot_s"])
        self.assertLessEqual(life["boot_s"], life["ready_s"])
        self.assertLessEqual(life["ready_s"], life["answer_s"])
        self.assertLess(life["answer_s"], life["total_s"])
        if life["stop_s"] is not None:  # its last words may come when it has ended
            self.assertLessEqual(0, life["stop_s"])
        self.check_nothing_left()

    def test_what_it_is_not_is_refused(self):
        process, words = self.run_guest("emulated-native", "native", MEASURED, kind="native")
        self.assertEqual(process.returncode, 3, words)
        self.assertEqual(self.records(), [])
        self.check_nothing_left()

    def test_a_panic_in_the_domain_is_told(self):
        process, words = self.run_guest("emulated-xen-pv", "xen-pv", MEASURED, kind="xen-pv",
                                        options="rdinit=/nowhere root=/dev/none")
        self.assertEqual(process.returncode, 1, words)
        self.assertIn("kernel panic: ", words)
        self.check_console_kept()

    def test_a_panic_of_xen_is_told(self):
        # Xen cannot make dom0 of what is no kernel.
        process, words = self.run_guest("emulated-xen-pv", "xen-pv", MEASURED, kind="xen-pv", kernel=__file__)
        self.assertEqual(process.returncode, 1, words)
        self.assertIn("Xen panic: ", words)
        self.check_console_kept()

    def test_a_guest_killed_in_mid_run(self):
        process = self.start("emulated-native", "qemu", MEASURED, kind="native")
        words = self.signal_guest(process, "measuring", signal.SIGKILL)
        words += process.communicate(timeout=300)[1]
        self.assertEqual(process.returncode, 1, words)
        self.assertIn("killed by signal 9", words)
        self.check_console_kept()

    def test_a_guest_that_hangs(self):
        """On a busy machine its deadline is over before it measures, and all has been said by then."""
        process = self.start("emulated-native", "qemu", MEASURED, kind="native", deadline="30s")
        words = self.signal_guest(process, "measuring", signal.SIGSTOP)
        words += process.communicate(timeout=300)[1]
        self.assertEqual(process.returncode, 1, words)
        self.assertIn("had not ended after 30 s and was killed", words)
        self.check_console_kept()

    def test_a_guest_that_never_reaches_its_first_process(self):
        process, words = self.run_guest("emulated-native", "qemu", MEASURED, kind="native", deadline="6s",
                                        options="rdinit=/nowhere root=/dev/none rootwait")
        self.assertEqual(process.returncode, 1, words)
        self.assertIn("had not reached its first process after 6 s and was killed", words)
        self.check_console_kept()

    def test_a_full_disk_costs_its_case_alone(self):
        process, words = self.run_guest("emulated-native", "qemu", FULL, kind="native", disk="8MiB")
        self.assertEqual(process.returncode, 1, words)
        cases = {case["module"]: case for case in self.record()["cases"]}
        self.assertEqual(cases["linpack"]["trials"][0]["status"], "ok")
        self.assertNotEqual(cases["block"]["trials"][0]["status"], "ok")
        self.check_nothing_left()


if __name__ == "__main__":
    guests.main()
