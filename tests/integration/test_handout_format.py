# SPDX-License-Identifier: GPL-3.0-or-later
"""The disk by which a record leaves a guest, against a second implementation that is written from the format's
description (runner/guest/exchange/handout.h): what either writes the other reads, and of damaged disks both say the
same."""
import hashlib
import json
import random
import re

import harness
from call_log import Observed

SECTOR = 512
DISK = 64 * 1024 * 1024
HEAD = re.compile(rb"vmsuite-record ([1-9][0-9]*) ([0-9a-f]{64})\n\Z")


def oracle_write(content):
    head = b"vmsuite-record %d %s\n" % (len(content), hashlib.sha256(content).hexdigest().encode())
    return head.ljust(SECTOR, b"\0") + content


def oracle_read(disk):
    """The record's text, or None where there is no whole one."""
    if len(disk) < SECTOR:
        return None
    found = HEAD.match(disk[:SECTOR].split(b"\0")[0])
    if not found or int(found[1]) > DISK - SECTOR:
        return None
    content = disk[SECTOR:SECTOR + int(found[1])]
    whole = len(content) == int(found[1]) and hashlib.sha256(content).hexdigest().encode() == found[2]
    return content if whole else None


class Format(harness.Case):
    def setUp(self):
        super().setUp()
        configuration = self.configuration(harness.benchmark("testgood"), suite={"trials": 1})
        self.content = self.run_program("run", configuration, "--output", "-", "--quiet")[0].encode()
        self.disk = self.folder / "disk"

    def collect(self, disk):
        """Whether the program takes the disk for whole."""
        self.disk.write_bytes(disk)
        process = self.start("guest", "collect", "disk", "--output", "out")
        _, err = process.communicate(timeout=harness.PATIENCE)
        self.assertIn(process.returncode, (0, 1), err)
        self.assertEqual(process.returncode == 0, err == "", err)
        return process.returncode == 0

    def test_what_the_program_writes(self):
        generator = random.Random(1)
        for size in (1, 2, 511, 512, 513, 4095, 65537, DISK - SECTOR):
            content = generator.randbytes(size)
            (self.folder / "record").write_bytes(content)
            self.disk.write_bytes(b"\xff" * (2 * SECTOR))
            self.run_program("guest", "hand-out", "record", "disk")
            self.assertEqual(oracle_read(self.disk.read_bytes()), content)
        for size in (0, DISK - SECTOR + 1):
            (self.folder / "record").write_bytes(b"x" * size)
            self.disk.write_bytes(b"")
            self.run_program("guest", "hand-out", "record", "disk", status=1)
            self.assertEqual(self.disk.read_bytes(), b"")

    def test_what_the_program_reads(self):
        self.assertTrue(self.collect(oracle_write(self.content)))
        self.assertEqual(self.record("out"), json.loads(self.content))
        self.assertTrue(self.collect(oracle_write(self.content) + b"what was there before"))

    def test_damaged_disks(self):
        whole, generator = oracle_write(self.content), random.Random(2)
        end = whole.index(b"\n") + 1
        damaged = [whole[:length] for length in (0, 1, SECTOR - 1, SECTOR, len(whole) - 1)]
        for place in [*range(end), *(generator.randrange(SECTOR, len(whole)) for _ in range(20))]:
            damaged.append(whole[:place] + bytes([whole[place] ^ 1 << generator.randrange(8)]) + whole[place + 1:])
        size = b"%d" % len(self.content)
        for other in (b"0" + size, b"+" + size, b" " + size, b"-1", b"0", size + b"0", b"18446744073709551617", b""):
            damaged.append(whole.replace(size, other, 1)[:SECTOR].ljust(SECTOR, b"\0")[:SECTOR] + self.content)
        damaged.append(whole[:end - 1] + b" \n".ljust(SECTOR - end + 1, b"\0") + self.content)
        for disk in damaged:
            self.assertEqual(self.collect(disk), oracle_read(disk) is not None, disk[:120])


class Order(Observed):
    def test_the_head_comes_last(self):
        """A guest that dies at any moment leaves no head before its record: that is safe first, then the head."""
        (self.folder / "record").write_bytes(b"x" * 3 * SECTOR)
        (self.folder / "disk").write_bytes(b"\xff" * SECTOR)
        self.run_program("guest", "hand-out", "record", "disk")
        calls = [call for call in self.calls() if call.path.endswith("/disk")]
        self.assertEqual([call.name for call in calls], ["open", "write", "fsync", "write", "fsync"])
        self.assertEqual([call.rest for call in calls if call.name == "write"], [[str(SECTOR)], ["0"]])


if __name__ == "__main__":
    harness.main()
