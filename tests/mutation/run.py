#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts small faults into a copy of the sources, one at a time, and counts those that the fitting tests find.

usage: run.py [--work FOLDER] [--workers N] [--seconds S] [--only TEXT]... [--layer LAYER] [--list] [--again] [--keep]

changes/*.toml holds the faults, suites.toml which tests fit which file. A change that no longer applies (its text
is not in its file exactly once), or that does not compile, fails the run: it has to follow the code; so does one that
no test finds and that gives no reason ("survives"), and a layer in which too few are found.

FOLDER (/var/tmp/vmsuite-mutation) keeps a copy and a build for each worker, so that a later run builds only what has
changed, and what was found: a run that ends after S seconds is taken up by the same command, and the test that found a
change is the first to be tried the next time. What was found once counts as long as neither the change's file (but for
its includes, and its folder) nor the test that found it changes, there and in found.tsv beside this program, which --keep
writes for other machines; the last line says how many were not tried anew. Survivors are tried again on each commit.
--again tries all.
"""
import argparse
import collections
import hashlib
import json
import pathlib
import subprocess
import sys
import threading
import time
import tomllib

from sources import SOURCE, Copy

HERE = pathlib.Path(__file__).resolve().parent
KEPT = HERE / "found.tsv"  # change, test, digest of the change's file, of the test
LEAST = {"core": 0.90, "modules": 0.85, "results": 0.85, "runner": 0.85}  # of the changes in a layer are found
UNFINISHED = 3


class Stale(Exception):
    """A change that can no longer be made."""


def read_changes(suites):
    changes = []
    for path in sorted((HERE / "changes").glob("*.toml")):
        for change in tomllib.loads(path.read_text())["change"]:
            fitting = [folder for folder in suites if change["file"].startswith(folder)]
            change.setdefault("tests", suites[max(fitting, key=len)] if fitting else [])
            if not change["tests"]:
                sys.exit(f"suites.toml: no tests for {change['file']}: add a row for its folder")
            names = [pathlib.Path(change["file"]).name, change["from"], change["to"]]
            change["key"] = hashlib.sha256(json.dumps(names).encode()).hexdigest()[:16]
            changes.append(change)
    return sorted(changes, key=lambda change: change["file"])


def spoil(text, change):
    found = text.count(change["from"])
    if found != 1:
        raise Stale(f"{change['file']}: {found} times, not once: {change['from']}")
    return text.replace(change["from"], change["to"])


def layer_of(change):
    return change["file"].split("/")[0]


def digest(paths):
    """What files hold, but for what they include: moves between folders change that."""
    lines = [line for path in sorted(paths) for line in path.read_text().splitlines() if not line.startswith("#include")]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


class Digests:
    """Of the changes' files and of tests' own sources, which bear the test's name ("none" where none does)."""

    def __init__(self):
        self.of_tests, self.of_files, self.paths = {}, {}, collections.defaultdict(list)
        for path in SOURCE.glob("tests/*/**/*.*"):
            if path.suffix in (".c", ".py", ".sh", ".toml"):
                self.paths[path.parts[len(SOURCE.parts) + 1], path.stem.removeprefix("test_")].append(path)

    def of(self, change, name):
        if name not in self.of_tests:
            suite, _, test = name.partition("/")
            self.of_tests[name] = digest(self.paths[suite, test]) if self.paths[suite, test] else "none"
        if change["file"] not in self.of_files:
            self.of_files[change["file"]] = digest([SOURCE / change["file"]])
        return self.of_files[change["file"]], self.of_tests[name]


class Memory:
    """What earlier runs found: a line each, of a commit or, where something is not committed, of none."""

    def __init__(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        self.path, self.lock, self.digests = folder / "found.jsonl", threading.Lock(), Digests()
        git = ["git", "-C", SOURCE]
        is_dirty = subprocess.run([*git, "status", "--porcelain"], check=True, capture_output=True).stdout != b""
        self.commit = None if is_dirty else subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True,
                                                           text=True).stdout.strip()
        self.finders, self.survivors, self.sound, self.seconds = {}, set(), {}, {}
        for line in KEPT.read_text().splitlines() if KEPT.exists() else []:
            key, *found = line.split("\t")
            self.finders[key] = tuple(found)
        for line in self.path.read_text().splitlines() if self.path.exists() else []:
            self.take(json.loads(line))

    def take(self, row):
        is_ours = self.commit and row["commit"] == self.commit
        if row.get("sound") and row.get("seconds"):
            self.seconds[row["test"]] = row["seconds"]
        if "test" in row and is_ours:
            self.sound[row["test"]] = row["sound"]
        if "key" in row and row["found"]:
            self.finders[row["key"]] = tuple(row["found"])
        if "key" in row and not row["found"] and is_ours:
            self.survivors.add(row["key"])

    def finder(self, change):
        """The test that found it last, perhaps before either changed."""
        return self.finders.get(change["key"], (None,))[0]

    def judged(self, change):
        """(True, the test that found it or None), or (False, None) where it has to be tried."""
        name = self.finder(change)
        digests = self.digests.of(change, name) if name in change["tests"] else ("none",)
        if "none" not in digests and self.finders[change["key"]] == (name, *digests):
            return True, name
        return change["key"] in self.survivors, None

    def add_found(self, change, name):
        found = (name, *self.digests.of(change, name)) if name else None
        if found:
            self.finders[change["key"]] = found
        self.add(key=change["key"], found=found)

    def keep(self, changes):
        """Writes what still counts for other machines."""
        lines = ["\t".join([change["key"], *self.finders[change["key"]]]) for change in changes if self.judged(change)[1]]
        KEPT.write_text("\n".join(sorted(lines)) + "\n")

    def add(self, **row):
        with self.lock, self.path.open("a") as file:
            file.write(json.dumps({"commit": self.commit, **row}) + "\n")

    def is_sound(self, copy, name):
        """Whether a test that found something passes without it; the copy's sources are as they were."""
        if name not in self.sound:
            copy.compile([name])
            self.sound[name] = copy.passes(name)
            self.add(test=name, sound=self.sound[name], seconds=copy.seconds.get(name))
        return self.sound[name]


def in_groups(change, finder, passed_over):
    """The tests to be built and run together: the last one that found it, those named like the file, the others by suite."""
    stem = pathlib.Path(change["file"]).stem
    groups = {"finder": [], "own": []}
    for name in change["tests"]:
        suite, _, test = name.partition("/")
        is_own = stem.startswith(test) or test.startswith(stem)
        group = "finder" if name == finder else "own" if is_own else name if suite == "integration" else suite
        if name not in passed_over:
            groups.setdefault(group, []).append(name)
    return [names for names in groups.values() if names]


def find(copy, change, finder, passed_over):
    """The first test that fails with the change, or None; Stale where it does not compile."""
    path = copy.tree / change["file"]
    whole = path.read_text()
    path.write_text(spoil(whole, change))
    try:
        for names in in_groups(change, finder, passed_over):
            trouble = copy.compile(names)
            if trouble:
                raise Stale(f"{change['file']}: does not compile: {change['to']}\n{trouble}")
            for name in names:
                if not copy.passes(name):
                    return name
        return None
    finally:
        path.write_text(whole)


def try_change(copy, change, memory):
    """The test that finds it, and passes without it."""
    while True:
        passed_over = {name for name, is_sound in list(memory.sound.items()) if not is_sound}
        found = find(copy, change, memory.finder(change), passed_over)
        if found is None or memory.is_sound(copy, found):
            return found


class Run:
    """The changes that are left, taken by one worker after the other, and what came of each."""

    def __init__(self, changes, memory, seconds):
        self.memory, self.lock, self.stale = memory, threading.Lock(), []
        judged = {change["key"]: memory.judged(change) for change in changes}
        self.found = {key: name for key, (is_judged, name) in judged.items() if is_judged}
        self.n_before = len(self.found)
        self.left = [change for change in changes if change["key"] not in self.found]
        self.n, self.end = len(changes), time.monotonic() + seconds if seconds else None

    def next(self):
        with self.lock:
            return self.left.pop(0) if self.left and (not self.end or time.monotonic() < self.end) else None

    def work(self, copy):
        while change := self.next():
            try:
                found = try_change(copy, change, self.memory)
            except Stale as error:
                with self.lock:
                    self.stale.append(str(error))
                continue
            self.memory.add_found(change, found)
            with self.lock:
                self.found[change["key"]] = found
                print(f"{len(self.found)}/{self.n} {'found by ' + found if found else 'SURVIVED'}: {describe(change)}",
                      flush=True)


def describe(change):
    return f"{change['file']}: {' '.join(change['from'].split())} -> {' '.join(change['to'].split())}"


def judge(changes, found):
    """Prints what was found by layer, and each survivor with its reason; returns what is wrong with it."""
    faults, counts = [], collections.Counter()
    for change in changes:
        if change["key"] not in found:
            continue
        counts[layer_of(change), found[change["key"]] is not None] += 1
        if not found[change["key"]]:
            print(f"survives: {describe(change)}\n    {change.get('survives', 'no reason')}")
            if "survives" not in change:
                faults.append(f"survives without a reason: {describe(change)}")
        elif "survives" in change:
            faults.append(f"has a reason to survive, and {found[change['key']]} finds it: {describe(change)}")
    print(f"\n{'layer':10} found  of  part")
    for layer, least in LEAST.items():
        n_found, n = counts[layer, True], counts[layer, True] + counts[layer, False]
        if n:
            print(f"{layer:10} {n_found:5} {n:3} {n_found / n:5.0%}")
            if n_found < least * n:
                faults.append(f"{layer}: less than {least:.0%} found")
    return faults


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("/var/tmp/vmsuite-mutation"))
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="how many changes are tried at a time")
    parser.add_argument("--seconds", type=float, metavar="S", help="begin no change after that; the same command goes on")
    parser.add_argument("--only", action="append", default=[], metavar="TEXT", help="changes whose file or text holds TEXT")
    parser.add_argument("--layer", choices=LEAST)
    parser.add_argument("--list", action="store_true", help="only say whether each change applies")
    parser.add_argument("--again", action="store_true", help="try what was found before, too")
    parser.add_argument("--keep", action="store_true", help="write found.tsv at the end")
    return parser.parse_args()


def still_apply(changes, stale):
    kept = []
    for change in changes:
        try:
            spoil((SOURCE / change["file"]).read_text(), change)
            kept.append(change)
        except (Stale, OSError) as error:
            stale.append(str(error))
    return kept


def try_all(given, changes):
    """Returns what went wrong, and whether all changes were tried."""
    memory = Memory(given.work)
    if given.again:
        memory.finders, memory.survivors = {}, set()
    run = Run(changes, memory, given.seconds)
    copies = [Copy(given.work / str(i), memory.seconds) for i in range(given.workers)]
    unknown = {name for change in changes for name in change["tests"] if name not in copies[0].tests}
    if unknown:
        sys.exit(f"suites.toml: no such tests: {', '.join(sorted(unknown))}")
    workers = [threading.Thread(target=run.work, args=[copy]) for copy in copies]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    faults = run.stale + judge(changes, run.found)
    unsound = [name for name, is_sound in memory.sound.items() if not is_sound]
    if unsound:
        print(f"these fail without any fault, and found nothing: {', '.join(unsound)}")
    print(f"{len(run.found)} of {len(changes)} tried, {len(run.found) - run.n_before} of them in this run, on "
          f"{memory.commit or 'sources that are not committed'}")
    if given.keep:
        memory.keep(changes)
    return faults, not run.left


def main():
    given = read_options()
    changes = [change for change in read_changes(tomllib.loads((HERE / "suites.toml").read_text()))
               if (not given.layer or layer_of(change) == given.layer)
               and (not given.only or any(text in change["file"] + change["to"] for text in given.only))]
    faults = []
    changes, is_whole = still_apply(changes, faults), True
    if not given.list:
        more, is_whole = try_all(given, changes)
        faults += more
    for fault in faults:
        print(f"FAULT {fault}")
    sys.exit(1 if faults else 0 if is_whole else UNFINISHED)


if __name__ == "__main__":
    main()
