#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs every fuzz target for a time, and prints how many runs a second each made and what it found.

usage: campaign.py BUILD MINUTES [TARGET...]
Targets are run as their tests are, in pieces of a minute; what a piece did is noted in BUILD/tests/fuzz/found. Begun again, it
goes on with what is missing; what was found by a run stays, as crash-*, timeout-*, oom-* and leak-* in the target's folder there.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys

PIECE_S = 60


def commands(build):
    """The tests' commands by name, in alphabetical order."""
    said = subprocess.run(["meson", "introspect", "--tests", build], check=True, capture_output=True, text=True).stdout
    tests = {test["name"].removeprefix("fuzz_"): test["cmd"] for test in json.loads(said) if test["name"].startswith("fuzz_")}
    return dict(sorted(tests.items()))


class Target:
    def __init__(self, build, name, command):
        self.name = name
        self.folder = build / "tests" / "fuzz" / "found" / name
        self.note = self.folder.with_suffix(".json")
        self.done = json.loads(self.note.read_text()) if self.note.exists() else {"seconds": 0, "runs": 0, "failed": 0}
        self.command = [word for word in command if not re.match(r"-(runs|seed)=", word)]

    def run(self, seconds):
        process = subprocess.run([*self.command, f"-max_total_time={seconds}", "-print_final_stats=1",
                                  f"-artifact_prefix={self.folder}/"], capture_output=True, text=True, errors="replace", check=False)
        runs = re.search(r"stat::number_of_executed_units: *(\d+)", process.stderr)
        self.done["seconds"] += seconds
        self.done["runs"] += int(runs.group(1)) if runs else 0
        self.done["failed"] += process.returncode != 0
        self.note.write_text(json.dumps(self.done))
        if process.returncode != 0:
            print(f"{self.name}: {process.stderr[-2000:]}", file=sys.stderr)

    def findings(self):
        return sorted(path.name for kind in ("crash", "timeout", "oom", "leak") for path in self.folder.glob(f"{kind}-*"))

    def row(self):
        seconds, runs = self.done["seconds"], self.done["runs"]
        return f"{self.name:14} {seconds / 60:7.1f} {runs:13,} {runs // max(seconds, 1):9,}  {', '.join(self.findings()) or 'none'}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("minutes", type=float)
    parser.add_argument("targets", nargs="*")
    arguments = parser.parse_args()
    targets = [Target(arguments.build.resolve(), name, command) for name, command in commands(arguments.build).items()
               if not arguments.targets or name in arguments.targets]
    for target in targets:
        while target.done["seconds"] < arguments.minutes * 60 and not target.findings() and not target.done["failed"]:
            target.run(min(PIECE_S, max(1, round(arguments.minutes * 60 - target.done["seconds"]))))
    print(f"{'target':14} {'minutes':>7} {'runs':>13} {'a second':>9}  findings", *(target.row() for target in targets), sep="\n")
    return 1 if any(target.findings() or target.done["failed"] for target in targets) or not targets else 0


if __name__ == "__main__":
    sys.exit(main())
