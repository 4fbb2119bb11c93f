# SPDX-License-Identifier: GPL-3.0-or-later
"""The appliance as others take it: built twice into two caches, the same bytes; its CD booted in QEMU, from a
drive with a job, and copied to a disk without one. Exit 77: skipped, the reason is told."""
import filecmp
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import harness

FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="vmsuite-image-test-", dir="/var/tmp"))
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
SUITE = {"suite": "tiny", "trials": 2, "warmup": 0, "benchmarks": [
    {"group": "cpu", "module": "linpack", "params": {"n": 100, "seconds": "100ms"}},
    {"group": "disk", "module": "block", "params": {"block_size": "4KiB", "file_size": "1MiB"}}]}
DEADLINE_S = 900


def call(*arguments, cache, **options):
    environment = dict(os.environ, XDG_CACHE_HOME=str(cache), **options)
    return subprocess.run([harness.PROGRAM, *map(str, arguments)], env=environment, capture_output=True,
                          text=True)


def link_or_copy(source, target):
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:  # another file system
        shutil.copy2(source, target, follow_symlinks=False)


def build(name, **options):
    """Builds into a cache of its own, which begins with a copy of the packages that the user's has. (A link would be refused.)"""
    cache = FOLDER / name
    (cache / "vmsuite").mkdir(parents=True, mode=0o700)
    if (CACHE / "vmsuite" / "packages").is_dir():
        shutil.copytree(CACHE / "vmsuite" / "packages", cache / "vmsuite" / "packages", symlinks=True,
                        copy_function=link_or_copy)
    return call("guest", "build", "--iso", FOLDER / f"{name}.iso", "--directory", FOLDER / f"{name}-files",
                cache=cache, **options)


def boot(*disks):
    """Boots QEMU to its end with `disks` as further words, and returns what its console said."""
    words = ["qemu-system-x86_64", "-nodefaults", "-no-reboot", "-display", "none", "-serial", "stdio", "-M",
             "pc", "-accel", "tcg", "-m", "512", *disks]
    for _ in range(5):
        said = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
                              timeout=DEADLINE_S).stdout
        if "IO-APIC + timer doesn't work" not in said:  # an emulated timer that was late on a busy machine
            break
    return said


def disk(path, device):
    return ["-drive", f"file={path},if=none,id={path.stem},format=raw", "-device",
            f"{device},drive={path.stem}"]


class Image(unittest.TestCase):
    def test_the_same_input_gives_the_same_bytes(self):
        self.assertTrue(filecmp.cmp(FOLDER / "one.iso", FOLDER / "two.iso", shallow=False))
        for first, second in (("one/vmsuite/appliances", "two/vmsuite/appliances"),
                              ("one-files", "two-files")):
            files = sorted(path.relative_to(FOLDER / first) for path in (FOLDER / first).rglob("*")
                           if path.is_file())
            self.assertEqual(files, sorted(path.relative_to(FOLDER / second)
                                           for path in (FOLDER / second).rglob("*") if path.is_file()))
            self.assertGreaterEqual(len(files), 4)
            same, other, errors = filecmp.cmpfiles(FOLDER / first, FOLDER / second, map(str, files),
                                                   shallow=False)
            self.assertEqual((other, errors), ([], []))

    def test_the_files_are_what_their_sums_say(self):
        subprocess.run(["sha256sum", "--quiet", "--check", "SHA256SUMS"], cwd=FOLDER / "one-files", check=True)

    def test_the_callers_kernel_is_kept(self):
        """The cache holds a copy, so that it does not depend on a file that goes; and mends what is not whole."""
        caller, cache = FOLDER / "caller-vmlinuz", FOLDER / "three"
        for _ in range(2):
            caller.write_bytes(b"a kernel of the caller's")
            result = call("guest", "build", "--kernel", caller, cache=cache)
            self.assertEqual(result.returncode, 0, result.stderr)
            caller.unlink()
            kept, = (cache / "vmsuite" / "appliances").glob("*/vmlinuz")
            self.assertEqual(kept.read_bytes(), b"a kernel of the caller's")
            kept.unlink()

    def test_a_cd_that_cannot_be_written_is_told_and_nothing_is_left(self):
        result = call("guest", "build", "--iso", "/nowhere/x.iso", cache=FOLDER / "one")
        self.assertEqual(result.returncode, 1)
        self.assertIn("/nowhere", result.stderr)
        self.assertEqual(list((FOLDER / "one" / "vmsuite" / "images").glob(".draft*")), [])

    def test_the_cd_boots_finds_its_job_and_hands_its_record_out(self):
        configuration = FOLDER / "carried.json"
        configuration.write_text(json.dumps({"configuration": "carried", "suite": SUITE,
                                             "expect": {"virtualization": "qemu"}}))
        result = call("guest", "job", configuration, "--directory", FOLDER / "job", cache=FOLDER / "one")
        self.assertEqual(result.returncode, 0, result.stderr)
        words = boot("-cdrom", str(FOLDER / "one.iso"), *disk(FOLDER / "job" / "job.img", "ide-hd"),
                     *disk(FOLDER / "job" / "record.img", "virtio-blk-pci"))
        self.assertIn("vmsuite-init: power off", words)
        result = call("guest", "collect", FOLDER / "job" / "record.img", "--output", FOLDER / "out",
                      cache=FOLDER / "one")
        self.assertEqual(result.returncode, 0, result.stderr + words)
        record, = [json.loads(path.read_text()) for path in (FOLDER / "out").glob("*.json")]
        self.assertEqual(record["status"], "ok")
        self.assertEqual(record["configuration"], "carried")
        self.assertEqual([len(case["trials"]) for case in record["cases"]], [2, 2])
        again = call("check", *(FOLDER / "out").glob("*.json"), cache=FOLDER / "one")
        self.assertEqual(again.returncode, 0, again.stderr)

    def test_the_cd_copied_to_a_disk_boots_and_tells_that_it_has_no_job(self):
        words = boot(*disk(FOLDER / "two.iso", "ide-hd"))
        self.assertIn("vmsuite-init: failed: there is no job", words)
        self.assertIn("vmsuite-init: power off", words)

    def test_an_empty_disk_is_no_record(self):
        empty = FOLDER / "empty.img"
        with open(empty, "wb") as file:
            file.truncate(1 << 20)
        result = call("guest", "collect", empty, cache=FOLDER / "one")
        self.assertEqual(result.returncode, 1)
        self.assertIn("no valid header", result.stderr)


if __name__ == "__main__":
    for tool in ("qemu-system-x86_64", "xorriso"):
        if not shutil.which(tool):
            print(f"skipped: there is no {tool}")
            sys.exit(77)
    try:
        built = [build("one"), build("two", TZ="Asia/Tokyo", LC_ALL="C")]
        if any("apt-get" in result.stderr for result in built if result.returncode):
            print("skipped: a package cannot be had:", *[result.stderr.replace("\n", " ") for result in built])
            sys.exit(77)
        if any(result.returncode for result in built):
            sys.exit("the image cannot be built: " + " ".join(result.stderr for result in built))
        unittest.main(verbosity=2)
    finally:
        shutil.rmtree(FOLDER, True)
