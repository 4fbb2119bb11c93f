#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts small faults into a copy of the sources, one at a time, and counts those that the fitting tests find.

usage: run.py [--work FOLDER] [--only TEXT]... [--layer LAYER] [--list]

changes/*.toml holds the faults, suites.toml which tests fit which file. A change that no longer applies (its text
is not in its file exactly once), or that does not compile, fails the run: it has to follow the code. The copy and
its build stay in FOLDER (/var/tmp/vmsuite-mutation), so that a later run builds only what has changed since.
"""
import argparse
import collections
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
LAYERS = ("core", "modules", "results", "runner")


class Stale(Exception):
    """A change that can no longer be made."""


def read_changes(suites):
    changes = []
    for path in sorted((HERE / "changes").glob("*.toml")):
        for change in tomllib.loads(path.read_text())["change"]:
            fitting = [folder for folder in suites if change["file"].startswith(folder)]
            change.setdefault("tests", suites[max(fitting, key=len)] if fitting else [])
            changes.append(change)
    return changes


def spoil(text, change):
    found = text.count(change["from"])
    if found != 1:
        raise Stale(f"{change['file']}: {found} times, not once: {change['from']}")
    return text.replace(change["from"], change["to"])


def is_same(a, b):
    """Whether two files, or links, hold the same."""
    if a.is_symlink() or b.is_symlink():
        return a.is_symlink() and b.is_symlink() and a.readlink() == b.readlink()
    return b.is_file() and a.read_bytes() == b.read_bytes()


class Copy:
    """The sources beside their build."""

    def __init__(self, work):
        self.tree, self.build = work / "tree", work / "build"
        self.refresh()
        if not (self.build / "build.ninja").exists():
            subprocess.run(["meson", "setup", self.build, self.tree, "-Dwerror=false", "-Dbuildtype=debug"],
                           check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["ninja", "-C", self.build, "build.ninja"], check=True, stdout=subprocess.DEVNULL)
        self.read_tests()
        self.seconds, self.sound = {}, {}  # of tests: how long they take, and whether they pass without a fault

    def refresh(self):
        """Copies what differs, so that the rest needs no new build."""
        names = subprocess.run(["git", "-C", SOURCE, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                               check=True, capture_output=True).stdout.decode().split("\0")
        names = {name for name in names if name and os.path.lexists(SOURCE / name)}
        for name in names:
            there, here = SOURCE / name, self.tree / name
            if not is_same(there, here):
                here.parent.mkdir(parents=True, exist_ok=True)
                here.unlink(missing_ok=True)
                shutil.copy(there, here, follow_symlinks=False)
        for here in [path for path in self.tree.rglob("*") if path.is_symlink() or path.is_file()]:
            if str(here.relative_to(self.tree)) not in names:
                here.unlink()

    def introspect(self, what):
        out = subprocess.run(["meson", "introspect", what, self.build], check=True, capture_output=True).stdout
        return json.loads(out)

    def read_tests(self):
        targets = {target["id"]: target["filename"] for target in self.introspect("--targets")}
        self.tests = {}
        for test in self.introspect("--tests"):
            test["targets"] = [os.path.relpath(file, self.build) for one in test["depends"] for file in targets[one]]
            for suite in test["suite"]:
                self.tests[f"{suite.split(':')[-1]}/{test['name']}"] = test

    def compile(self, names):
        wanted = sorted({target for name in names for target in self.tests[name]["targets"]})
        return subprocess.run(["ninja", "-C", self.build, *wanted], capture_output=True, text=True)

    def passes(self, name):
        """Whether a test passes; one that takes much longer than it did before hangs."""
        test = self.tests[name]
        begin = time.monotonic()
        process = subprocess.Popen(test["cmd"], env={**os.environ, **test["env"]}, cwd=test["workdir"] or self.build,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   start_new_session=True)
        try:
            status = process.wait(10 + 10 * self.seconds[name] if name in self.seconds else 2 * test["timeout"])
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait()
            return False
        if status in (0, 77):
            self.seconds[name] = max(self.seconds.get(name, 0), time.monotonic() - begin)
        return status in (0, 77)

    def is_sound(self, name):
        """Whether a test that found something passes without it; the sources are as they were."""
        if name not in self.sound:
            self.compile([name])
            self.sound[name] = self.passes(name)
        return self.sound[name]


def in_groups(change, passed_over):
    """The tests to be built and run together: first those that are named like the file, then the rest by suite."""
    stem = pathlib.Path(change["file"]).stem
    groups = {}
    for name in change["tests"]:
        suite, _, test = name.partition("/")
        if name not in passed_over:
            groups.setdefault("own" if stem.startswith(test) or test.startswith(stem) else suite, []).append(name)
    return sorted(groups.values(), key=lambda names: names is not groups.get("own"))


def find(copy, change, passed_over):
    """The first test that fails with the change, or None; Stale where it does not compile."""
    path = copy.tree / change["file"]
    whole = path.read_text()
    path.write_text(spoil(whole, change))
    try:
        for names in in_groups(change, passed_over):
            built = copy.compile(names)
            if built.returncode != 0:
                raise Stale(f"{change['file']}: does not compile: {change['to']}\n{built.stdout[-1500:]}")
            for name in names:
                if not copy.passes(name):
                    return name
        return None
    finally:
        path.write_text(whole)


def try_change(copy, change):
    """The test that finds it, and passes without it."""
    passed_over = {name for name, is_sound in copy.sound.items() if not is_sound}
    while True:
        found = find(copy, change, passed_over)
        if found is None or copy.is_sound(found):
            return found
        passed_over.add(found)


def check_names(copy, changes):
    unknown = {name for change in changes for name in change["tests"] if name not in copy.tests}
    if unknown:
        sys.exit(f"no such tests: {', '.join(sorted(unknown))}")


def show(counts):
    print(f"\n{'layer':10} found  of  part")
    for layer in LAYERS:
        found, n = counts[layer, True], counts[layer, True] + counts[layer, False]
        if n:
            print(f"{layer:10} {found:5} {n:3} {found / n:5.0%}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("/var/tmp/vmsuite-mutation"))
    parser.add_argument("--only", action="append", default=[], metavar="TEXT", help="changes whose file or text holds TEXT")
    parser.add_argument("--layer", choices=LAYERS)
    parser.add_argument("--list", action="store_true", help="only say whether each change applies")
    given = parser.parse_args()
    changes = [change for change in read_changes(tomllib.loads((HERE / "suites.toml").read_text()))
               if (not given.layer or change["file"].startswith(given.layer + "/"))
               and (not given.only or any(text in change["file"] + change["to"] for text in given.only))]
    stale, counts = [], collections.Counter()
    for change in list(changes):
        try:
            spoil((SOURCE / change["file"]).read_text(), change)
        except (Stale, OSError) as error:
            stale.append(str(error))
            changes.remove(change)
    if not given.list:
        copy = Copy(given.work)
        check_names(copy, changes)
        for number, change in enumerate(changes, 1):
            try:
                found = try_change(copy, change)
            except Stale as error:
                stale.append(str(error))
                continue
            counts[change["file"].split("/")[0], found is not None] += 1
            reason = f"   ({change['survives']})" if not found and "survives" in change else ""
            print(f"{number}/{len(changes)} {'found by ' + found if found else 'SURVIVED'}: {change['file']}: "
                  f"{' '.join(change['from'].split())} -> {' '.join(change['to'].split())}{reason}", flush=True)
        show(counts)
        unsound = [name for name, is_sound in copy.sound.items() if not is_sound]
        if unsound:
            print(f"these fail without any fault, and found nothing: {', '.join(unsound)}")
    for error in stale:
        print(f"STALE {error}")
    sys.exit(1 if stale else 0)


if __name__ == "__main__":
    main()
