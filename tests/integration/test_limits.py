# SPDX-License-Identifier: GPL-3.0-or-later
"""Small limits of a process (ulimit): what is asked for comes out as without them, or an error says what was missing. No signal
ends the program, and nothing is left that a next run would not remove."""
import contextlib
import json
import os
import resource
import shutil
import subprocess
import unittest

from harness import PATIENCE, PROGRAM, SANITIZER, SOURCE, Case, benchmark, main

GOLDEN = SOURCE / "tests" / "golden" / "record.json"
NOBODY = 65534
KIB, MIB = 1 << 10, 1 << 20
LIMITS = {
    "RLIMIT_STACK": [KIB * size for size in (32, 64, 128, 256, 512, 1024)],
    "RLIMIT_NOFILE": [3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 20, 24, 32, 48],
    "RLIMIT_NPROC": [0, 1, 2, 3, 4],
    "RLIMIT_AS": [MIB * size for size in (16, 24, 32, 48, 64, 96, 128, 192, 256)],
    "RLIMIT_DATA": [0, KIB * 256, MIB, MIB * 4, MIB * 16, MIB * 64],
    "RLIMIT_FSIZE": [0, 100, 4 * KIB],
    "RLIMIT_MEMLOCK": [0, 4 * KIB],
}
# As a loader says it that gets no room for a library, before there is a program.
NO_PROGRAM = ("error while loading shared libraries", "cannot allocate memory", "cannot create")


@unittest.skipIf(SANITIZER != "none", "skipped: the sanitizer takes memory and files of its own")
class Limits(Case):
    def setUp(self):
        super().setUp()
        other = json.loads(GOLDEN.read_text())
        other["run_id"] = other["run_id"][:-1] + ("0" if other["run_id"][-1] != "0" else "1")
        self.other = self.write("other.json", other)
        self.configuration(benchmark("testgood"), benchmark("testecho"), suite={"trials": 2})
        self.folder.chmod(0o777)

    def limited(self, which, limits, arguments):
        number = getattr(resource, which)

        def limit():
            if which == "RLIMIT_NPROC":  # root may have as many as it wants
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            resource.setrlimit(number, limits)

        return subprocess.run(arguments, capture_output=True, text=True, cwd=self.folder, env=self.environment,
                              stdin=subprocess.DEVNULL, preexec_fn=limit, timeout=PATIENCE)

    def try_all(self, *arguments, output=None, leaves=()):
        """`output`: the file in which the result is, else it is on stdout. A limit under which no program starts is passed over."""
        def result(done):
            with contextlib.suppress(OSError):
                return (self.folder / output).read_text() if output else done.stdout
            return None

        before = {path.name for path in self.folder.iterdir()}
        base = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, cwd=self.folder, env=self.environment)
        self.assertEqual(base.returncode, 0, base.stderr)
        right, worked = result(base), 0
        for which, sizes in LIMITS.items():
            if which == "RLIMIT_NPROC" and (os.geteuid() != 0 or not os.access(PROGRAM, os.X_OK)):
                continue
            for size in sizes:
                for limits in ((size, size), (size, resource.getrlimit(getattr(resource, which))[1])):
                    with self.subTest(which=which, limits=limits):
                        self.clear(before)
                        with contextlib.suppress(OSError, subprocess.SubprocessError):
                            if self.limited(which, limits, ["/bin/true"]).returncode != 0:
                                continue
                            done = self.limited(which, limits, [PROGRAM, *map(str, arguments)])
                            worked += done.returncode == 0
                            self.judge(done, right, result(done), leaves, before)
        self.assertGreater(worked, 10)
        self.clear(before)

    def clear(self, before):
        for path in self.folder.iterdir():
            if path.name not in before:
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def judge(self, done, right, made, leaves, before):
        if done.returncode == 127 and any(words in done.stderr for words in NO_PROGRAM):
            return
        self.assertIn(done.returncode, (0, 1, 2), done)
        if done.returncode == 0 and right is not None:
            self.assertEqual("".join(line for line in made.splitlines(True) if "The estimate is incomplete: " not in line), right)
        if done.returncode != 0 and not self.reasons():
            self.assertGreater(len(done.stderr.strip()), 12, done)
        left = {path.name for path in self.folder.iterdir()} - before - set(leaves)
        self.assertEqual(left, set(), done)

    def reasons(self):
        """Of cases that a run had to give up, each with its own in a record."""
        cases = [case for path in self.folder.glob("vmsuite-results/*.json") for case in json.loads(path.read_text())["cases"]]
        return cases and all(case["status"] == "ok" or len(case["reason"]) > 12 for case in cases)

    def test_what_reads(self):
        self.try_all("list")
        self.try_all("check", GOLDEN, "here.json")
        self.try_all("compare", GOLDEN, self.other, "--format", "json")

    def test_what_writes(self):
        self.try_all("report", GOLDEN, "-o", "page.html", output="page.html", leaves=("page.html",))
        self.try_all("export", GOLDEN, "--format", "csv", "-o", "cells.csv", output="cells.csv", leaves=("cells.csv",))
        self.try_all("run", "here.json", "--dry-run")

    def test_a_run(self):
        self.try_all("run", "here.json", "--quiet", output="no such file", leaves=("vmsuite-results",))


if __name__ == "__main__":
    main()
