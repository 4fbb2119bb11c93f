#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What trials in turn are worth for guests: two equal guests of QEMU in turn, each stopped while the other has its turn,
beside the same two one after the other.

    frozen.py VMSUITE [RUNS [PLACE]]

PLACE (qemu-tcg) is booted for each of RUNS (6) runs, four times as often in all. Prints the widths of the intervals of
their ratio, which is 1. Stated: each guest was held still in all runs in turn, and the intervals in turn are no wider
than the others. Exit status 0: it is so; 1: it is not.
"""
import json
import sys
import tempfile

import place_intervals


def main():
    program, runs = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 6
    place = sys.argv[3] if len(sys.argv) > 3 else "qemu-tcg"
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        turns = place_intervals.run(program, f"{folder}/turns", runs, f"a={place}", f"b={place}")
        frozen = all(set(json.loads(path.read_text())["places"]["frozen"]) == {"a", "b"}
                     for paths in turns.values() for path in paths)
        after = {name: place_intervals.run(program, f"{folder}/{name}", runs, f"{name}={place}")[name] for name in "ab"}
        in_turn = place_intervals.intervals(program, turns["a"], turns["b"])
        alone = place_intervals.intervals(program, after["a"], after["b"])
    for first, second in zip(in_turn, alone):
        print(f"{first.case:10} in turn {place_intervals.width(first):7.2%} wide, one after the other "
              f"{place_intervals.width(second):7.2%}")
    widths = [place_intervals.show(name, rows)[0] for name, rows in (("in turn", in_turn), ("one by one", alone))]
    good = frozen and widths[0] <= widths[1]
    print("as stated" if good else f"NOT as stated{'' if frozen else ': not all guests were held still'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
