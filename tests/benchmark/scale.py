#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes two sets of records of the same 20 cases with 5 metrics and 10 trials each, 1,000 samples a record, and compares
and exports both: the peak of memory of the large set must be that of the small one, but for a quarter, for what a record's
path and identity take, and in a comparison for the values of one row, which are 131,072 a side at the most
(POOL_VALUES_MAX). Prints how long each took, on the clock and on a processor.

usage: scale.py PROGRAM SMALL LARGE   (numbers of records)"""
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

CASES, METRICS, TRIALS = 20, 5, 10
BYTES_OF_A_ROW = 8 << 20
# Its path among the arguments, twice, and its identity; its figure in each row that is compared.
BYTES_PER_RECORD = 300 + 8 * CASES * METRICS
# The address sanitizer would keep a quarter of a gigabyte of what was freed.
FREED_IS_FREE = os.environ | {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") +
                              ":quarantine_size_mb=1:thread_local_quarantine_size_kb=64"}
program, sizes = sys.argv[1], [int(number) for number in sys.argv[2:4]]


def case(number):
    """A case with the values of its trials still open."""
    names = [f"figure_{i}" for i in range(METRICS)]
    trials = [{"trial": i + 1, "order": number + i * CASES, "start_s": 0.1 * i, "duration_s": 0.1, "status": "ok",
               "reason": None, "flags": [], "metrics": [{"metric": name, "value": "VALUE"} for name in names]}
              for i in range(TRIALS)]
    summary = [{"metric": name, "unit": "1/s", "better": "higher", "side": "local", "shape": "scalar", "n": TRIALS,
                "mean": 1000.5, "sd": 10.5, "ci95_mean": [990.5, 1010.5]} for name in names]
    return {"case": number, "group": "scale", "module": "none", "workload_version": 1, "resource": "cpu", "path": None,
            "params": {"size": number}, "status": "ok", "reason": None, "trials": trials, "summary": summary}


def make(folder, n):
    """n records of two configurations, in turn."""
    record = {"schema": "vmsuite.record/1", "run_id": "RUN", "configuration": "CONFIGURATION",
              "started_at": "2026-11-26T12:00:00Z", "status": "ok", "suite": {"suite": "scale"},
              "environment": {"before": {"virtualization": "native", "container": "none", "facts": []}},
              "cases": [case(i + 1) for i in range(CASES)]}
    parts = json.dumps(record).split('"VALUE"')
    draw = random.Random(20261126)
    values = [f"{draw.gauss(1000, 20):.6f}" for _ in range(10007)]
    for i in range(n):
        at = draw.randrange(len(values))
        text = "".join(part + values[(at + j) % len(values)] for j, part in enumerate(parts[:-1])) + parts[-1]
        text = text.replace("RUN", f"{i:08x}-0000-4000-8000-000000000000").replace("CONFIGURATION", "ab"[i % 2])
        (folder / f"{i}.json").write_text(text)
    return [str(folder / f"{i}.json") for i in range(n)]


def peak(process):
    """The largest resident set so far, in bytes; 0 where it cannot be determined any more."""
    try:
        for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def run(*arguments):
    """Peak of memory, seconds on the clock and seconds on a processor."""
    begun, largest, ended = time.monotonic(), 0, 0
    with subprocess.Popen([program, *arguments], stdout=subprocess.DEVNULL, env=FREED_IS_FREE) as process:
        while not ended:
            largest = max(largest, peak(process))
            time.sleep(0.005)
            ended, status, used = os.wait4(process.pid, os.WNOHANG)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, (arguments[0], process.returncode)
    return largest, time.monotonic() - begun, used.ru_utime + used.ru_stime


failed = False
with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/var/tmp")) as name:
    sets = []
    for size in sizes:
        folder = pathlib.Path(name) / str(size)
        folder.mkdir()
        sets.append(make(folder, size))
    kinds = [("compare",)] + [("export", "--format", form) for form in ("csv", "jsonl", "bmf", "github", "openmetrics")]
    kinds.append(("export", "--format", "google-benchmark"))
    for kind in kinds:
        step = 2 if kind[-1] == "google-benchmark" else 1  # it holds one configuration
        # What is over in a moment may peak unseen.
        measured = [max(run(kind[0], *paths[::step], *kind[1:]) for _ in range(times)) for paths, times in zip(sets, (3, 1))]
        limit = 1.25 * measured[0][0] + BYTES_PER_RECORD * (sizes[1] - sizes[0])
        limit += BYTES_OF_A_ROW if kind[0] == "compare" else 0
        flat = measured[1][0] <= limit
        failed |= not flat
        print(f"{'ok' if flat else 'FAILED'}: {' '.join(kind)}: " + ", ".join(
            f"{size // step} records, {size // step * CASES * METRICS * TRIALS} samples: {memory / 1e6:.1f} MB in "
            f"{seconds:.1f} s ({used:.1f} s on a processor)" for size, (memory, seconds, used) in zip(sizes, measured)))
sys.exit(failed)
