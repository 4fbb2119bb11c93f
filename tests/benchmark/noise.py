#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many trials are flagged on an otherwise idle machine, and beside load; and what telling it costs.

    noise.py VMSUITE [RUNS]

Runs the suite quick (with small arrays, so that a run takes half a minute) RUNS times (10) alone and once beside stress-ng
on all processors. Stated: of each quiet run at most 10% of the trials are flagged, beside the load at least 90%, and
collecting facts and noise takes at most 1% of a run's time. Stolen time is flagged on a quiet machine, too: there it is
the hypervisor's doing, and is listed on its own. Exit status 0: it is so; 1: it is not; 77: no stress-ng.
"""
import collections
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

QUIET_AT_MOST = 0.10
LOADED_AT_LEAST = 0.90
COST_AT_MOST = 0.01
NOT_NOISE = {"mismatch", "repeated", "clock"}
SUITE = pathlib.Path(__file__).parents[2] / "runner" / "suites" / "quick.json"


def configuration(folder):
    suite = json.loads(SUITE.read_text())
    for benchmark in suite["benchmarks"]:
        if benchmark["module"] == "stream":
            benchmark["params"] = {"array_size": "64MiB"}
    path = folder / "noise.json"
    path.write_text(json.dumps({"configuration": "noise", "suite": suite}))
    return path


def run(program, path):
    done = subprocess.run([program, "run", path, "--output", "-", "--quiet"], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def flagged(record, left_out=frozenset()):
    """The share of flagged trials, and how often each flag stands in which group."""
    trials = [(case["group"], set(trial["flags"]) - NOT_NOISE - left_out)
              for case in record["cases"] for trial in case["trials"]]
    where = collections.Counter((group, flag) for group, flags in trials for flag in flags)
    return sum(1 for _, flags in trials if flags) / len(trials), where


def tell(name, record):
    share, where = flagged(record)
    listed = ", ".join(f"{group} {flag} {count}" for (group, flag), count in sorted(where.items()))
    cost = record["collecting"]["share"]
    print(f"{name}: {share:.1%} flagged, collecting {cost:.3%} of {record['duration_s']:.1f} s; {listed or 'no flag'}",
          flush=True)
    return cost <= COST_AT_MOST


def main():
    if not shutil.which("stress-ng"):
        print("skipped: no stress-ng")
        return 77
    program, runs = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10
    good = True
    with tempfile.TemporaryDirectory() as folder:
        path = configuration(pathlib.Path(folder))
        for i in range(runs):
            record = run(program, path)
            good &= tell(f"quiet run {i + 1}", record)
            good &= flagged(record, {"steal"})[0] <= QUIET_AT_MOST
        load = subprocess.Popen(["stress-ng", "--quiet", "--cpu", str(os.cpu_count())])
        try:
            record = run(program, path)
        finally:
            load.terminate()
            load.wait()
        good &= tell("beside stress-ng", record)
        good &= flagged(record)[0] >= LOADED_AT_LEAST
    print("as stated" if good else "NOT as stated: see noise.py")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
