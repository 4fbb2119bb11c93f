#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs simulate_verdicts and holds its shares against their limits: of 5% of wrong tables and failed gates where there
is no difference, of 95% found where 10% are lost at 3% CV, each with 2.33 standard errors for the simulation's chance.

usage: check_verdicts.py PROGRAM TABLES CASES"""
import json
import math
import subprocess
import sys

program, tables, cases = sys.argv[1], int(sys.argv[2]), sys.argv[3]
failed = False


def hold(what, value, limit, below, n):
    global failed
    chance = 2.33 * math.sqrt(0.05 * 0.95 / n)
    good = value <= limit + chance if below else value >= limit - chance
    failed |= not good
    print(f"{'ok' if good else 'FAILED'}: {what} {100 * value:.2f}%, {'at most' if below else 'at least'} {100 * limit:.0f}%"
          f" ({'+' if below else '-'}{100 * chance:.1f}% by chance)")


for model, runs in (("quiet", "1"), ("quiet", "3"), ("measured", "1"), ("measured", "3"), ("neighbours", "1"),
                    ("neighbours", "3"), ("busy", "1"), ("busy", "3"), ("loss", "1"), ("losses", "1")):
    result = json.loads(subprocess.run([program, model, str(tables), runs, cases], stdout=subprocess.PIPE,
                                       check=True).stdout)
    print(json.dumps(result))
    hold(f"{model}, {runs} run(s): wrong tables", result["wrong_tables"], 0.05, True, tables)
    hold(f"{model}, {runs} run(s): wrong gates", result["wrong_gates"], 0.05, True, tables)
    if result["found"] is not None:
        hold(f"{model}, {runs} run(s): found", result["found"], 0.95, False, tables)
sys.exit(failed)
