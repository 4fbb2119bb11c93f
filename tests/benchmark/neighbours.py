#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a suite with "together" says of places whose parts of one processor are known: control groups with weights.

    neighbours.py VMSUITE [TRIALS]

As root. Two groups with weights 100 and 300 on one processor: the ratio of what they do at the same time, by the median of
TRIALS (10), is 3, within 5%. Four groups of one weight: their fairness is above 0.98. Exit status 0: it is so; 1: it is not;
77: this machine has no control groups for it, or the user is not root.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

RATIO, WITHIN, FAIRNESS = 3, 0.05, 0.98


def measure(program, folder, trials, *weights):
    """The records of places of these weights, by name."""
    folder.mkdir()
    suite = {"suite": "one-processor", "trials": trials, "warmup": 1, "together": True, "benchmarks": [
        {"group": "cpu", "module": "linpack", "cpus": "0",
         "params": {"n": 100, "solver": "reference", "threads": 1, "seconds": "2s"}}]}
    path = folder / "configuration.json"
    path.write_text(json.dumps({"configuration": "here", "suite": suite}))
    words = [word for number, weight in enumerate(weights) for word in ("--on", f"p{number}=cgroup:weight={weight}")]
    done = subprocess.run([program, "run", path, *words, "--output", folder / "records", "--progress", "none"],
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode == 2 and "control group" in done.stderr:
        print(done.stderr)
        sys.exit(77)
    if done.returncode != 0:
        sys.exit(f"vmsuite run ended with {done.returncode}: {done.stderr[-500:]}")
    return sorted((folder / "records").glob("*.json"))


def figures(path):
    """Of the trials beside neighbours, in their order."""
    case, = [case for case in json.loads(path.read_text())["cases"] if case.get("neighbours")]
    return [trial["metrics"][0]["value"] for trial in case["trials"]]


def main():
    program, trials = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10
    if os.geteuid() != 0:
        sys.exit(77)
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        folder = pathlib.Path(name)
        light, heavy = (figures(path) for path in measure(program, folder / "two", trials, 100, 300))
        ratios = [b / a for a, b in zip(light, heavy)]
        four = measure(program, folder / "four", trials, 100, 100, 100, 100)
        compared = json.loads(subprocess.run([program, "compare", *four, "--format", "json"], stdout=subprocess.PIPE, text=True,
                                             check=True).stdout)
    ratio = statistics.median(ratios)
    resource, = [row for row in compared["neighbours"] if row["label"] is None]
    print(f"weights 1:3 give 1:{ratio:.3f} (trials 1:{min(ratios):.3f} to 1:{max(ratios):.3f})")
    print(f"four equal ones: fairness {resource['fairness']:.4f}, each keeps "
          + ", ".join(f"{kept:.1%}" for _, kept in sorted(resource["kept"].items())))
    sys.exit(abs(ratio / RATIO - 1) > WITHIN or resource["fairness"] <= FAIRNESS)


if __name__ == "__main__":
    main()
