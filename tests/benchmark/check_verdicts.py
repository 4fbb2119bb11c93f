#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs simulate_verdicts over a grid and holds it against the limits of docs/method.md, each with 3 standard errors for
the simulation's chance. The short form is a test; the long one prints the table of docs/method.md.

usage: check_verdicts.py PROGRAM short|long [TABLES]"""
import itertools
import json
import math
import subprocess
import sys

program, form = sys.argv[1], sys.argv[2]
tables = int(sys.argv[3]) if len(sys.argv) > 3 else 200 if form == "short" else 1000
failed = False


def simulate(tables=tables, **model):
    arguments = [f"{name}={value}" for name, value in {"tables": tables, **model}.items()]
    return json.loads(subprocess.run([program, *arguments], stdout=subprocess.PIPE, check=True).stdout)


def hold(what, value, limit, below, n):
    """Whether `value`, a share of n, is within its limit."""
    global failed
    chance = 3 * math.sqrt(limit * (1 - limit) / n)
    good = value <= limit + chance if below else value >= limit - chance
    failed |= not good
    print(f"{'ok' if good else 'FAILED'}: {what}: {100 * value:.2f}%, {'at most' if below else 'at least'} "
          f"{100 * limit:.1f}% ({'+' if below else '-'}{100 * chance:.1f}% by chance)", flush=True)


def least_coverage(runs, kind):
    """Strongly unequal sides with one shared shift are the exception."""
    return {2: 0.90, 3: 0.91}.get(runs, 0.94) if kind == "baseline4shared" else 0.94


def hold_equal(**model):
    """Machines that are equal: nothing is slower or faster, and no gate fails."""
    n = max(20, tables * 20 // max(20, model["rows"]))
    result = simulate(tables=n, **model)
    what = " ".join(f"{name}={value}" for name, value in model.items())
    hold(f"{what}: false tables", result["false_tables"], 0.05, True, n)
    hold(f"{what}: gate", result["gate_trips"], 0.01, True, n)
    if model["runs"] > 1 and not model.get("zero") and "figures" not in model: # rows that share their shifts are one draw a table
        hold(f"{what}: coverage", result["coverage"], least_coverage(model["runs"], model.get("kind")), False, n)


def hold_gate(**model):
    """Runs that differ further than one run of each is believed for: verdicts may be wrong, but no gate fails."""
    result = simulate(**model)
    what = " ".join(f"{name}={value}" for name, value in model.items())
    hold(f"{what}: gate", result["gate_trips"], 0.01, True, tables)


def hold_power(share, figure, **model):
    result = simulate(**model)
    what = " ".join(f"{name}={value}" for name, value in model.items())
    hold(f"{what}: {figure}", result[figure], share, False, tables)


if form == "short":
    for runs, kind in ((1, "shared"), (2, "baseline4shared"), (3, "independent"), (3, "shared")):
        hold_equal(rows=8, runs=runs, shift=0.05, kind=kind, resources=2)
    hold_equal(rows=1, runs=3, shift=0.05, noise="ar7")
    hold_equal(rows=4, runs=6, looks=3, shift=0.002, cv=0.01)
    hold_equal(rows=6, runs=3, zero=0.3, shift=0.02, lower=1)
    hold_equal(rows=6, runs=4, missing=0.2, failed=0.2, shift=0.02, sides=3)
    hold_equal(rows=4, runs=1, trials=10, shift=0.02, cv=0.2, noise="ar9")
    hold_gate(rows=1, runs=1, shift=0.1)
    hold_gate(rows=4, runs=1, trials=5, cv=0.2, noise="ar9", shift=0.05, kind="twice")
else:
    for rows, runs, shift in itertools.product((1, 20, 200), (2, 3, 5, 10), (0, 0.005, 0.01, 0.02, 0.05, 0.1)):
        for kind in ("independent", "shared", "twice", "baseline4", "baseline4shared") if shift else ("shared",):
            for noise in ("normal", "t3", "modes", "ar7", "drift"):
                hold_equal(rows=rows, runs=runs, shift=shift, kind=kind, noise=noise)
    for rows, runs, kind in itertools.product((2, 20), (2, 3, 5, 10), ("uneven", "heavy")):
        hold_equal(rows=rows, runs=runs, shift=0.05, kind=kind)
    for rows, runs, other in itertools.product((1, 5, 50), (2, 3), (5, 7)):
        hold_equal(rows=rows, runs=runs, other_runs=other, shift=0.05)
    for rows, shift in itertools.product((1, 20, 200), (0, 0.01, 0.05)):
        hold_equal(rows=rows, runs=1, shift=shift, kind="shared")
    hold_equal(rows=20, runs=1, shift=0.02, kind="uneven")
    for rows, trials, noise in itertools.product((4, 20), (10, 20), ("ar5", "ar9")):
        hold_equal(rows=rows, runs=1, trials=trials, shift=0.02, cv=0.2, noise=noise)
    for rows, kind in ((1, "independent"), (1, "twice"), (20, "shared"), (20, "twice")):
        hold_gate(rows=rows, runs=1, shift=0.1, kind=kind)
    for rows, trials, cv, noise, kind in itertools.product((1, 4, 20), (5, 10), (0.03, 0.05, 0.2), ("normal", "ar5", "ar9"),
                                                           ("independent", "shared", "twice", "baseline4")):
        hold_gate(rows=rows, runs=1, trials=trials, cv=cv, noise=noise, shift=0.05, kind=kind)
    for rows, runs, kind in itertools.product((1, 3, 20), (4, 5, 8), ("independent", "shared", "uneven")):
        for off in (0, 0.05):
            hold_equal(rows=rows, runs=runs, shift=0.01, round=off, in_turn=1, kind=kind)
    for rows, runs, zero in itertools.product((1, 3, 20), (1, 2, 3, 5), (0.02, 0.3, 0.7)):
        hold_equal(rows=rows, runs=runs, shift=0.02, zero=zero)
    for rows, runs, figures in itertools.product((1, 3, 20), (1, 2, 3, 5), ("counts", "zeros")):
        hold_equal(rows=rows, runs=runs, shift=0, figures=figures, lower=1)
    for rows, runs, kind in itertools.product((3, 20), (2, 3, 5), ("independent", "shared", "uneven")):
        hold_equal(rows=rows, runs=runs, shift=0.02, kind=kind, missing=0.1, failed=0.3, resources=2)
        hold_equal(rows=rows, runs=runs, shift=0.02, kind=kind, sides=3, resources=2)
    for rows, runs, kind in itertools.product((1, 4, 20), (6, 10), ("independent", "shared", "uneven")):
        hold_equal(rows=rows, runs=runs, looks=3, shift=0.002, cv=0.01, kind=kind)
hold_power(0.95, "found", rows=20, runs=3, shift=0.01, loss=0.1, lossy=1)
hold_power(0.99, "found", rows=20, runs=1, trials=5, cv=0.05, shift=0.02, loss=0.5, lossy=1)
hold_power(0.88, "gates", rows=1, runs=1, trials=5, cv=0.05, shift=0.02, loss=0.5, lossy=1)
hold_power(0.97, "gates", rows=8, runs=1, trials=5, cv=0.05, shift=0.02, loss=0.5, lossy=8)
hold_power(0.95, "equivalent", rows=8, runs=5, trials=20, cv=0.02, shift=0.005)
if form == "long":
    hold_power(0.90, "found", rows=20, runs=3, shift=0.01, noise="ar7", loss=0.1, lossy=1)
    hold_power(0.90, "found", rows=20, runs=3, shift=0.02, loss=0.1, lossy=1)
sys.exit(failed)
