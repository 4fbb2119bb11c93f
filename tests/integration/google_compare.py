#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has Google Benchmark's own compare.py (Debian: libbenchmark-tools) compare two exported records, and holds what it
says against `vmsuite compare`: the same cases and metrics, the values of each trial, a p-value of the same test.
Exit 77: skipped, it is not installed.

usage: google_compare.py SOURCE_FOLDER VMSUITE"""

import importlib.util
import json
import math
import pathlib
import subprocess
import sys
import tempfile

source, program = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
tool = pathlib.Path("/usr/share/benchmark/compare.py")
if not tool.exists() or importlib.util.find_spec("scipy") is None:
    print("skipped: Google Benchmark's compare.py is not installed (libbenchmark-tools, python3-scipy)")
    sys.exit(77)

# Ours is exact, theirs is SciPy's approximation for 10 against 10.
P_DIFFERENCE = 0.02


def values(record, name):
    """What the trials of a case and metric gave."""
    return [metric["value"] for case in record["cases"] for trial in case["trials"] for metric in trial["metrics"]
            if case["group"] + "".join(f" {key}={value}" for key, value in case["params"].items()
                                       if key in ("message_size", "file_size")) + "/" + metric["metric"] == name]


def time_of(unit, better, value):
    if better == "higher":
        return 1e9 / value
    return value * 1e9 if unit == "s" else value


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    subprocess.run([sys.executable, source / "tests/fixtures/make_santos.py", folder], check=True)
    records = [folder / "native.json", folder / "xen-hvm.json"]
    exports = [folder / f"{number}.google.json" for number in range(2)]
    for record, export in zip(records, exports):
        subprocess.run([program, "export", record, "--format", "google-benchmark", "--output", export], check=True)
    result = subprocess.run([sys.executable, tool, "--no-color", "--dump_to_json", folder / "out.json", "benchmarks",
                             *exports], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    theirs = {entry["name"]: entry for entry in json.loads((folder / "out.json").read_text())
              if entry["run_type"] == "iteration"}
    ours = json.loads(subprocess.run([program, "compare", *records, "--format", "json"], capture_output=True,
                                     check=True).stdout)["rows"]
    wholes = [json.loads(record.read_text()) for record in records]

assert len(theirs) == len(ours), (len(theirs), len(ours))
for row in ours:
    name = f"{row['label']}/{row['metric']}"
    found = theirs[name]
    for whole, key in zip(wholes, ("real_time", "real_time_other")):
        wanted = [time_of(row["unit"], row["better"], value) for value in values(whole, name)]
        read = [measurement[key] for measurement in found["measurements"]]
        assert len(read) == 10 and all(math.isclose(a, b, rel_tol=1e-12) for a, b in zip(read, wanted)), name
    p = found["utest"]["time_pvalue"]
    assert abs(p - row["p_ranks"]) < P_DIFFERENCE, (name, p, row["p_ranks"])
print(f"Google Benchmark's compare.py agrees on {len(ours)} rows")
