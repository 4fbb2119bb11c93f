#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes records of many hosts, one of each of two configurations, 100 cases with 5 trials each, and compares them: says how long that
took and the peak of memory, which must be below 10 s and 500 MB for 1,000 hosts.

usage: fleet.py PROGRAM [HOSTS]"""
import json
import os
import pathlib
import random
import resource
import subprocess
import sys
import tempfile
import time

CASES, TRIALS = 100, 5
SECONDS, BYTES = 10, 500e6
program, hosts = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1000


def case(number):
    """A case with the values of its trials still open."""
    trials = [{"trial": i + 1, "order": number + i * CASES, "start_s": 0.1 * i, "duration_s": 0.1, "status": "ok",
               "reason": None, "flags": [], "metrics": [{"metric": "rate", "value": "VALUE"}]} for i in range(TRIALS)]
    summary = [{"metric": "rate", "unit": "1/s", "better": "higher", "side": "local", "shape": "scalar", "n": TRIALS,
                "mean": 1000.5, "sd": 10.5, "ci95_mean": [990.5, 1010.5]}]
    return {"case": number, "group": "fleet", "module": "none", "workload_version": 1, "resource": "cpu", "path": None,
            "params": {"size": number}, "status": "ok", "reason": None, "trials": trials, "summary": summary}


def make(folder):
    record = {"schema": "vmsuite.record/1", "run_id": "RUN", "configuration": "CONFIGURATION",
              "started_at": "2026-11-29T12:00:00Z", "status": "ok", "suite": {"suite": "fleet"}, "labels": {"node": "NODE"},
              "environment": {"before": {"virtualization": "native", "container": "none", "facts": []}},
              "cases": [case(i + 1) for i in range(CASES)]}
    parts = json.dumps(record).split('"VALUE"')
    draw = random.Random(20261129)
    paths = []
    for i in range(2 * hosts):
        if i % 2 == 0:
            host = draw.gauss(1000, 20)
        speed = host * (1 if i % 2 == 0 else 0.95)
        text = "".join(f"{part}{speed * draw.gauss(1, 0.01):.6f}" for part in parts[:-1]) + parts[-1]
        text = text.replace("RUN", f"{i:08x}-0000-4000-8000-000000000000").replace("CONFIGURATION", ("bare", "guest")[i % 2])
        path = folder / f"{i}.json"
        path.write_text(text.replace("NODE", f"n{i // 2}"))
        paths.append(str(path))
    return paths


with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
    paths = make(pathlib.Path(folder))
    begun = time.monotonic()
    answer = json.loads(subprocess.run([program, "compare", "--by", "node", "--format", "json", *paths], check=True,
                                       stdout=subprocess.PIPE, env=os.environ).stdout)
    seconds = time.monotonic() - begun
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    memory = 1024 * usage.ru_maxrss
assert len(answer["hosts"]) == hosts and len(answer["rows"]) == CASES
print(f"{hosts} hosts x {CASES} cases, two configurations: {seconds:.1f} s ({usage.ru_utime + usage.ru_stime:.1f} s of a processor), "
      f"{memory / 1e6:.0f} MB")
if hosts <= 1000 and (usage.ru_utime + usage.ru_stime > SECONDS or memory > BYTES):
    sys.exit(f"more than {SECONDS} s or {BYTES / 1e6:.0f} MB")
