#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exports the golden record in every format and reads it back with other programs' readers: nothing may be lost,
repeated or rounded.

usage: export.py SOURCE_FOLDER VMSUITE"""

import csv
import io
import json
import pathlib
import subprocess
import sys
import tempfile

source, program = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
golden = source / "tests/golden/record.json"
record = json.loads(golden.read_text())
failures = []


def check(condition, sentence):
    if not condition:
        failures.append(sentence)
        print("FAILED:", sentence)


def export(name, *options, path=golden):
    result = subprocess.run([program, "export", path, "--format", name, *options], capture_output=True, check=True)
    return result.stdout.decode("utf-8")


def samples():
    """Every (case, trial, metric) of the record."""
    for case in record["cases"]:
        for trial in case["trials"]:
            for metric in trial["metrics"]:
                yield case, trial, metric


wanted = {(case["case"], trial["trial"], metric["metric"]): metric for case, trial, metric in samples()}
unmeasured = {(case["case"], trial["trial"]) for case in record["cases"] for trial in case["trials"]
              if not trial["metrics"]}


def check_tidy():
    lines = [json.loads(line) for line in export("jsonl").splitlines()]
    table = list(csv.DictReader(io.StringIO(export("csv"))))
    found = {(row["case"], row["trial"], row["metric"]): row for row in lines if row["value"] is not None}
    check(found.keys() == wanted.keys(), "jsonl lacks samples, or has too many")
    check(len(lines) == len(wanted) + len(unmeasured), f"jsonl has {len(lines)} rows")
    for key, row in found.items():
        check(row["value"] == wanted[key]["value"], f"{key}: {row['value']} in jsonl")
        for percentile in wanted[key].get("percentiles", []):
            check(row[f"q{percentile['q']:g}"] == percentile["value"], f"{key}: a percentile differs")
    for row in lines:
        check(row["value"] is not None or (row["status"] != "ok" and row["reason"]), f"{row} is missing without reason")
    check(list(table[0]) == list(lines[0]), "csv and jsonl have different columns")
    check(len(table) == len(lines), "csv and jsonl differ in length")
    for cells, row in zip(table, lines):
        for column, value in row.items():
            cell = cells[column]
            if value is None:
                same = cell == ""
            elif isinstance(value, bool):
                same = cell == str(value).lower()
            elif isinstance(value, (int, float)):
                same = float(cell) == value
            else:
                same = cell == (value if isinstance(value, str) else json.dumps(value)) or json.loads(cell) == value
            check(same, f"csv: {column} is {cell!r}, in jsonl {value!r}")


def means():
    return {(case["case"], summary["metric"]): summary for case in record["cases"] for summary in case["summary"]
            if summary["mean"] is not None}


def check_pandas():
    """The columns that a notebook works with, as pandas reads them: every value to its last digit."""
    try:
        import pandas
    except ImportError:
        print("csv was not read by pandas: python3-pandas is not installed")
        return
    table = pandas.read_csv(io.StringIO(export("csv")), float_precision="round_trip")
    lines = pandas.read_json(io.StringIO(export("jsonl")), lines=True, precise_float=True)
    check(list(table.columns) == list(lines.columns), "pandas finds other columns in csv and jsonl")
    measured = table[table["value"].notna()]
    check(len(measured) == len(wanted), f"pandas finds {len(measured)} values in csv")
    for row in measured.itertuples():
        check(row.value == wanted[(row.case, row.trial, row.metric)]["value"], f"pandas: {row.value}")
    means = measured[measured["status"] == "ok"].groupby(["case", "metric"])["value"].mean()
    for case in record["cases"]:
        for summary in case["summary"]:
            if summary["mean"] is not None:
                check(abs(means[(case["case"], summary["metric"])] - summary["mean"]) <= 1e-12 * abs(summary["mean"]),
                      f"pandas: the mean of {summary['metric']}")


def check_bmf():
    """bencher.dev/bmf.json: an object of objects of {value, lower_value, upper_value}, all numbers."""
    found = [(name, measure, metric) for name, measures in json.loads(export("bmf")).items()
             for measure, metric in measures.items()]
    check(sorted(metric["value"] for _, _, metric in found) == sorted(s["mean"] for s in means().values()),
          "bmf has other means")
    for name, measure, metric in found:
        check(set(metric) <= {"value", "lower_value", "upper_value"}, f"bmf: {metric}")
        check(all(isinstance(number, float) for number in metric.values()), f"bmf: {metric}")
        check(metric["lower_value"] <= metric["value"] <= metric["upper_value"], f"bmf: {metric}")
        check(len(name) <= 1024 and len(measure) <= 64, f"bmf: {name}")


def check_github():
    found = json.loads(export("github")) + json.loads(export("github", "--better", "lower"))
    check(sorted(entry["value"] for entry in found) == sorted(s["mean"] for s in means().values()),
          "github has other means")
    for entry in found:
        check(isinstance(entry["name"], str) and isinstance(entry["unit"], str), f"github: {entry}")
    check(len({entry["name"] for entry in found}) == len(found), "github has a name twice")


def check_google():
    benchmarks = json.loads(export("google-benchmark"))["benchmarks"]
    measured = [entry for entry in benchmarks if not entry.get("error_occurred")]
    check(len(measured) == len(wanted) and len(benchmarks) == len(wanted) + len(unmeasured),
          f"google-benchmark has {len(benchmarks)} entries")
    found = sorted(entry[entry["name"].rpartition("/")[2]] for entry in measured)
    check(found == sorted(metric["value"] for metric in wanted.values()), "google-benchmark has other values")
    for entry in measured:
        check(entry["run_type"] == "iteration" and entry["time_unit"] == "ns", f"google-benchmark: {entry}")
        check({"real_time", "cpu_time", "iterations", "repetition_index", "run_name"} <= set(entry), f"{entry}")


def check_openmetrics():
    text = export("openmetrics")
    check(text.endswith("# EOF\n"), "openmetrics has no end")
    try:
        from prometheus_client.openmetrics.parser import text_string_to_metric_families
    except ImportError:
        print("openmetrics was not parsed: python3-prometheus-client is not installed")
        return
    families = list(text_string_to_metric_families(text))
    values = [sample.value for family in families if family.type == "gauge" for sample in family.samples]
    scalars = [metric["value"] for metric in wanted.values() if "percentiles" not in metric]
    check(sorted(values) == sorted(scalars), "openmetrics has other values")
    quantiles = {(sample.labels["param_message_size"], sample.labels["trial"], float(sample.labels["quantile"])): sample
                 for family in families if family.type == "summary" for sample in family.samples
                 if "quantile" in sample.labels}
    for case, trial, metric in samples():
        for percentile in metric.get("percentiles", []):
            key = (str(case["params"]["message_size"]), str(trial["trial"]), percentile["q"])
            check(quantiles[key].value == percentile["value"], f"openmetrics: {key}")


def check_emulated():
    """A guest on emulated hardware is told wherever its configuration is named, and its clock in the rows."""
    label = "native (emulated hardware)"
    guest = {"label": label, "emulated_hardware": True, "clock": "instructions"}
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "guest.json"
        path.write_text(json.dumps(record | {"configuration": "native", "guest": guest}))
        rows = [json.loads(line) for line in export("jsonl", path=path).splitlines()]
        check({(row["configuration"], row["clock"]) for row in rows} == {(label, "instructions")}, "rows of a guest")
        check(all(name.startswith(label + "/") for name in json.loads(export("bmf", path=path))), "bmf of a guest")
        check(all(entry["name"].startswith(label + "/") for entry in json.loads(export("github", path=path))),
              "github of a guest")
        check(json.loads(export("google-benchmark", path=path))["context"]["configuration"] == label,
              "google-benchmark of a guest")
        check(f'configuration="{label}"' in export("openmetrics", path=path), "openmetrics of a guest")


check_tidy()
check_pandas()
check_bmf()
check_github()
check_google()
check_openmetrics()
check_emulated()
print("all come back" if not failures else f"{len(failures)} failed")
sys.exit(1 if failures else 0)
