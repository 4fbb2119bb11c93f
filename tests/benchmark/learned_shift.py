#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run a side, with a store of earlier runs of which each case is off by a shift: how many comparisons of equal
configurations hold a false "slower" or "faster", through the program. Without the store all are unconfirmed.

usage: learned_shift.py PROGRAM TABLES [SHIFT [EARLIER [ROWS]]]"""
import json
import math
import pathlib
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "fixtures"))
import make_history  # noqa: E402

program, tables = sys.argv[1], int(sys.argv[2])
shift, earlier, rows = (kind(text) for kind, text in zip((float, int, int), (sys.argv[3:] + ["0.05", "20", "20"][len(sys.argv) - 3:])))
draw = random.Random(20261129)


def run(*arguments):
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=True).stdout


def verdicts(sides, *more):
    comparison = json.loads(run("compare", *sides, "--format", "json", *more))
    return [found["verdict"] for found in comparison["rows"] + comparison["answers"]]


def cases():
    return make_history.draw_run(draw, rows, 10, 1.0, shift, 0.03)


false, decided_without, rights = 0, 0, 0
for table in range(tables):
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        paths = [make_history.write(folder, i, make_history.record(i, cases())) for i in range(earlier)]
        run("store", "import", "--store", f"{folder}/h.db", *paths)
        sides = [make_history.write(folder, earlier + i, make_history.record(earlier + i, cases(), configuration=name))
                 for i, name in enumerate(("here", "there"))]
        with_store = verdicts(sides, "--store", f"{folder}/h.db")
        false += any(verdict in ("slower", "faster") for verdict in with_store)
        decided_without += any(verdict != "unconfirmed" for verdict in verdicts(sides))
print(f"{tables} tables of {rows} rows, shift {shift}, {earlier} earlier runs: false {false / tables:.3f}, "
      f"without the store decided {decided_without / tables:.3f}")
sys.exit(false / tables > 0.05 + 3.5 * math.sqrt(0.05 * 0.95 / tables))
