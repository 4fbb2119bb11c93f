# SPDX-License-Identifier: GPL-3.0-or-later
"""The n-th call of a kind fails, n = 0, 1, 2 ...: what each command makes of it.

usage: campaign.py FAULT_LIBRARY [--every] [--most N] [COMMAND:KIND ...]
Allowed are the right result (output, files and exit status as without a fault) and a clean error (exit status
neither 0 nor a signal, a sentence on stderr, no file but whole ones, nothing else left behind). A run's processes are
struck as well (kinds with "below"): that costs one case at most, and the others stand. As a test, N calls of each kind
are struck, spread evenly over all; --every strikes each, which takes an hour. The table printed is what came of it.
"""
import argparse
import collections
import mmap
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent.parent / "integration")]
import agent_subject
import peer_subject
from harness import BUILD, PLUGINS, descendants
from subjects import KINDS, Facts, commands

PATIENCE = 30
CLEAN_STATUSES = (1, 2, 3, 4)
NEVER = 1 << 62
OWN, BELOW = "", ":below"


class Ledger:
    """The numbers that the library keeps: faults, and calls of each kind."""

    def __init__(self, path):
        self.path = path

    def clear(self):
        self.path.write_bytes(bytes(mmap.PAGESIZE))

    def read(self):
        _, faults, *calls = struct.unpack_from(f"qQ{len(KINDS)}Q", self.path.read_bytes())
        return faults, dict(zip(KINDS, calls))


class Outcome:
    def __init__(self, status, out, err, files, faults, calls):
        self.status, self.out, self.err, self.files, self.faults, self.calls = status, out, err, files, faults, calls


class Campaign:
    def __init__(self, library, folder):
        self.library, self.folder = library, folder
        self.ledger = Ledger(folder / "ledger")
        plugins = folder / "plugins"
        plugins.mkdir()
        for name in ("testgood", "testslow", "testecho"):
            (plugins / f"{name}.so").symlink_to(PLUGINS / f"{name}.so")
        self.plain = dict(os.environ, VMSUITE_MODULE_PATH=f"{plugins}:{BUILD / 'modules'}",
                          TMPDIR=str(folder / "tmp"))
        self.commands = commands(folder)
        self.counts = collections.Counter()
        self.findings = []

    def environment(self, fault):
        self.ledger.clear()
        return dict(self.plain, LD_PRELOAD=str(self.library), VMSUITE_FAULT=fault,
                    VMSUITE_FAULT_LEDGER=str(self.ledger.path))

    def clear_folders(self):
        """Empties where the program works."""
        work, temporary = self.folder / "work", self.folder / "tmp"
        for path in (work, temporary):
            shutil.rmtree(path, ignore_errors=True)
        for path in (work, work / "scratch", temporary):
            path.mkdir()
        return work

    def execute(self, command, fault):
        work = self.clear_folders()
        for name, content in command.outputs.items():
            (work / name).write_bytes(content)
        with subprocess.Popen(list(map(str, command.arguments)), env=self.environment(fault), cwd=work,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            try:
                out, err = process.communicate(timeout=PATIENCE)
                status = process.returncode
            except subprocess.TimeoutExpired:
                below = descendants(process.pid)
                process.kill()
                for pid in below:
                    os.kill(pid, 9)
                out, err = process.communicate()
                status = "hang"
        files = {str(path.relative_to(self.folder)): path.read_bytes() for top in (work, self.folder / "tmp")
                 for path in sorted(top.rglob("*")) if path.is_file()}
        return Outcome(status, out, err.decode(errors="replace"), files, *self.ledger.read())

    @staticmethod
    def is_right(command, base, got):
        if got.status != base.status or command.left(got.files):
            return False
        if base.result is not None:
            return not command.torn(got.files, base.files) and command.result(got.files) == base.result
        if isinstance(command, Facts):
            return command.is_same(base.out, got.out)
        if not command.is_stable:
            return skeleton(got.out) == skeleton(base.out)
        return got.out == base.out and got.files == base.files

    @staticmethod
    def fault_of(command, base, got, where):
        """What is wrong with an error; None: nothing."""
        if got.status == "hang" or got.status < 0:
            return f"ended by {got.status}"
        if command.left(got.files):
            return f"left behind: {command.left(got.files)}"
        if command.torn(got.files, base.files):
            return f"neither old nor whole: {command.torn(got.files, base.files)}"
        if isinstance(command, Facts) and got.status == 0:
            lies = command.lies(base.out, got.out)
            return f"facts: {lies}" if lies else None
        if got.status == 0 and b"Not all of it is estimated: " in got.out:
            return None
        if got.status not in CLEAN_STATUSES:
            return f"wrong output with exit status {got.status}"
        if where == BELOW and len(command.struck_cases(got.files)) > 1:
            return f"more than one case: {command.struck_cases(got.files)}"
        if base.result is None and len(got.err.strip()) < 12 and not got.out:
            return "an error without a sentence"
        return None

    def count(self, name, kind, where, wrong, is_right, n, err):
        self.counts[name, kind + where, "right" if is_right else "finding" if wrong else "clean"] += 1
        if wrong and not is_right:
            self.findings.append(f"{name} {kind}:{n}{where}: {wrong}; stderr: {err.strip()[:300]}")

    def strike(self, name, where, wanted):
        command = self.commands[name]
        base = self.execute(command, f"malloc:{NEVER}{where}")
        if base.status not in (0, 1, 4):
            raise AssertionError(f"{name} does not work without a fault: {base.status}\n{base.err}")
        if base.calls["malloc"] == 0:
            raise AssertionError(f"{name}: no allocation is counted: is {self.library} loaded?")
        base.result = command.result(base.files)
        if base.result is not None and command.left(base.files):
            raise AssertionError(f"{name} leaves {command.left(base.files)}")
        for kind in command.kinds:
            if not wanted.covers(name, kind) or (wanted.is_test and kind not in command.short):
                continue
            for n in wanted.turns(base.calls[kind]):
                got = self.execute(command, f"{kind}:{n}{where}")
                right = self.is_right(command, base, got)
                self.count(name, kind, where, None if right else self.fault_of(command, base, got, where), right, n,
                           got.err)
            self.tell(name, kind + where)

    def tell(self, name, kind):
        told = {what: self.counts[name, kind, what] for what in ("right", "clean", "finding")}
        if any(told.values()):
            print(f"{name:20} {kind:15}", *(f"{count:5} {what}" for what, count in told.items()), flush=True)


def skeleton(text):
    """A text without its numbers, which are others in each run."""
    return re.sub(rb"[0-9.]+", b"0", text)


class Wanted:
    def __init__(self, arguments):
        self.only, self.most = set(arguments.only), 0 if arguments.every else arguments.most
        self.is_test = not arguments.every and not self.only

    def covers(self, name, kind):
        return not self.only or bool({name, f"{name}:{kind}", f":{kind}"} & self.only)

    def covers_command(self, name):
        return any(self.covers(name, kind) for kind in KINDS)

    def turns(self, calls):
        return range(calls) if not self.most else sorted({i * calls // self.most for i in range(self.most)} - {calls})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("library", type=pathlib.Path)
    parser.add_argument("--every", action="store_true")
    parser.add_argument("--most", type=int, default=2)
    parser.add_argument("only", nargs="*", help="COMMAND, COMMAND:KIND or :KIND")
    arguments = parser.parse_intermixed_args()
    wanted = Wanted(arguments)
    with tempfile.TemporaryDirectory(prefix="vmsuite-fault-", dir="/var/tmp") as folder:
        campaign = Campaign(arguments.library.resolve(), pathlib.Path(folder))
        for name, command in campaign.commands.items():
            if wanted.covers_command(name):
                campaign.strike(name, OWN, wanted)
                if command.below:
                    campaign.strike(name, BELOW, wanted)
        if wanted.covers_command("serve"):
            peer_subject.strike(campaign, wanted)
        if wanted.covers_command("agent"):
            agent_subject.strike(campaign, wanted)
    totals = collections.Counter()
    for (_, _, what), count in campaign.counts.items():
        totals[what] += count
    print("in all:", dict(totals))
    for finding in campaign.findings:
        print(finding)
    return 1 if campaign.findings or not totals else 0


if __name__ == "__main__":
    sys.exit(main())
