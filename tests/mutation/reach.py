# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tests, and which cases of them, reach the place of a change: the others cannot find it, and are not run.

Each test is run once, in a build in which each change's place has a mark (probes.py). What was reached counts as long as
neither the change's file nor the test changes; where nothing is known, a test is run as a whole."""
import json
import re
import subprocess
import threading

from probes import marked
from sources import PASSED, Copy

SIZE = 4096 * 16  # bytes of marks: more than there are changes
WHOLE = ""  # the one case of a test that has none
# What runs in a guest, or while the tests are built, leaves no mark.
UNMARKED = ("runner/guest/appliance/init/", "runner/manual/")
# What boots guests, or builds programs of its own.
UNSEEN = ("guest/", "lint/", "integration/docs", "integration/features", "integration/sdk", "integration/places_guests")


class MarkedCopy(Copy):
    """A copy whose sources have marks."""

    def __init__(self, folder, seconds, changes, names):
        super().__init__(folder, seconds)
        self.marks, self.reached, self.changes, self.numbers = folder / "marks", folder / "reached.json", {}, set()
        self.clear()
        self.marks.chmod(0o666)
        for number, change in enumerate(changes):
            if change["file"].endswith(".c") and not change["file"].startswith(UNMARKED):
                self.changes.setdefault(change["file"], []).append((number, change))
        self.whole = {name: (self.tree / name).read_text() for name in self.changes}
        refused = self.build_with(self.changes, lambda name: self.mark(name, False), names)
        refused = self.build_with(refused, lambda name: self.mark(name, True), names)
        if self.build_with(refused, lambda name: self.whole[name], names):
            raise RuntimeError(f"{folder}: the tests cannot be built: {self.compile(names)}")

    def clear(self):
        self.marks.write_bytes(bytes(SIZE))

    def mark(self, name, coarse):
        text, numbers = marked(self.whole[name], self.changes[name], self.marks, SIZE, coarse)
        self.numbers |= numbers
        return text

    def build_with(self, names, text_of, tests):
        """Builds with other texts of some files; returns those that do not compile."""
        for name in names:
            (self.tree / name).write_text(text_of(name))
        wanted = sorted({target for test in tests for target in self.tests[test]["targets"]})
        built = subprocess.run(["ninja", "-j1", "-k0", "-C", self.build, *wanted], capture_output=True, text=True)
        refused = {name for name in self.changes if re.search(rf"^FAILED: .*\n.*/{re.escape(name)}$", built.stdout, re.M)}
        self.numbers -= {number for name in refused for number, _ in self.changes[name]}
        if built.returncode and not refused:
            raise RuntimeError(built.stdout[-1500:])
        return refused

    def reach(self, name):
        """{"cases": {case: numbers}, "seconds": {case: seconds}}, or None where the test does not pass."""
        self.clear()
        self.reached.unlink(missing_ok=True)
        result, _ = self.run(name, VMSUITE_MUTATION_MARKS=str(self.marks), VMSUITE_MUTATION_REACHED=str(self.reached))
        if result != PASSED:
            return None
        if self.reached.exists():
            return json.loads(self.reached.read_text())
        marks = [number for number, mark in enumerate(self.marks.read_bytes()) if mark]
        return {"cases": {WHOLE: marks}, "seconds": {WHOLE: self.seconds[name]}}


class Reach:
    """What earlier runs reached: {"files": {change: digest of its file} by recording, "tests": {name: what it reached}}."""

    def __init__(self, folder, digests):
        self.path, self.digests, self.lock = folder / "reach.json", digests, threading.Lock()
        self.data = json.loads(self.path.read_text()) if self.path.exists() else {"files": [], "tests": {}}

    def known(self, name):
        test = self.data["tests"].get(name)
        return test if test and test["digest"] == self.digests.of_test(name) and not name.startswith(UNSEEN) else None

    def cases(self, change, name):
        """The cases that reach a change; None: perhaps all."""
        test = self.known(name)
        if not test or self.data["files"][test["of"]].get(change["key"]) != self.digests.of_file(change):
            return None
        return [case for case, keys in test["cases"].items() if change["key"] in keys]

    def seconds(self, name, cases):
        test = self.known(name)
        return sum(test["seconds"].get(case, 0) for case in cases) if test and cases is not None else None

    def work(self, copy, changes, names):
        while True:
            with self.lock:
                if not names:
                    return
                name = names.pop()
            found = copy.reach(name)
            with self.lock:
                if found:
                    cases = {case: [changes[number]["key"] for number in numbers] for case, numbers in found["cases"].items()}
                    self.data["tests"][name] = {"digest": self.digests.of_test(name), "of": len(self.data["files"]) - 1,
                                                "cases": cases, "seconds": found["seconds"]}
                    self.path.write_text(json.dumps(self.data))
                print(f"{name}: {len(found['cases'])} cases" if found else f"{name}: nothing is known", flush=True)

    def record(self, work, n, changes, wanted, seconds):
        """Runs each test of wanted changes of which nothing is known, n at a time."""
        names = {name for change in wanted for name in change["tests"] if not name.startswith(UNSEEN)}
        names = sorted((name for name in names if not self.known(name)), key=lambda name: seconds.get(name, 0))
        copies = [MarkedCopy(work / f"marked{i}", seconds, changes, names) for i in range(n if names else 0)]
        if copies:
            self.data["files"].append({changes[number]["key"]: self.digests.of_file(changes[number])
                                       for number in copies[0].numbers})
        workers = [threading.Thread(target=self.work, args=[copy, changes, names]) for copy in copies]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
