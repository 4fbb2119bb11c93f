# SPDX-License-Identifier: GPL-3.0-or-later
"""Records that leave a guest cut short, changed, or not at all. A program in QEMU's place plays the guest: it says
what the first process says, and writes to the record's disk what the case wants."""
import hashlib
import os

import guests

SUITE = {"suite": "tiny", "trials": 1, "warmup": 0, "benchmarks": [
    {"group": "cpu", "module": "linpack", "params": {"seconds": "50ms"}}]}

FAKE = """#!/usr/bin/python3
import os, re, sys
for word in sys.argv[1:]:
    found = re.match("file=([^,]*),if=none,id=record", word)
    if found:
        with open(found.group(1), "r+b") as disk, open(os.environ["FAKE_DISK"], "rb") as content:
            disk.write(content.read())
for words in ("ready", "measuring", "measured, exit status 0", "power off"):
    print("vmsuite-init: " + words, flush=True)
"""


class Handout(guests.Case):
    def setUp(self):
        super().setUp()
        tools = os.path.join(self.folder, "bin")
        os.mkdir(tools)
        self.write(os.path.join(tools, "qemu-system-x86_64"), FAKE.encode())
        os.chmod(os.path.join(tools, "qemu-system-x86_64"), 0o755)
        self.environment["PATH"] = tools + ":" + os.environ["PATH"]
        self.environment["FAKE_DISK"] = os.path.join(self.folder, "disk")

    @staticmethod
    def write(path, content):
        with open(path, "wb") as file:
            file.write(content)

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

    def test_cut_short(self):
        self.assertIn("its checksum is not the one that the guest told", self.hand_out(b"{}", b"{}" * 500))

    def test_changed_on_its_way(self):
        self.assertIn("its checksum is not the one that the guest told", self.hand_out(b"{ }", b"{}}"))

    def test_no_record(self):
        self.assertIn("no whole record", self.hand_out(b"{}"))

    def test_no_json(self):
        self.assertIn("is no JSON", self.hand_out(b"<html>"))

    def test_nothing(self):
        self.assertIn("the guest handed no record out", self.hand_out_raw(b""))

    def test_no_head(self):
        self.assertIn("has no valid head", self.hand_out_raw(b"x" * 4096))


if __name__ == "__main__":
    guests.main()
