#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What pairs are worth: two equal places, beside a load that comes and goes; and a place with 5% less.

    pairs.py VMSUITE PLACE [SETS]

Both places are PLACE, such as nspawn:TREE (debootstrap --variant=minbase makes one) or cgroup:weight=100. SETS (50) sets of
ROUNDS_A_SET rounds are run; each is compared twice: in pairs, and as if its runs had not been made in turn. Stated: the
intervals of pairs are at most NARROWER times as wide, 94 to 98% of them hold the truth, and at most 5% of the sets have a
verdict, which is wrong then, give or take what chance does with so few. Then ROUNDS_OF_LOSS rounds of two control groups, one
of which has 5% less of a processor: it is found, and the interval holds it. Exit status 0: it is so; 1: it is not; 77: there
is no such place here, or the user is not root. One to four seconds a round, and six minutes.
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
FALSE = 0.05
ROUNDS_OF_LOSS = 24
QUOTAS, LOSS = ("20%", "19%"), 0.05  # so little that it is what holds, however busy the machine is
LOSING = {"suite": "losing", "trials": 2, "warmup": 1, "benchmarks": [
    {"group": "cpu", "module": "linpack", "params": {"n": 100, "solver": "reference", "threads": 1, "seconds": "2s"}}]}
BUSY = IDLE = 2  # rounds on average: some have it, others not


def load(seed, round_s):
    """One processor's load: there for a while, and away for a while, at the same times on all."""
    generator, end = random.Random(seed), time.monotonic()
    while True:
        end += generator.expovariate(1 / (BUSY * round_s))
        while time.monotonic() < end:
            pass
        end += generator.expovariate(1 / (IDLE * round_s))
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
    """Of each set its rows."""
    sets = []
    for first in range(0, len(found["a"]) - ROUNDS_A_SET + 1, ROUNDS_A_SET):
        of_set = str(uuid.uuid4()) if in_turn else ""
        sides = [list(as_set(found[name][first:first + ROUNDS_A_SET], folder, of_set)) for name in "ab"]
        sets.append(place_intervals.intervals(program, *sides))
    if any(row.paired != bool(in_turn) for rows in sets for row in rows):
        sys.exit("pairs.py: compare did not take the runs as they were given")
    return sets


def chance(share, n):
    """What is within two standard errors."""
    return 2 * math.sqrt(share * (1 - share) / n)


def look_at_equal(program, found, folder):
    """Whether sets of equal places are as stated."""
    alone, _ = place_intervals.show("not in turn", sum(compared(program, found, folder, False), []))
    sets = compared(program, found, folder, True)
    rows = sum(sets, [])
    pairs, coverage = place_intervals.show("pairs", rows)
    n_false = sum(any(row.verdict in ("slower", "faster") for row in rows_of_set) for rows_of_set in sets)
    room = chance(FALSE, len(rows))
    print(f"pairs' intervals are {pairs / alone:.2f} times as wide; {n_false} of {len(sets)} sets have a false verdict")
    return (pairs <= NARROWER * alone and COVERAGE[0] - room <= coverage <= COVERAGE[1] + room and
            n_false <= (FALSE + chance(FALSE, len(sets))) * len(sets))


def look_at_loss(program, folder):
    """Whether the place that has less is found to be slower, by what it has less."""
    places = [f"{name}=cgroup:cpu={quota}" for name, quota in zip("ab", QUOTAS)]
    found = place_intervals.run(program, f"{folder}/loss", ROUNDS_OF_LOSS, *places, suite=LOSING)
    row, = place_intervals.intervals(program, found["a"], found["b"])
    print(f"{LOSS:.0%} less of a processor: {row.verdict}, {1 - row.high:.1%} to {1 - row.low:.1%}")
    return row.verdict == "slower" and row.low <= 1 - LOSS <= row.high


def main():
    program, place, sets = sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 50
    kind, _, tree = place.partition(":")
    if os.geteuid() != 0 or (kind == "nspawn" and not os.path.isdir(tree)):
        print(f"skipped: there is no {place}, or you are not root")
        return 77
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        begin = time.monotonic()
        place_intervals.run(program, f"{folder}/first", ROUNDS_A_SET, f"a={place}", f"b={place}")
        round_s = (time.monotonic() - begin) / ROUNDS_A_SET
        loads = [multiprocessing.Process(target=load, args=(1, round_s), daemon=True) for _ in range(os.cpu_count())]
        for process in loads:
            process.start()
        try:
            found = place_intervals.run(program, f"{folder}/run", sets * ROUNDS_A_SET, f"a={place}", f"b={place}")
            good = look_at_loss(program, folder)
        finally:
            for process in loads:
                process.terminate()
        good &= look_at_equal(program, found, pathlib.Path(folder))
    print("as stated" if good else "NOT as stated: see pairs.py")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
