# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped CI job: it passes where nothing changed, fails where it got slower, and writes a summary."""
import json
import os
import subprocess

from harness import PROGRAM, SOURCE, Case, benchmark, main


class Gate(Case):
    def gate(self, *arguments, status):
        summary = self.folder / "summary.md"
        environment = dict(self.environment, PATH=f"{PROGRAM.parent}:{self.environment['PATH']}",
                           SUMMARY=str(summary), RUNS="2")
        done = subprocess.run([SOURCE / "results" / "ci" / "gate.sh", *map(str, arguments)], cwd=self.folder,
                              env=environment, capture_output=True, text=True)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr, summary.read_text() if summary.exists() else ""

    def test_same_slower_and_wrong_use(self):
        # A module that measures nothing: what is the same is the same beside any load.
        same = self.configuration(benchmark("testgood", params={"value": 1000}), name="same", suite={"trials": 10})
        self.run_program("run", same, "--output", "baseline")
        baseline = next((self.folder / "baseline").glob("*.json"))
        _, summary = self.gate(baseline, "--", same, status=0)
        self.assertIn("**Gate passed", summary)
        # A baseline that was a hundred times as fast, and steady.
        faster = self.record("baseline")
        for trial in faster["cases"][0]["trials"]:
            trial["metrics"][0]["value"] = 100000 * (1 + 0.001 * trial["trial"])
            trial["flags"] = []
        _, summary = self.gate(self.write("faster.json", faster), "--", same, status=1)
        self.assertIn("**Gate failed: 1 above the limit", summary)
        self.assertIn("above the limit of 5%** |", summary)
        out, _ = self.gate("absent.json", "--", same, status=2)
        self.assertIn("absent.json", out)


# Plays vmsuite: notes each call as a line of JSON, leaves an empty record of a run, and ends with the status that it is given.
STAND_IN = """#!/usr/bin/python3 -IS
import json, os, pathlib, sys
words = sys.argv[1:]
with open(os.environ["CALLS"], "a") as calls:
    calls.write(json.dumps(words) + "\\n")
if words[0] == "run":
    folder = pathlib.Path(words[words.index("--output") + 1])
    (folder / f"{len(list(folder.iterdir()))}.json").touch()
print(words[0])
name = "run" if words[0] == "run" else "gate" if "--fail-above" in words else "summary"
sys.exit(int(os.environ.get(f"STATUS_{name}", "0")))
"""


class WhatItAsks(Case):
    """Which commands the job gives, with a program in vmsuite's place that only notes them."""

    def setUp(self):
        super().setUp()
        tools, self.temporary, self.calls = self.folder / "tools", self.folder / "tmp", self.folder / "calls"
        tools.mkdir()
        self.temporary.mkdir()
        (tools / "vmsuite").write_text(STAND_IN)
        (tools / "vmsuite").chmod(0o755)
        self.environment = {"PATH": f"{tools}:{os.environ['PATH']}", "TMPDIR": str(self.temporary), "CALLS": str(self.calls)}
        self.write("base.json", "{}")

    def gate(self, *arguments, status=0, **environment):
        """The calls, the runs' folder written as DIR, and what was printed; the folder is removed in each case."""
        self.calls.write_text("")
        done = subprocess.run([SOURCE / "results" / "ci" / "gate.sh", *arguments], cwd=self.folder,
                              env={**self.environment, **environment}, capture_output=True, text=True)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.assertEqual(list(self.temporary.iterdir()), [])
        calls = [json.loads(line) for line in self.calls.read_text().splitlines()]
        folder = calls[0][2] if calls else "none"
        return [[word.replace(folder, "DIR") for word in words] for words in calls], done.stdout + done.stderr

    RUN = ["run", "--output", "DIR", "--suite", "a b"]

    @staticmethod
    def compared(n, *more):
        return ["compare", "base.json", *(f"DIR/{i}.json" for i in range(n)), *more]

    def test_without_variables(self):
        calls, out = self.gate("base.json", "--", "--suite", "a b")
        self.assertEqual(calls, [self.RUN] * 3 + [self.compared(3, "--fail-above", "5%")])
        self.assertEqual(out.split(), ["run", "run", "run", "compare"])
        calls, _ = self.gate("base.json", RUNS="1")
        self.assertEqual(calls, [self.RUN[:3], self.compared(1, "--fail-above", "5%")])

    def test_variables(self):
        for names in (["SUMMARY"], ["GITHUB_STEP_SUMMARY"], ["SUMMARY", "GITHUB_STEP_SUMMARY"]):
            first = self.write("first.md", "before\n")
            other = self.write("other.md", "")
            files = dict(zip(names, map(str, (first, other))))
            calls, out = self.gate("base.json", "--", "--suite", "a b", RUNS="2", LIMIT="2.5%", **files)
            self.assertEqual(calls, [self.RUN] * 2 + [self.compared(2, "--format", "markdown", "--fail-above", "2.5%"),
                                                      self.compared(2, "--fail-above", "2.5%")])
            self.assertEqual((first.read_text(), other.read_text()), ("before\ncompare\n", ""))
            self.assertEqual(out.split(), ["run", "run", "compare"])

    def test_how_it_ends(self):
        for status in (1, 3, 4):
            calls, _ = self.gate("base.json", "--", status=status, RUNS="1", STATUS_gate=str(status))
            self.assertEqual(len(calls), 2)
            calls, _ = self.gate("base.json", "--", status=status, RUNS="2", STATUS_run=str(status))
            self.assertEqual(calls, [self.RUN[:3]])

    def test_wrong_use_runs_nothing(self):
        for arguments in ([], ["--", "base.json"], ["absent.json", "--"]):
            calls, out = self.gate(*arguments, status=2)
            self.assertEqual(calls, [])
            self.assertIn(f"gate.sh: {arguments[0] if arguments else ''}: no such record; usage: ", out)


if __name__ == "__main__":
    main()
