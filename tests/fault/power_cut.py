# SPDX-License-Identifier: GPL-3.0-or-later
"""The power fails after each write, fsync and name that the program asks for: what may be left of its files is made
anew, and the program must read it.

usage: power_cut.py DISK_LOG_LIBRARY
Safe are what a file held when it was fsync'ed, and the names that a folder had when that was. What came afterwards may be
there or not: all names without any of the new bytes, with half of them, with zeros in their place, or with all of them.
"""
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent.parent / "integration")]
from harness import BUILD, PLUGINS, PROGRAM, SOURCE, benchmark

GOLDEN = SOURCE / "tests" / "golden" / "record.json"
TRIALS = 3


class File:
    def __init__(self, content=b""):
        self.now = self.safe = content


def pad(content, length):
    return content.ljust(length, b"\0")


def zeros(file):
    """The length has arrived, and not what was written."""
    return pad(file.safe, len(file.now))[:len(file.now)]


# What may have become of a file's bytes.
BYTES = {
    "safe": lambda file: file.safe,
    "half": lambda file: file.now[:(len(file.safe) + len(file.now)) // 2] if file.now.startswith(file.safe) else file.safe,
    "zeros": zeros,
    "all": lambda file: file.now,
}


class Disk:
    """Folders and files by their inodes' numbers."""

    def __init__(self, top):
        self.top = top.stat().st_ino
        self.files, self.kept = {}, {}
        self.now, self.safe = collections.defaultdict(dict), collections.defaultdict(dict)
        self.load(top)

    def load(self, folder):
        number = folder.stat().st_ino
        for path in folder.iterdir():
            self.now[number][path.name] = self.safe[number][path.name] = path.stat().st_ino
            if path.is_dir():
                self.load(path)
            else:
                self.files[path.stat().st_ino] = File(path.read_bytes())

    def known(self, number):
        """The number by which an inode is kept here."""
        return self.kept.get(number, number)

    def file(self, number):
        return self.files.setdefault(self.known(number), File())

    def write(self, number, at, content):
        file = self.file(number)
        file.now = pad(file.now, at)[:at] + content + file.now[at + len(content):]

    def cut(self, number, length):
        file = self.file(number)
        file.now = pad(file.now, length)[:length]

    def sync(self, number):
        number = self.known(number)
        if number in self.files:
            self.files[number].safe = self.files[number].now
        else:
            self.safe[number] = dict(self.now[number])

    def name(self, folder, number, name):
        self.now[self.known(folder)][name] = self.known(number)

    def gone(self, folder, name):
        number = self.now[self.known(folder)].pop(name, None)
        # What it stood for may be safe under its old name, and its inode another file's from now on.
        if not any(number in names.values() for names in self.now.values()):
            self.kept[next((inode for inode, kept in self.kept.items() if kept == number), number)] = -len(self.kept) - 1

    def state(self, names, content, folder=None, above=""):
        """The paths of the files that are left, with their content."""
        found = {}
        for name, number in names[self.top if folder is None else folder].items():
            if number in self.files or number not in names:
                found[above + name] = content(self.files.get(number, File()))
            else:
                found.update(self.state(names, content, number, f"{above}{name}/"))
        return found

    def states(self):
        yield "safe alone", self.state(self.safe, BYTES["safe"])
        for name, content in BYTES.items():
            yield f"all names, bytes: {name}", self.state(self.now, content)


def events(log):
    at = 0
    while at < len(log):
        end = log.index(b"\n", at)
        kind, *words = log[at:end].decode().split(" ", 3)
        at = end + 1
        if kind == "write":
            number, offset, length = map(int, words)
            yield kind, (number, offset, log[at:at + length])
            at += length
        elif kind == "name":
            yield kind, (int(words[0]), int(words[1]), words[2])
        elif kind == "gone":
            yield kind, (int(words[0]), words[1])
        else:
            yield kind, tuple(map(int, words))


class PowerCut(unittest.TestCase):
    library = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vmsuite-power-", dir="/var/tmp"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.disk = self.folder / "disk"
        for name in ("disk", "plugins", "scratch"):
            (self.folder / name).mkdir()
        (self.folder / "plugins" / "testgood.so").symlink_to(PLUGINS / "testgood.so")
        self.log = self.folder / "log"
        self.log.touch()
        self.environment = dict(os.environ, VMSUITE_MODULE_PATH=f"{self.folder / 'plugins'}", TMPDIR=str(self.folder))
        (self.folder / "here.json").write_text(json.dumps({"configuration": "here", "suite": {
            "suite": "s", "trials": TRIALS, "warmup": 0, "benchmarks": [benchmark("testgood")]}}))
        self.run = ["run", self.folder / "here.json", "-o", "out", "--scratch", self.folder / "scratch", "--quiet"]

    def execute(self, *arguments, **more):
        return subprocess.run([PROGRAM, *arguments], env=dict(self.environment, **more), cwd=self.disk, timeout=300,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def states(self, *arguments):
        """Each state that a power failure may leave, once, and how much was safe before: the number of the event, its
        description, the files, what is safe."""
        disk = Disk(self.disk)
        done = self.execute(*arguments, LD_PRELOAD=str(self.library), VMSUITE_DISK_LOG=str(self.log),
                            VMSUITE_DISK_ROOT=str(self.disk))
        self.assertEqual(done.returncode, 0, done.stderr)
        seen, n = set(), 0
        for n, (kind, words) in enumerate(events(self.log.read_bytes())):
            if kind == "write":
                self.check_order(disk, *words)
            getattr(disk, kind)(*words)
            safe = disk.state(disk.safe, BYTES["safe"])
            for what, files in disk.states():
                key = tuple(sorted(files.items()))
                if key not in seen:
                    seen.add(key)
                    yield f"event {n}, {kind} {words[:1]}: {what}", files, safe
        self.assertGreater(n, 5)
        # What the log makes of it all is what is there, and it is safe; journals need not be gone for good.
        now, safe = disk.state(disk.now, BYTES["all"]), disk.state(disk.safe, BYTES["safe"])
        there = {str(path.relative_to(self.disk)): path.read_bytes() for path in self.disk.rglob("*") if path.is_file()}
        self.assertEqual(now.keys(), there.keys())
        self.assertEqual([name for name in now if now[name] != there[name] or now[name] != safe.get(name)], [])
        self.assertEqual([name for name in safe.keys() - now.keys() if not name.endswith(".jsonl")], [])

    def check_order(self, disk, number, at, _):
        """A line of a journal is begun when what stands before it is safe."""
        number = disk.known(number)
        names = [name for folder in disk.now.values() for name, of in folder.items() if of == number]
        if at > 0 and names and names[0].endswith(".jsonl"):
            self.assertEqual(disk.files[number].safe, disk.files[number].now[:at], f"{names} at {at}")

    def restore(self, files):
        shutil.rmtree(self.disk)
        self.disk.mkdir()
        for name, content in files.items():
            path = self.disk / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    @staticmethod
    def trials_in(files):
        """The trials that the files hold, of whole lines of a journal or of a record, by run and number."""
        found = {}
        for name, content in files.items():
            trials = []
            if name.endswith(".jsonl"):
                lines = [json.loads(line) for line in content.split(b"\n")[:-1]]
                run, trials = lines[0].get("run_id") if lines else None, lines[1:]
            elif re.fullmatch(r"out/[^.].*\.json", name):
                record = json.loads(content)
                run, trials = record["run_id"], record["cases"][0]["trials"]
            found.update(((run, trial["trial"]), trial["metrics"]) for trial in trials if "trial" in trial)
        return found

    def check_goes_on(self, run, n_records, what, files, safe):
        """Records are whole, and what was measured and safe is in the records that going on ends with."""
        self.restore(files)
        journals = list(self.disk.glob("out/*.jsonl"))
        for record in self.disk.glob("out/*.json"):
            done = self.execute("check", record)
            self.assertEqual(done.returncode, 0, f"{what}: {done.stderr}")
        if journals:
            done = self.execute(*run, "--resume")
            self.assertEqual(done.returncode, 0, f"{what}: {done.stderr}")
            self.assertEqual(list(self.disk.glob("out/*.jsonl")), [], what)
        after = {str(path.relative_to(self.disk)): path.read_bytes() for path in self.disk.glob("out/*.json")}
        if not journals and not after:
            self.assertEqual(self.trials_in(safe), {}, what)
            return
        self.assertEqual(len(after), n_records, what)
        after = self.trials_in(after)
        self.assertEqual({trial for _, trial in after}, set(range(1, TRIALS + 1)), what)
        for trial, metrics in self.trials_in(safe).items():
            self.assertEqual(after[trial], metrics, f"{what}: {trial}")

    def go_on(self, every, *run, n_records=1):
        states = list(self.states(*run))
        journals = sum(any(name.endswith(".jsonl") for name in files) for _, files, _ in states)
        self.assertGreater(journals, 2 * TRIALS, "states with a journal")
        for what, files, safe in states[::every]:
            with self.subTest(what):
                self.check_goes_on(run, n_records, what, files, safe)
        print(f"{len(states)} states, {journals} with a journal")

    def test_a_run(self):
        self.go_on(1, *self.run)

    def test_a_set_of_runs(self):
        self.go_on(4, *self.run, "--runs", "2", n_records=2)

    def test_a_report_is_the_old_one_or_the_new(self):
        (self.disk / "report.html").write_bytes(b"old")
        seen = {files.get("report.html") for _, files, _ in
                list(self.states("report", GOLDEN, GOLDEN, "-o", "report.html"))}
        self.assertEqual(seen, {b"old", (self.disk / "report.html").read_bytes()})


if __name__ == "__main__":
    PowerCut.library = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
