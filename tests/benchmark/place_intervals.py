# SPDX-License-Identifier: GPL-3.0-or-later
"""What pairs.py and frozen.py share: runs over places, and what their comparison says."""
import collections
import json
import math
import pathlib
import statistics
import subprocess
import sys

# Short cases, of processor and memory. Places that are equal have the ratio 1.
SUITE = {"suite": "equal", "trials": 2, "warmup": 1, "benchmarks": [
    {"group": "cpu", "module": "linpack", "params": {"n": 100, "solver": "reference", "threads": 1, "seconds": "50ms"}},
    {"group": "memory", "module": "memlat", "params": {"size": "4MiB", "pages": "none", "seconds": "50ms"}},
    {"group": "triad", "module": "stream", "params": {"array_size": "4MiB", "threads": 1, "repetitions": 3}}]}

# Of a case's headline: the interval of the ratio, other over baseline, whether it is that of pairs, and the verdict.
Row = collections.namedtuple("Row", "case low high paired verdict")


def run(program, folder, runs, *places, suite=SUITE):
    """Runs a suite at the places; the records' paths by configuration, each in the order of its rounds."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True)
    path = folder / "equal.json"
    path.write_text(json.dumps({"configuration": "here", "suite": suite}))
    words = [word for place in places for word in ("--on", place)]
    done = subprocess.run([program, "run", path, *words, "--runs", str(runs), "--output", folder / "records", "--progress", "none"],
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"vmsuite run ended with {done.returncode}: {done.stderr[-500:]}")
    found = {}
    for record in (folder / "records").glob("*.json"):
        content = json.loads(record.read_text())
        found.setdefault(content["configuration"], []).append((content["run_set"]["run"], record))
    return {name: [path for _, path in sorted(records)] for name, records in found.items()}


def intervals(program, baseline, other):
    """A Row for each case."""
    words = [word for path in baseline[1:] for word in ("--baseline", path)]
    done = subprocess.run([program, "compare", baseline[0], *other, *words, "--format", "json"], stdout=subprocess.PIPE,
                          text=True, check=True)
    return [Row(row["group"], *row["ratio_ci95"], row["paired"], row["verdict"]) for row in json.loads(done.stdout)["rows"]
            if row["headline"] and row["ratio_ci95"]]


def width(row):
    """On the scale of logarithms, where halves and doubles are as far."""
    return math.log(row.high / row.low)


def show(name, found):
    """One line: how wide, and how often 1 is inside. The median width."""
    widths = [width(row) for row in found]
    covered = sum(row.low <= 1 <= row.high for row in found)
    print(f"{name:12} {len(found):5} intervals, median width {statistics.median(widths):7.2%}, "
          f"{covered / len(found):6.1%} hold the truth", flush=True)
    return statistics.median(widths), covered / len(found)
