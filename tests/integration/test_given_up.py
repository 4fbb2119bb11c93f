# SPDX-License-Identifier: GPL-3.0-or-later
"""Disk cases on a device that the configuration gives up: once, again, resumed, and when it holds what nobody gave up."""
import hashlib
import os
import subprocess
import unittest

from harness import Case, TOOL_FOLDERS, benchmark, main, wait_for

MIB = 1 << 20


class GivenUp(Case):
    def setUp(self):
        super().setUp()
        self.environment["PATH"] = f"{self.environment['PATH']}:{TOOL_FOLDERS}"
        self.device = self.attach(self.image("first"))

    def image(self, name):
        path = self.folder / name
        with open(path, "wb") as file:
            file.truncate(64 * MIB)
        return path

    def tool(self, *words):
        try:
            return subprocess.run([*map(str, words)], capture_output=True, text=True, check=True, env=self.environment).stdout.strip()
        except (OSError, subprocess.CalledProcessError) as error:
            raise unittest.SkipTest(f"skipped: {error} {getattr(error, 'stderr', '')}") from error

    def attach(self, image):
        """A loop device of the file; it lives as long as the test."""
        if os.geteuid() != 0:
            raise unittest.SkipTest("skipped: a loop device needs root")
        device = self.tool("losetup", "--find", "--show", image)
        self.addCleanup(subprocess.run, ["losetup", "--detach", device], env=self.environment, stderr=subprocess.DEVNULL, check=False)
        return device

    def write_configuration(self, **keys):
        params = {"device": self.device, "file_size": "2MiB", "block_size": "4KiB"}
        self.configuration(benchmark("block", params={**params, "operation": "randwrite"}), benchmark("block", group="whole", params=params),
                           destroys=self.device, **keys)

    def assert_refused(self, image, words, *options):
        before = hashlib.sha256(image.read_bytes()).hexdigest()
        _, err = self.run_program("run", "here.json", *options, status=2)
        self.assertIn(words, err)
        self.assertIn("nothing was written", err)
        self.assertEqual(hashlib.sha256(image.read_bytes()).hexdigest(), before)

    def test_again_and_again(self):
        """The second run finds the first one's data, and what is left of the file system behind it."""
        self.tool("mke2fs", "-q", "-F", "-t", "ext4", self.device)
        self.write_configuration(device={"holds": "ext4"})
        self.run_program("run", "here.json")
        self.run_program("run", "here.json")
        self.write_configuration()
        self.run_program("run", "here.json")
        for record in self.records():
            self.assertEqual([case["status"] for case in record["cases"]], ["ok", "ok"])

    def test_only_the_beginning_is_blank(self):
        self.tool("mke2fs", "-q", "-F", "-t", "ext4", self.device)
        self.tool("dd", "if=/dev/zero", f"of={self.device}", "bs=4096", "count=1", "conv=fsync")
        for claim in ({}, {"device": {"holds": "ext4"}}):
            self.write_configuration(**claim)
            self.assert_refused(self.folder / "first", "of a kind that is not recognised")
        self.write_configuration(device={"holds": "data"})
        self.run_program("run", "here.json")

    def test_another_disk_has_the_name_when_it_is_resumed(self):
        params = {"device": self.device, "file_size": "2MiB", "block_size": "4KiB"}
        self.configuration(benchmark("block", params=params), suite={"trials": 2000}, destroys=self.device)
        process = self.start("run", "here.json")
        output = self.folder / "vmsuite-results"
        wait_for(lambda: any(path.read_text().count("\n") > 2 for path in output.glob("*.journal.jsonl")), "trials", process)
        process.terminate()
        process.communicate()
        self.tool("losetup", "--detach", self.device)
        other = self.image("other")
        self.tool("mke2fs", "-q", "-F", "-t", "ext4", other)
        self.tool("losetup", self.device, other)
        self.assert_refused(other, "holds something (ext4)", "--resume")
        self.tool("losetup", "--detach", self.device)
        self.tool("losetup", self.device, self.folder / "first")
        process = self.start("run", "here.json", "--resume")
        trials = sum(path.read_text().count("\n") for path in output.glob("*.journal.jsonl"))
        wait_for(lambda: sum(path.read_text().count("\n") for path in output.glob("*.journal.jsonl")) > trials, "more trials", process)
        process.terminate()
        process.communicate()


if __name__ == "__main__":
    main()
