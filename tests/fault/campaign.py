# SPDX-License-Identifier: GPL-3.0-or-later
"""The n-th call of a kind fails, n = 0, 1, 2 ...: what each command makes of it.

usage: campaign.py FAULT_LIBRARY [--every] [--most N] [COMMAND:KIND ...]
Allowed are the right result (output, files and exit status as without a fault) and a clean error (exit status
neither 0 nor a signal, a sentence on stderr, no file but whole ones, nothing else left behind). As a test, N calls
of each kind are struck, spread evenly over all; --every strikes each, which takes an hour.
"""
import argparse
import collections
import contextlib
import json
import mmap
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))
from harness import BUILD, PLUGINS, PROGRAM, SOURCE, benchmark

GOLDEN = SOURCE / "tests" / "golden" / "record.json"
PATIENCE = 30
FILES = ("open", "read", "write", "fsync", "rename")
CLEAN_STATUSES = (1, 2, 3, 4)


class Command:
    """A command line, what is to come of it, and the kinds of calls that are struck."""

    def __init__(self, arguments, kinds=("malloc", "mmap", *FILES), outputs=(), is_stable=True, result=None):
        self.arguments, self.kinds, self.outputs = arguments, kinds, outputs
        self.is_stable, self.result = is_stable, result


def run_result(folder):
    """What a run's record must hold whatever was measured; nothing beside it may be left, but a run that ended in
    between leaves its journal, from which it goes on."""
    records = sorted((folder / "out").glob("*.json")) if (folder / "out").exists() else []
    found = []
    for path in records:
        record = json.loads(path.read_text())
        found.append((record["status"], [(case["group"], case["status"], sorted(case["params"]),
                                          [(trial["status"], sorted(trial["metrics"])) for trial in case["trials"]])
                                         for case in record["cases"]]))
    return found


def commands(folder):
    suite = folder / "suite.json"
    configuration = folder / "here.json"
    suite.write_text(json.dumps({"suite": "s", "description": "Two.", "trials": 2, "warmup": 0, "benchmarks": [
        benchmark("testgood"), benchmark("cpu", params={"samples": 100})]}))
    configuration.write_text(json.dumps({"configuration": "here", "suite": {
        "suite": "test", "trials": 2, "warmup": 0, "benchmarks": [benchmark("testgood")]}}))
    other = json.loads(GOLDEN.read_text())
    other["run_id"] = other["run_id"][:-1] + ("0" if other["run_id"][-1] != "0" else "1")
    second = folder / "other.json"
    second.write_text(json.dumps(other))
    found = {
        "list": Command(["list"]),
        "list-json": Command(["list", "--json"]),
        "check-configuration": Command(["check", configuration]),
        "check-suite": Command(["check", suite]),
        "check-record": Command(["check", GOLDEN]),
        "dry-run": Command(["run", configuration, "--dry-run"]),
        # Not struck: open and read. What cannot be read is a fact that is reported as unknown.
        "env": Command(["env"], kinds=("malloc", "mmap", "write"), is_stable=False),
        "report": Command(["report", GOLDEN, second, "-o", "out.html"], outputs=["out.html"]),
        "run": Command(["run", configuration, "--output", "out", "--scratch", "scratch", "--quiet"],
                       kinds=("malloc", "mmap", *FILES, "fork", "socket", "send", "recv"), is_stable=False,
                       result=run_result),
    }
    for form in ("table", "markdown", "json", "csv", "junit"):
        found[f"compare-{form}"] = Command(["compare", GOLDEN, second, "--format", form, "--output", "out"],
                                           outputs=["out"])
    for form in ("csv", "jsonl", "openmetrics", "google-benchmark", "github", "bmf"):
        found[f"export-{form}"] = Command(["export", GOLDEN, "--format", form, "--output", "out"], outputs=["out"])
    return found


class Ledger:
    """The numbers that the library keeps: calls of the kind, and those that failed."""

    def __init__(self, path):
        self.path = path

    def clear(self):
        self.path.write_bytes(bytes(mmap.PAGESIZE))

    def read(self):
        return struct.unpack("QQ", self.path.read_bytes()[:16])


class Outcome:
    def __init__(self, status, out, err, files, calls, faults):
        self.status, self.out, self.err, self.files, self.calls, self.faults = status, out, err, files, calls, faults


class Campaign:
    def __init__(self, library, folder):
        self.library, self.folder = library, folder
        self.ledger = Ledger(folder / "ledger")
        plugins = folder / "plugins"
        plugins.mkdir()
        (plugins / "testgood.so").symlink_to(PLUGINS / "testgood.so")
        self.environment = dict(os.environ, VMSUITE_MODULE_PATH=f"{plugins}:{BUILD / 'modules'}", TMPDIR=str(folder / "tmp"))
        self.commands = commands(folder)
        self.counts = collections.Counter()
        self.findings = []

    def execute(self, command, fault):
        work = self.folder / "work"
        shutil.rmtree(work, ignore_errors=True)
        shutil.rmtree(self.folder / "tmp", ignore_errors=True)
        for path in (work, work / "scratch", self.folder / "tmp"):
            path.mkdir()
        for name in command.outputs:
            (work / name).write_text("old")
        self.ledger.clear()
        environment = dict(self.environment, LD_PRELOAD=str(self.library), VMSUITE_FAULT=fault,
                           VMSUITE_FAULT_LEDGER=str(self.ledger.path))
        with subprocess.Popen([PROGRAM, *map(str, command.arguments)], env=environment, cwd=work,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            try:
                out, err = process.communicate(timeout=PATIENCE)
                status = process.returncode
            except subprocess.TimeoutExpired:
                process.kill()
                out, err = process.communicate()
                status = "hang"
        files = {str(path.relative_to(self.folder)): path.read_bytes() for top in (work, self.folder / "tmp")
                 for path in sorted(top.rglob("*")) if path.is_file()}
        return Outcome(status, out, err.decode(errors="replace"), files, *self.ledger.read())

    def is_right(self, command, base, got):
        if got.status != base.status:
            return False
        if command.result:
            return command.result(self.folder / "work") == base.result and left(got) == left(base)
        if not command.is_stable:
            return skeleton(got.out) == skeleton(base.out)
        return got.out == base.out and got.files == base.files

    def fault_of(self, command, base, got):
        """What is wrong with an error; None: nothing."""
        if got.status == "hang" or got.status < 0:
            return f"ended by {got.status}"
        if got.status not in CLEAN_STATUSES:
            return f"wrong output with exit status {got.status}"
        if command.result is None and (len(got.err.strip()) < 12 and not got.out):
            return "an error without a sentence"
        if command.result is None:
            if [name for name in got.files if name.split("/", 1)[1] not in command.outputs]:
                return f"left behind: {list(got.files)}"
            if any(content not in (b"old", base.files.get(name)) for name, content in got.files.items()):
                return "a file is neither old nor whole"
            return None
        return None if not left(got) else f"left behind: {left(got)}"

    def strike(self, name, kind, most, tail=""):
        command = self.commands[name]
        base = self.execute(command, f"{kind}:{1 << 62}{tail}")
        if base.status not in (0, 1, 4):
            raise AssertionError(f"{name} does not work without a fault: {base.status}\n{base.err}")
        if kind == "malloc" and base.calls == 0:
            raise AssertionError(f"{name}: no allocation is counted: is {self.library} loaded?")
        if command.result:
            base.result = command.result(self.folder / "work")
        calls = range(base.calls) if not most else sorted({i * base.calls // most for i in range(most)})
        for n in calls:
            if n >= base.calls:
                break
            got = self.execute(command, f"{kind}:{n}{tail}")
            right = self.is_right(command, base, got)
            wrong = None if right else self.fault_of(command, base, got)
            self.counts[name, kind, "right" if right else "finding" if wrong else "clean"] += 1
            if wrong:
                self.findings.append(f"{name} {kind}:{n}{tail}: {wrong}; stderr: {got.err.strip()[:300]}")


def left(outcome):
    """What a run leaves beside records and the journal from which it goes on."""
    return sorted(name for name in outcome.files
                  if not re.fullmatch(r"work/out/[^/]*\.json(l)?", name))


def skeleton(text):
    """A text without its numbers, which are others in each run."""
    return re.sub(rb"[0-9.]+", b"0", text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("library", type=pathlib.Path)
    parser.add_argument("--every", action="store_true")
    parser.add_argument("--most", type=int, default=4)
    parser.add_argument("only", nargs="*", help="COMMAND, COMMAND:KIND or :KIND")
    wanted = parser.parse_intermixed_args()
    with tempfile.TemporaryDirectory(prefix="vmsuite-fault-", dir="/var/tmp") as folder, contextlib.ExitStack():
        campaign = Campaign(wanted.library.resolve(), pathlib.Path(folder))
        for name, command in campaign.commands.items():
            for kind in command.kinds:
                if wanted.only and not {name, f"{name}:{kind}", f":{kind}"} & set(wanted.only):
                    continue
                campaign.strike(name, kind, 0 if wanted.every else wanted.most)
                told = {what: campaign.counts[name, kind, what] for what in ("right", "clean", "finding")}
                print(f"{name:20} {kind:8}", *(f"{count:5} {what}" for what, count in told.items()), flush=True)
    totals = collections.Counter()
    for (_, _, what), count in campaign.counts.items():
        totals[what] += count
    print("in all:", dict(totals))
    for finding in campaign.findings:
        print(finding)
    return 1 if campaign.findings else 0


if __name__ == "__main__":
    sys.exit(main())
