#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What pairs are worth: two equal places, beside a load that comes and goes.

    pairs.py VMSUITE TREE [ROUNDS]

Both places are containers of systemd-nspawn on TREE. ROUNDS (300) rounds are run; each ROUNDS_A_SET after each other are
taken for a set, and compared twice: in pairs, and as if they had not been run in turn. Stated: the intervals of pairs
are at most NARROWER times as wide, and 94 to 98% of them hold the truth, give or take what chance does with so few.
Exit status 0: it is so; 1: it is not; 77: there is no TREE (debootstrap --variant=minbase makes one). Some 4 s a round.
"""
import json
import math
import multiprocessing
import os
import pathlib
import random
import sys
import tempfile
import time
import uuid

import place_intervals

ROUNDS_A_SET = 6
NARROWER = 0.8
COVERAGE = (0.94, 0.98)
BUSY_S = IDLE_S = 8  # on average: some rounds have it, others not


def load(seed):
    """One processor's load: there for a while, and away for a while, at the same times on all."""
    generator, end = random.Random(seed), time.monotonic()
    while True:
        end += generator.expovariate(1 / BUSY_S)
        while time.monotonic() < end:
            pass
        end += generator.expovariate(1 / IDLE_S)
        time.sleep(max(0, end - time.monotonic()))


def as_set(paths, folder, in_turn):
    """Copies that are of a set of their own, or of none."""
    for run, path in enumerate(paths, 1):
        record = json.loads(path.read_text())
        del record["run_set"]
        if in_turn:
            record["run_set"] = {"id": in_turn, "run": run, "runs": len(paths)}
        copy = folder / f"{in_turn or 'alone'}-{path.name}"
        copy.write_text(json.dumps(record))
        yield copy


def compared(program, found, folder, in_turn):
    rows = []
    for first in range(0, len(found["a"]) - ROUNDS_A_SET + 1, ROUNDS_A_SET):
        of_set = str(uuid.uuid4()) if in_turn else ""
        sides = [list(as_set(found[name][first:first + ROUNDS_A_SET], folder, of_set)) for name in "ab"]
        rows += place_intervals.intervals(program, *sides)
    if any(paired != bool(in_turn) for *_, paired in rows):
        sys.exit("pairs.py: compare did not take the runs as they were given")
    return rows


def main():
    program, tree, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 300
    if not os.path.isdir(tree):
        print(f"skipped: there is no {tree}")
        return 77
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        loads = [multiprocessing.Process(target=load, args=(1,), daemon=True) for _ in range(os.cpu_count())]
        for process in loads:
            process.start()
        try:
            found = place_intervals.run(program, f"{folder}/run", rounds, f"a=nspawn:{tree}", f"b=nspawn:{tree}")
        finally:
            for process in loads:
                process.terminate()
        copies = pathlib.Path(folder)
        alone, _ = place_intervals.show("not in turn", compared(program, found, copies, False))
        rows = compared(program, found, copies, True)
        pairs, coverage = place_intervals.show("pairs", rows)
    chance = 2 * math.sqrt(0.05 * 0.95 / len(rows))
    good = pairs <= NARROWER * alone and COVERAGE[0] - chance <= coverage <= COVERAGE[1] + chance
    print(f"{'as stated' if good else 'NOT as stated'}: pairs' intervals are {pairs / alone:.2f} times as wide")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
