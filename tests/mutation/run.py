#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts small faults into a copy of the sources, one at a time, and counts those that the fitting tests find.

usage: run.py [--work FOLDER] [--workers N] [--seconds S] [--only TEXT]... [--layer LAYER] [--list] [--reach] [--again] [--keep]

changes/*.toml holds the faults, suites.toml which tests fit which file. A change that no longer applies (its text
is not in its file exactly once), or that does not compile, fails the run: it has to follow the code; so does one that
no test finds and that gives no reason ("survives"), and a layer in which too few are found. One that no test finds while
one of its tests was skipped is not tried: this machine lacks what that test needs.

FOLDER (/var/tmp/vmsuite-mutation) keeps a copy and a build for each worker, so that a later run builds only what has
changed, and what was found: a run that ends after S seconds is taken up by the same command, and the test that found a
change is the first to be tried the next time, then the quick ones. What was found once counts as long as neither the
change's file (but for its includes, and its folder) nor the test that found it changes, there and in found.tsv beside this
program, which --keep writes for other machines; the last line says how many were not tried anew. A survivor with a reason
counts until its file or one of its tests changes; those without one are tried again on each commit. --again tries all.

--reach runs each test once before, in a build that marks where the changes are (reach.py): later runs with the same FOLDER
then try a change by those cases of its tests alone that reach it, as long as neither its file nor the test changes.
"""
import argparse
import collections
import hashlib
import json
import pathlib
import sys
import threading
import time
import tomllib

from memory import Memory
from reach import WHOLE, Reach
from sources import FAILED, SKIPPED, SOURCE, Copy

HERE = pathlib.Path(__file__).resolve().parent
LEAST = {"core": 0.90, "modules": 0.85, "results": 0.85, "runner": 0.85}  # of the changes in a layer are found
UNFINISHED = 3
UNREACHED = "unreached"
RANKS = {"unit": 0, "modules": 1, "lint": 2, "integration": 2, "guest": 3}  # suites that come later take longer


class Stale(Exception):
    """A change that can no longer be made."""


class Untried(Exception):
    """A change of which some of the tests, and perhaps the one that finds it, cannot run here."""


def read_changes(suites):
    changes = []
    for path in sorted((HERE / "changes").glob("*.toml")):
        for change in tomllib.loads(path.read_text())["change"]:
            fitting = [folder for folder in suites if change["file"].startswith(folder)]
            change.setdefault("tests", suites[max(fitting, key=len)] if fitting else [])
            if not change["tests"]:
                sys.exit(f"suites.toml: no tests for {change['file']}: add a row for its folder")
            names = [pathlib.Path(change["file"]).name, change["from"], change["to"]]
            change["list"] = path.stem
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


def is_own(change, name):
    suite, _, test = name.partition("/")
    stem = pathlib.Path(change["file"]).stem
    return RANKS[suite] < RANKS["integration"] and (stem.startswith(test) or test.startswith(stem))


def in_groups(change, finder, wanted, seconds):
    """The tests to be built and run together: the last one that found it, those named like the file, the others by suite,
    one by one where they take long; the quickest first, and as they are listed where nothing says how long they take."""
    def rank(name):
        return RANKS[name.partition("/")[0]]

    groups = {"finder": [], "own": []}
    for name in sorted(wanted, key=lambda name: (rank(name), seconds(name))):
        group = "finder" if name == finder else "own" if is_own(change, name) else rank(name)
        groups.setdefault(name if group in (2, 3) else group, []).append(name)
    return [names for names in groups.values() if names]


def choose(change, memory, reach):
    """{test: the cases of it that may find the change, none: all}, without what fails anyway; what found it once is run
    whatever it reached when that was recorded."""
    wanted = {}
    for name in change["tests"]:
        cases = reach.cases(change, name)
        if cases is not None:
            cases = [case for case in cases if memory.sound.get(f"{name} {case}", True)]
        if memory.sound.get(name, True) and (cases != [] or name == memory.finder(change)):
            wanted[name] = cases or []
    return wanted


def find(copy, change, memory, reach):
    """The first test that fails with the change, and its case if it is known; Stale where it does not compile."""
    path = copy.tree / change["file"]
    whole, wanted, skipped = path.read_text(), choose(change, memory, reach), []
    path.write_text(spoil(whole, change))
    try:
        trouble = copy.compile(change["tests"][:1]) if not wanted else None
        for names in in_groups(change, memory.finder(change), wanted,
                               lambda name: reach.seconds(name, wanted[name]) or copy.seconds.get(name, 0)):
            trouble = copy.compile(names)
            for name in names if not trouble else []:
                result, case = copy.run(name, wanted[name])
                if result == FAILED:
                    return name, case if case in wanted[name] else WHOLE
                skipped += [name] if result == SKIPPED else []
            if trouble:
                break
    finally:
        path.write_text(whole)
    if trouble:
        raise Stale(f"{change['file']}: does not compile: {change['to']}\n{trouble}")
    if skipped:
        raise Untried(f"{describe(change)}: {', '.join(skipped)} skipped here")
    return (None, WHOLE) if wanted else (UNREACHED, WHOLE)


def try_change(copy, change, memory, reach):
    """The test that finds it, and passes without it, or None, and whether any reaches it."""
    while True:
        found, case = find(copy, change, memory, reach)
        if found in (None, UNREACHED) or memory.is_sound(copy, found, case):
            return None if found == UNREACHED else found, found != UNREACHED


class Run:
    """The changes that are left, taken by one worker after the other, and what came of each."""

    def __init__(self, changes, memory, reach, seconds):
        self.reach = reach
        self.memory, self.lock, self.stale = memory, threading.Lock(), []
        judged = {change["key"]: memory.judged(change) for change in changes}
        self.found = {key: name for key, (is_judged, name) in judged.items() if is_judged}
        self.n_before = len(self.found)
        self.untried = []
        self.left = [change for change in changes if change["key"] not in self.found]
        self.n, self.end = len(changes), time.monotonic() + seconds if seconds else None

    def next(self):
        with self.lock:
            return self.left.pop(0) if self.left and (not self.end or time.monotonic() < self.end) else None

    def work(self, copy):
        while change := self.next():
            begin, copy.building = time.monotonic(), 0
            try:
                found, is_reached = try_change(copy, change, self.memory, self.reach)
            except (Stale, Untried) as error:
                with self.lock:
                    (self.stale if isinstance(error, Stale) else self.untried).append(str(error))
                continue
            self.memory.add_found(change, found)
            self.memory.add_seconds(dict(copy.seconds))
            with self.lock:
                self.found[change["key"]] = found
                word = f"found by {found}" if found else "SURVIVED" if is_reached else "SURVIVED, reached by no test"
                print(f"{len(self.found)}/{self.n} {word} ({time.monotonic() - begin:.1f} s, {copy.building:.1f} building): "
                      f"{describe(change)}", flush=True)


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
    parser.add_argument("--only", action="append", default=[], metavar="TEXT", help="changes whose list, file or text holds TEXT")
    parser.add_argument("--layer", choices=LEAST)
    parser.add_argument("--list", action="store_true", help="only say whether each change applies")
    parser.add_argument("--again", action="store_true", help="try what was found before, too")
    parser.add_argument("--reach", action="store_true", help="first run each test once, to see which changes it reaches")
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


def try_all(given, changes, all_changes):
    """Returns what went wrong, and whether all changes were tried."""
    memory = Memory(given.work)
    reach = Reach(given.work, memory.digests)
    if given.again:
        memory.finders, memory.survivors = {}, set()
        reach.data = {"files": [], "tests": {}}
    if given.reach:
        reach.record(given.work, given.workers, all_changes, changes, memory.seconds)
    run = Run(changes, memory, reach, given.seconds)
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
    for untried in run.untried:
        print(f"not tried: {untried}")
    unsound = [name for name, is_sound in memory.sound.items() if not is_sound]
    if unsound:
        print(f"these fail without any fault, and found nothing: {', '.join(unsound)}")
    print(f"{len(run.found)} of {len(changes)} tried, {len(run.found) - run.n_before} of them in this run, on "
          f"{memory.commit or 'sources that are not committed'}")
    if given.keep:
        memory.keep(all_changes)
    return faults, not run.left and not run.untried


def main():
    given = read_options()
    all_changes = read_changes(tomllib.loads((HERE / "suites.toml").read_text()))
    changes = [change for change in all_changes
               if (not given.layer or layer_of(change) == given.layer)
               and (not given.only or any(text in change["list"] + change["file"] + change["to"] for text in given.only))]
    faults = []
    changes, is_whole = still_apply(changes, faults), True
    if not given.list:
        more, is_whole = try_all(given, changes, all_changes)
        faults += more
    for fault in faults:
        print(f"FAULT {fault}")
    sys.exit(1 if faults else 0 if is_whole else UNFINISHED)


if __name__ == "__main__":
    main()
