# SPDX-License-Identifier: GPL-3.0-or-later
"""The n-th call of a kind fails, n = 0, 1, 2 ...: what each command makes of it.

usage: campaign.py FAULT_LIBRARY [--every | --ways] [--most N] [--share I/N] [COMMAND:KIND ...]
Allowed are the right result (output, files and exit status as without a fault) and a clean error (exit status
neither 0 nor a signal, a sentence on stderr, no file but whole ones, nothing else left behind). A run's processes are
struck as well (kinds with "below"): that costs one case at most, and the others stand. As a test, N calls of each kind
are struck, spread evenly over all. --every strikes each, which takes 30 hours, as most calls are allocations that are
reached in the same way again and again. --ways strikes each way by which a call is reached (all callers, from the
program's start on) twice, with its first and its last call, and takes two or three; --share splits that among several
processes. The table printed is what came of it, with the number of calls and of ways that there are.
"""
import argparse
import collections
import ctypes
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

PATIENCE = 120
CLEAN_STATUSES = (1, 2, 3, 4)
NEVER = 1 << 62
ADDR_NO_RANDOMIZE = 0x0040000
OWN, BELOW = "", ":below"


class Calls:
    """The calls of a kind: how many, and the first and the last one of each way by which they are reached."""

    def __init__(self, number, reached=()):
        self.number = number
        first, last = {}, {}
        for turn, way in sorted(reached):
            first.setdefault(way, turn)
            last[way] = turn
        self.n_ways, self.of_ways = len(first), sorted({*first.values(), *last.values()})


class Ledger:
    """The numbers that the library keeps: faults, calls of each kind, and, where asked for, how each was reached."""
    HEAD, REACHED = struct.Struct(f"qQ{len(KINDS)}QQ"), struct.Struct("3Q")
    REACHED_MAX = 1 << 18

    def __init__(self, path):
        self.path = path

    def clear(self, with_ways=False):
        with open(self.path, "wb") as file:
            file.truncate(self.HEAD.size + (self.REACHED_MAX * self.REACHED.size if with_ways else 0))

    def read(self):
        with open(self.path, "rb") as file:
            _, faults, *calls, n_reached = self.HEAD.unpack(file.read(self.HEAD.size))
            reached = collections.defaultdict(list)
            for turn, kind, way in self.REACHED.iter_unpack(file.read(n_reached * self.REACHED.size)):
                reached[kind].append((turn, way))
        if reached and n_reached > self.REACHED_MAX:
            raise AssertionError(f"{n_reached} calls are more than the ledger has room for")
        return faults, {name: Calls(calls[kind], reached[kind]) for kind, name in enumerate(KINDS)}


class Outcome:
    def __init__(self, status, out, err, files, faults, calls):
        self.status, self.out, self.err, self.files, self.faults, self.calls = status, out, err, files, faults, calls


class Campaign:
    def __init__(self, library, folder, with_ways=False):
        self.library, self.folder, self.with_ways = library, folder, with_ways
        self.ledger = Ledger(folder / "ledger")
        plugins = folder / "plugins"
        plugins.mkdir()
        for name in ("testgood", "testslow", "testecho"):
            (plugins / f"{name}.so").symlink_to(PLUGINS / f"{name}.so")
        self.plain = dict(os.environ, VMSUITE_MODULE_PATH=f"{plugins}:{BUILD / 'modules'}",
                          TMPDIR=str(folder / "tmp"), PATH=f"{folder / 'bin'}:{os.environ['PATH']}")
        self.commands = commands(folder)
        self.counts = collections.Counter()
        self.findings = []

    def environment(self, fault):
        self.ledger.clear(self.with_ways and str(NEVER) in fault)
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
            (work / name).parent.mkdir(parents=True, exist_ok=True)
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
        if got.status == 0 and b"The estimate is incomplete: " in got.out:
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
        if base.calls["malloc"].number == 0:
            raise AssertionError(f"{name}: no allocation is counted: is {self.library} loaded?")
        base.result = command.result(base.files)
        if base.result is not None and command.left(base.files):
            raise AssertionError(f"{name} leaves {command.left(base.files)}")
        for kind in command.kinds:
            if not wanted.covers(name, kind) or (wanted.is_test and kind not in command.short):
                continue
            for n in wanted.turns(base.calls[kind])[::command.one_of if where == BELOW and self.with_ways else 1]:
                got = self.execute(command, f"{kind}:{n}{where}")
                right = self.is_right(command, base, got)
                self.count(name, kind, where, None if right else self.fault_of(command, base, got, where), right, n,
                           got.err)
            self.tell(name, kind + where, base.calls[kind])

    def tell(self, name, kind, calls):
        told = {what: self.counts[name, kind, what] for what in ("right", "clean", "finding")}
        if any(told.values()):
            print(f"{name:20} {kind:15} {calls.number:6} calls",
                  *([f"{calls.n_ways:5} ways"] if self.with_ways else []),
                  *(f"{count:5} {what}" for what, count in told.items()), flush=True)


def skeleton(text):
    """A text without its numbers, which are others in each run."""
    return re.sub(rb"[0-9.]+", b"0", text)


class Wanted:
    def __init__(self, arguments):
        self.only, self.most = set(arguments.only), 0 if arguments.every else arguments.most
        self.with_ways, self.share = arguments.ways, arguments.share
        self.is_test = not arguments.every and not arguments.ways and not self.only

    def covers(self, name, kind):
        return not self.only or bool({name, f"{name}:{kind}", f":{kind}"} & self.only)

    def covers_command(self, name):
        return any(self.covers(name, kind) for kind in KINDS)

    def turns(self, calls):
        mine, of = self.share
        turns = calls.of_ways if self.with_ways else range(calls.number)
        if self.most and not self.with_ways:
            turns = sorted({i * calls.number // self.most for i in range(self.most)} - {calls.number})
        return list(turns)[mine - 1::of]


def share(text):
    """ "2/4": the second of four shares."""
    mine, of = map(int, text.split("/"))
    if not 1 <= mine <= of:
        raise argparse.ArgumentTypeError(f"{text} is not a share, as 1/4 is")
    return mine, of


def keep_addresses():
    """Programs started from here on have their code at the same addresses: ways compare."""
    ctypes.CDLL(None).personality(ADDR_NO_RANDOMIZE)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("library", type=pathlib.Path)
    parser.add_argument("--every", action="store_true")
    parser.add_argument("--ways", action="store_true")
    parser.add_argument("--most", type=int, default=2)
    parser.add_argument("--share", type=share, default=(1, 1), metavar="I/N")
    parser.add_argument("only", nargs="*", help="COMMAND, COMMAND:KIND or :KIND")
    arguments = parser.parse_intermixed_args()
    wanted = Wanted(arguments)
    if arguments.ways:
        keep_addresses()
    with tempfile.TemporaryDirectory(prefix="vmsuite-fault-", dir="/var/tmp") as folder:
        campaign = Campaign(arguments.library.resolve(), pathlib.Path(folder), arguments.ways)
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
