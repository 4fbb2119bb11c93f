# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of guests share."""
import contextlib
import filecmp
import glob
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import harness

# The slowest boots of a test, on a busy machine.
PATIENCE = 1500
# Whether the appliance has the driver that times what only a kernel may do: its headers could be fetched.
BUILT = {"driver": True}
# Debian's kernel as settings of a guest, once it was found: each boot would look its package up and read all of its drivers
# again, which takes longer than many of these boots.
KERNEL = {}
# On a busy machine an emulated timer is late, and a kernel that tries it panics.
NO_TIMER_CHECK = "no_timer_check"
# Any file, where a program plays the guest: nothing boots it.
NO_KERNEL = {"kernel": "/bin/true"}


class Case(unittest.TestCase):
    """A folder of its own, in which the guests' files lie, and the records in its folder "out"."""

    launcher = "qemu-tcg"
    kernel = KERNEL

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="vmsuite-guest-test-", dir="/var/tmp")
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.environment = dict(os.environ, TMPDIR=self.folder)

    def start(self, name, virtualization, suite, **guest):
        """`kernel` in place of the usual one; None: what the program takes where none is given."""
        kernel = {} if "kernel" in guest else self.kernel
        if self.kernel is not NO_KERNEL:
            guest["options"] = " ".join([NO_TIMER_CHECK, *filter(None, [guest.get("options")])])
        guest = {"launcher": self.launcher, "disk": "64MiB", "deadline": "400s", **kernel, **guest}
        configuration = {"configuration": name, "expect": {"virtualization": virtualization}, "suite": suite,
                         "guest": {key: value for key, value in guest.items() if value is not None}}
        path = os.path.join(self.folder, name + ".json")
        with open(path, "w") as file:
            json.dump(configuration, file)
        process = subprocess.Popen([harness.PROGRAM, "run", path, "--output", os.path.join(self.folder, "out")],
                                   env=self.environment, stderr=subprocess.PIPE, text=True)
        self.addCleanup(harness.end, process)
        return process

    def run_guest(self, *arguments, **guest):
        process = self.start(*arguments, **guest)
        return process, process.communicate(timeout=PATIENCE)[1]

    def put_in_place(self, program, *names):
        """Has the program found before those that are called so, and tells it what to hand out: it plays the guest."""
        self.kernel = NO_KERNEL
        tools = os.path.join(self.folder, "bin")
        os.mkdir(tools)
        for name in names:
            os.symlink(program, os.path.join(tools, name))
        self.environment["PATH"] = tools + ":" + os.environ["PATH"]
        self.environment["FAKE_DISK"] = os.path.join(self.folder, "disk")

    @staticmethod
    def write(path, content):
        with open(path, "wb") as file:
            file.write(content)

    def hand_out_whole(self, suite):
        """The disk of a guest that hands a whole record out."""
        path = os.path.join(self.folder, "here.json")
        self.write(path, json.dumps({"configuration": "guest", "suite": suite}).encode())
        record = subprocess.run([harness.PROGRAM, "run", path, "--output", "-", "--quiet"], check=True,
                                stdout=subprocess.PIPE).stdout
        head = f"vmsuite-record {len(record)} {hashlib.sha256(record).hexdigest()}\n".encode()
        self.write(self.environment["FAKE_DISK"], head.ljust(512, b"\0") + record)

    def records(self):
        return glob.glob(os.path.join(self.folder, "out", "*.json"))

    def record(self):
        records = self.records()
        self.assertEqual(len(records), 1)
        with open(records[0]) as file:
            return json.load(file)

    @staticmethod
    def signal_guest(process, words, number):
        """Sends the guest's process a signal once it has said the words; returns what was said until then."""
        said = ""
        for line in process.stderr:
            said += line
            if words in line:
                break
        Case.signal_qemu(process, number)
        return said

    @staticmethod
    def signal_qemu(process, number):
        for pid in harness.descendants(process.pid):
            with contextlib.suppress(OSError):  # it has ended meanwhile
                if pathlib.Path(f"/proc/{pid}/comm").read_text().startswith("qemu"):
                    os.kill(pid, number)

    def check_nothing_left(self):
        self.assertEqual(glob.glob(os.path.join(self.folder, "vmsuite-guest-*")), [])
        for process in glob.glob("/proc/[0-9]*/cmdline"):
            try:
                with open(process) as file:
                    self.assertNotIn(self.folder + "/vmsuite-guest", file.read())
            except (FileNotFoundError, ProcessLookupError):
                pass

    def check_console_kept(self):
        """After a failure: no record, the console, and nothing else."""
        self.assertEqual(self.records(), [])
        self.assertEqual(len(glob.glob(os.path.join(self.folder, "out", "*.console.log"))), 1)
        self.check_nothing_left()


def find_kernel(built):
    """Debian's kernel and drivers, where `guest build`, which has printed `built`, had unpacked them."""
    kernel = re.search(r"(?m)^ +kernel +(.*) \(", built)[1]
    same = [path for path in pathlib.Path(kernel).parents[2].glob("packages/linux-image-*/boot/vmlinuz-*")
            if filecmp.cmp(path, kernel, shallow=False)]
    package = max(same, key=lambda path: path.parents[1].stat().st_ctime).parents[1]
    drivers, = package.glob("lib/modules/*")
    return {"kernel": kernel, "drivers": str(drivers)}


def main():
    if not shutil.which("qemu-system-x86_64"):
        print("skipped: there is no qemu-system-x86_64")
        sys.exit(77)
    built = subprocess.run([harness.PROGRAM, "guest", "build"], capture_output=True, text=True)
    if built.returncode != 0:
        print("skipped: the appliance cannot be built:", built.stderr)
        sys.exit(77)
    BUILT["driver"] = "is built without the driver" not in built.stderr
    KERNEL.update(find_kernel(built.stdout))
    harness.main()
