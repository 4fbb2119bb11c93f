# SPDX-License-Identifier: GPL-3.0-or-later
"""Records that leave a guest cut short, changed, or not at all. A program in QEMU's place plays the guest: it says
what the first process says, and writes to the record's disk what the case wants."""
import hashlib
import json
import os
import subprocess

import guests
import harness

SUITE = {"suite": "tiny", "trials": 1, "warmup": 0, "benchmarks": [
    {"group": "cpu", "module": "linpack", "params": {"seconds": "50ms"}}]}


class Handout(guests.Case):
    def setUp(self):
        super().setUp()
        self.put_in_place(harness.BUILD / "tests" / "fakes" / "fake-qemu", "qemu-system-x86_64")

    def hand_out(self, content, told=None):
        """What `run` says where the guest writes `content`, and tells that it was `told`."""
        told = content if told is None else told
        head = f"vmsuite-record {len(told)} {hashlib.sha256(told).hexdigest()}\n".encode()
        return self.hand_out_raw(head.ljust(512, b"\0") + content)

    def hand_out_raw(self, disk):
        self.write(self.environment["FAKE_DISK"], disk)
        process, words = self.run_guest("guest", "qemu", SUITE)
        self.assertEqual(process.returncode, 1, words)
        self.check_console_kept()
        return words

    def test_whole(self):
        self.hand_out_whole(SUITE)
        process, words = self.run_guest("guest", "qemu", SUITE)
        self.assertEqual(process.returncode, 0, words)
        self.assertEqual(self.record()["guest"]["label"], "guest (emulated hardware)")

    def test_a_guest_of_kvm_that_counts_instructions_is_booted_again(self):
        self.hand_out_whole(SUITE)
        self.environment["FAKE_PANICS"] = "5"
        emulated = {"launcher": "emulated-host", "clock": "instructions"}
        process, words = self.run_guest("guest", "kvm", SUITE, kind="kvm", **emulated)
        self.assertEqual(process.returncode, 0, words)
        for boot in (2, 3, 4, 5, 6):
            self.assertIn(f"booting it again ({boot} of at most 6 boots): kernel panic: double fault", words)
        self.assertIn("the guest hung or panicked at its first boot and was booted again (6 boots in all)",
                      self.record()["warnings"])
        os.remove(self.environment["FAKE_DISK"] + ".boots")
        self.environment["FAKE_PANICS"] = "9"
        process, words = self.run_guest("guest", "kvm", SUITE, kind="kvm", **emulated)
        self.assertEqual(process.returncode, 1, words)
        self.assertEqual(words.count("booting it again"), 5)
        os.remove(self.environment["FAKE_DISK"] + ".boots")
        process, words = self.run_guest("guest", "xen-pv", SUITE, kind="xen-pv", **emulated)
        self.assertEqual(process.returncode, 1, words)
        self.assertIn("kernel panic: double fault", words)

    def test_a_guest_without_memory_is_told_how_much(self):
        self.environment |= {"FAKE_PANICS": "1", "FAKE_PANIC": "System is deadlocked on memory"}
        self.assertRegex(self.hand_out(b"{}"), r'its memory \(512 MiB\) is too small: give it "memory": "\d+MiB"; '
                                               "kernel panic: System is deadlocked on memory")

    def test_cut_short(self):
        self.assertIn("its checksum is not the one that the guest reported", self.hand_out(b"{}", b"{}" * 500))

    def test_changed_on_its_way(self):
        self.assertIn("its checksum is not the one that the guest reported", self.hand_out(b"{ }", b"{}}"))

    def test_no_record(self):
        self.assertIn("not a complete record", self.hand_out(b"{}"))

    def test_no_json(self):
        self.assertIn("is not JSON", self.hand_out(b"<html>"))

    def test_nothing(self):
        self.assertIn("the guest did not hand out a record", self.hand_out_raw(b""))

    def test_no_head(self):
        self.assertIn("has no valid header", self.hand_out_raw(b"x" * 4096))


if __name__ == "__main__":
    guests.main()
