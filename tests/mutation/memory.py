# SPDX-License-Identifier: GPL-3.0-or-later
"""What mutation runs found, as long as it counts."""
import collections
import hashlib
import json
import pathlib
import subprocess
import threading

from sources import FAILED, SOURCE

KEPT = pathlib.Path(__file__).resolve().parent / "found.tsv"  # change, test or NOBODY, digest of the change's file, of the test
NOBODY = "-"  # its reason counts until one of its tests changes


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

    def of_test(self, name):
        if name not in self.of_tests:
            suite, _, test = name.partition("/")
            paths = self.paths["integration" if suite == "guest" else suite, test]
            self.of_tests[name] = digest(paths) if paths else "none"
        return self.of_tests[name]

    def of_file(self, change):
        if change["file"] not in self.of_files:
            self.of_files[change["file"]] = digest([SOURCE / change["file"]])
        return self.of_files[change["file"]]

    def of(self, change, name):
        if name != NOBODY:
            return self.of_file(change), self.of_test(name)
        tests = json.dumps([(test, self.of_test(test)) for test in sorted(change["tests"])])
        return self.of_file(change), hashlib.sha256(tests.encode()).hexdigest()[:16]


class Memory:
    """What earlier runs found: a line each, of a commit or, where something is not committed, of none."""

    def __init__(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        self.path, self.lock, self.digests = folder / "found.jsonl", threading.Lock(), Digests()
        git = ["git", "-C", SOURCE]
        is_dirty = subprocess.run([*git, "status", "--porcelain"], check=True, capture_output=True).stdout != b""
        self.commit = None if is_dirty else subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True,
                                                           text=True).stdout.strip()
        self.finders, self.survivors, self.sound, self.seconds, self.timed = {}, set(), {}, {}, set()
        for line in KEPT.read_text().splitlines() if KEPT.exists() else []:
            key, *found = line.split("\t")
            self.finders[key] = tuple(found)
        for line in self.path.read_text().splitlines() if self.path.exists() else []:
            self.take(json.loads(line))

    def take(self, row):
        is_ours = self.commit and row["commit"] == self.commit
        if row.get("seconds"):
            self.seconds[row["test"]] = row["seconds"]
            self.timed.add(row["test"])
        if "sound" in row and is_ours:
            self.sound[row["test"]] = row["sound"]
        if "key" in row and row["found"]:
            self.finders[row["key"]] = tuple(row["found"])
        if "key" in row and not row["found"] and is_ours:
            self.survivors.add(row["key"])

    def finder(self, change):
        """The test that found it last, perhaps before either changed."""
        return self.finders.get(change["key"], (None,))[0]

    def remembered(self, change):
        """What was found, by NOBODY where there is a reason for that, if it still counts."""
        name = self.finder(change)
        is_known = name in change["tests"] or (name == NOBODY and "survives" in change)
        digests = self.digests.of(change, name) if is_known else ("none",)
        return self.finders[change["key"]] if "none" not in digests and self.finders[change["key"]] == (name, *digests) else None

    def judged(self, change):
        """(True, the test that found it or None), or (False, None) where it has to be tried."""
        found = self.remembered(change)
        if found:
            return True, None if found[0] == NOBODY else found[0]
        return change["key"] in self.survivors, None

    def add_found(self, change, name):
        found = None
        if name or "survives" in change:
            found = (name or NOBODY, *self.digests.of(change, name or NOBODY))
            self.finders[change["key"]] = found
        self.add(key=change["key"], found=found)

    def keep(self, changes):
        """Writes what still counts for other machines."""
        lines = ["\t".join([change["key"], *self.remembered(change)]) for change in changes if self.remembered(change)]
        KEPT.write_text("\n".join(sorted(lines)) + "\n")

    def add_seconds(self, seconds):
        """So that the next run knows which tests are quick."""
        for name in seconds.keys() - self.timed:
            self.timed.add(name)
            self.add(test=name, seconds=seconds[name])

    def add(self, **row):
        with self.lock, self.path.open("a") as file:
            file.write(json.dumps({"commit": self.commit, **row}) + "\n")

    def is_sound(self, copy, name, case):
        """Whether a test that found something, or a case of it, passes without it; the copy's sources are as they were."""
        key = f"{name} {case}".strip()
        if key not in self.sound:
            copy.compile([name])
            self.sound[key] = copy.run(name, [case] if case else [])[0] != FAILED
            self.add(test=key, sound=self.sound[key])
        return self.sound[key]
