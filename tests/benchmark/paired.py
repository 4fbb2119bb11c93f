#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Side by side: two commands (or functions) measured in turn, and the median of their paired ratios.

    paired.py [--pairs N] [--at-least R] [--at-most R] [--better lower] TITLE -- OURS... -- THEIRS...

Each command prints its figures on stdout, one a line: "NAME VALUE", or a bare VALUE. Which of the two goes
first changes from pair to pair, so that drift of the machine falls on both alike. A ratio above 1 means that
ours is better. Exit status 1: a median ratio is below --at-least or above --at-most (for what should be alike),
2: wrong use, or a command failed.

From another script: `paired.compare("title", ours, theirs)`, where each side is a list of arguments or a
function that returns a dictionary of figures; then `paired.show(rows)`.
"""
import argparse
import statistics
import subprocess
import sys
from dataclasses import dataclass, field


@dataclass
class Row:
    """One figure of both sides: what each pair measured."""

    name: str
    better: str
    ours: list = field(default_factory=list)
    theirs: list = field(default_factory=list)

    def ratios(self):
        pairs = zip(self.ours, self.theirs)
        return [a / b if self.better == "higher" else b / a for a, b in pairs]


def run(side):
    """The figures of one run of a side: {name: value}; a bare value has the name ''."""
    if callable(side):
        return side()
    done = subprocess.run(side, stdout=subprocess.PIPE, text=True, check=True)
    figures = {}
    for line in done.stdout.split("\n"):
        words = line.split()
        if words:
            figures[words[0] if len(words) > 1 else ""] = float(words[-1])
    return figures


def compare(title, ours, theirs, pairs=7, better="higher"):
    """Measures `pairs` alternating pairs; one Row for each figure that both sides print."""
    rows = {}
    for pair in range(pairs):
        if pair % 2 == 0:
            a, b = run(ours), run(theirs)
        else:
            b, a = run(theirs), run(ours)
        for name in (name for name in a if name in b):
            row = rows.setdefault(name, Row(f"{title} {name}".strip(), better))
            row.ours.append(a[name])
            row.theirs.append(b[name])
    if not rows:
        raise ValueError(f"{title}: the two sides have no figure in common")
    # What was 0 on a side has no ratio, such as retransmits.
    return [row for row in rows.values() if all(row.ours) and all(row.theirs)]


def show(rows):
    """Prints the table; returns the lowest and the highest median ratio."""
    print(f"{'':28} {'pairs':>5} {'ours':>12} {'theirs':>12} {'ratio':>7} {'lowest':>7} {'highest':>7}")
    for row in rows:
        ratios = row.ratios()
        print(f"{row.name:28} {len(ratios):5} {statistics.median(row.ours):12.5g} "
              f"{statistics.median(row.theirs):12.5g} {statistics.median(ratios):7.3f} "
              f"{min(ratios):7.3f} {max(ratios):7.3f}")
    medians = [statistics.median(row.ratios()) for row in rows]
    return min(medians), max(medians)


def split_sides(words):
    """The two commands behind "--"."""
    sides = [[]]
    for word in words:
        if word == "--":
            sides.append([])
        else:
            sides[-1].append(word)
    if len(sides) != 3 or sides[0] or not sides[1] or not sides[2]:
        sys.exit("paired.py: give two commands: TITLE -- OURS... -- THEIRS...")
    return sides[1], sides[2]


def main():
    words = sys.argv[1:]
    cut = words.index("--") if "--" in words else len(words)
    parser = argparse.ArgumentParser(usage="paired.py [options] TITLE -- OURS... -- THEIRS...")
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--at-least", type=float, default=0.0, metavar="R")
    parser.add_argument("--at-most", type=float, default=float("inf"), metavar="R")
    parser.add_argument("--better", choices=["higher", "lower"], default="higher")
    parser.add_argument("title")
    options = parser.parse_args(words[:cut])
    ours, theirs = split_sides(words[cut:])
    try:
        lowest, highest = show(compare(options.title, ours, theirs, options.pairs, options.better))
    except (subprocess.CalledProcessError, OSError, ValueError) as problem:
        print(f"paired.py: {problem}", file=sys.stderr)
        return 2
    return 1 if lowest < options.at_least or highest > options.at_most else 0


if __name__ == "__main__":
    sys.exit(main())
