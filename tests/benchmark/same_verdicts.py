#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the simulation compares as the program does: tables are drawn, written as records, and compared by the
program, which must find the same of each row and answer.

usage: same_verdicts.py SIMULATION PROGRAM FOLDER_OF_FIXTURES"""
import json
import pathlib
import subprocess
import sys
import tempfile
import uuid

simulation, program, fixtures = sys.argv[1:4]
sys.path.insert(0, fixtures)
import make_santos  # noqa: E402

MODELS = [
    {"rows": 1, "runs": 1, "shift": 0.05},
    {"rows": 20, "runs": 3, "shift": 0.02, "resources": 4, "loss": 0.2, "lossy": 2},
    {"rows": 8, "runs": 2, "other_runs": 5, "kind": "baseline4shared", "noise": "ar7", "resources": 2},
    {"rows": 6, "runs": 5, "round": 0.1, "in_turn": 1, "sides": 3, "loss": 0.1, "lossy": 1, "noise": "t3"},
    {"rows": 8, "runs": 3, "zero": 0.3, "lower": 1, "resources": 2},
    {"rows": 5, "runs": 4, "figures": "zeros", "lower": 1},
    {"rows": 5, "runs": 4, "figures": "counts", "cv": 0, "shift": 0},
    {"rows": 10, "runs": 4, "missing": 0.2, "failed": 0.3, "resources": 2},
    {"rows": 4, "runs": 8, "looks": 3, "resources": 2, "shift": 0.001},
]
RESOURCES = ("cpu", "memory", "disk", "network")


def case_of(number, drawn, model):
    values = [value for value in drawn["values"] if value is not None]
    better = "lower" if model.get("lower") else "higher"
    trials = [{"trial": i + 1, "order": i + 1, "start_s": float(i), "duration_s": 0.5, "status": "failed" if value is None
               else "ok", "reason": "drawn so" if value is None else None, "flags": [], "facts": [], "clock": None,
               "metrics": [] if value is None else [{"metric": "rate", "value": value}]}
              for i, value in enumerate(drawn["values"])]
    whole = len(values) == len(trials)
    summary = {"metric": "rate", "unit": "1/s", "better": better, "side": "local", "shape": "scalar", "n": len(values)}
    return {"case": number, "group": "simulated", "module": "none", "workload_version": 1,
            "resource": RESOURCES[drawn["row"] % model.get("resources", 1)], "path": None,
            "params": {"size": drawn["row"]}, "seed": 1, "trials_wanted": len(trials), "warmup": 0, "deadline_s": 60.0,
            "status": "ok" if whole else "failed", "reason": None if whole else "drawn so", "facts": [],
            "trials": trials, "summary": [summary]}


def record_of(run, number, model):
    record = make_santos.Record("native").as_json(None)
    record.update(run_id=str(uuid.UUID(int=number + 1 << 96 | 4 << 76 | 8 << 60)),
                  configuration="baseline" if run["side"] == 0 else f"other-{run['side']}",
                  cases=[case_of(i + 1, drawn, model) for i, drawn in enumerate(run["cases"])])
    if "set" in run:
        record["run_set"] = run["set"]
    return record


def near(a, b):
    return a == b or None not in (a, b) and abs(a - b) <= 1e-9 * max(abs(a), abs(b))


def same(ours, theirs, names):
    return all(near(ours[name], theirs[name]) if name != "verdict" else ours[name] == theirs[name] for name in names)


def check(model, folder):
    arguments = [f"{name}={value}" for name, value in model.items()]
    drawn = json.loads(subprocess.run([simulation, "show=1", *arguments], stdout=subprocess.PIPE, check=True).stdout)
    paths = []
    for number, run in enumerate(drawn["runs"]):
        paths.append(pathlib.Path(folder) / f"{number}.json")
        paths[-1].write_text(json.dumps(record_of(run, number, model)), encoding="utf-8")
    out = subprocess.run([program, "compare", "--format", "json", *paths], stdout=subprocess.PIPE, check=True).stdout
    ours, theirs = drawn["comparison"], json.loads(out)
    pairs = {}
    for name, keys in (("rows", ("label", "other_configuration")), ("answers", ("resource", "other_configuration"))):
        for index, comparison in enumerate((ours, theirs)):
            for finding in comparison[name]:
                pairs.setdefault((name, *(finding[key] for key in keys)), [None, None])[index] = finding
    wrong = [key for key, (a, b) in pairs.items()
             if not a or not b or not same(a, b, ("verdict", "loss", "p", "p_difference", "p_equivalence"))]
    if not near(ours["error"], theirs["error"]):
        wrong.append("error")
    print(f"{'FAILED' if wrong or not pairs else 'ok'}: {' '.join(arguments)}: {len(pairs)} findings {wrong}")
    return not wrong and pairs


with tempfile.TemporaryDirectory() as scratch:
    sys.exit(not all([check(dict(model, seed=seed), scratch) for model in MODELS for seed in (1, 2)]))
