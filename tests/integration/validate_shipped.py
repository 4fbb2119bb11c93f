#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the schemas themselves, and with an independent validator (Debian's python3-jsonschema) every
configuration, suite and record of the source tree against them. Exit 77: skipped, the validator is missing.

usage: validate_shipped.py SOURCE_FOLDER"""

import copy
import glob
import json
import os
import pathlib
import sys

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)

source = pathlib.Path(sys.argv[1]).resolve()
folder = source / "results" / "schema"
failures = []


def check(condition, sentence):
    if not condition:
        failures.append(sentence)
        print("FAILED:", sentence)


def validator_for(name):
    path = folder / f"{name}.schema.json"
    schema = json.loads(path.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    resolver = jsonschema.RefResolver(path.as_uri(), schema)
    return jsonschema.Draft202012Validator(schema, resolver=resolver)


def check_described(schema, where):
    """Every property has a description, every object says that it is closed (or what else may be in it)."""
    if not isinstance(schema, dict):
        return
    properties = schema.get("properties", {})
    inside_condition = where.endswith(("/if", "/then", "/else"))
    if properties and not inside_condition:
        check(schema.get("additionalProperties") is False, f"{where} is not closed")
        for name, value in properties.items():
            check(value.get("description"), f"{where}/{name} has no description")
    for key, value in schema.items():
        if key in ("properties", "$defs"):
            for name, inner in value.items():
                if not inside_condition:
                    check_described(inner, f"{where}/{name}")
        elif key in ("anyOf", "oneOf", "allOf"):
            for index, inner in enumerate(value):
                check_described(inner, f"{where}/{key}/{index}")
        elif key in ("items", "additionalProperties", "if", "then", "else"):
            check_described(value, f"{where}/{key}")


def check_file(validator, path):
    errors = list(validator.iter_errors(json.loads(pathlib.Path(path).read_text())))
    for error in errors:
        where = "/".join(str(step) for step in error.absolute_path)
        check(False, f"{os.path.relpath(path, source)}: at /{where}: {error.message}")
    if not errors:
        print("valid:", os.path.relpath(path, source))


def check_refused(validator, good, changes):
    """Each change of a good document must be noticed."""
    for sentence, change in changes:
        bad = copy.deepcopy(good)
        change(bad)
        check(not validator.is_valid(bad), f"not noticed: {sentence}")


def without(key):
    return (f"no {key}", lambda document: document.pop(key))


def with_value(sentence, *path_and_value):
    *path, last, value = path_and_value

    def change(document):
        for step in path:
            document = document[step]
        document[last] = value

    return (sentence, change)


validators = {name: validator_for(name) for name in ("suite", "configuration", "record", "comparison", "policy", "study", "baseline", "fleet")}
for name, validator in validators.items():
    check_described(validator.schema, name)

shipped = {
    "configuration": glob.glob(f"{source}/runner/configurations/*.json"),
    "suite": glob.glob(f"{source}/runner/suites/*.json"),
    "policy": glob.glob(f"{source}/runner/policies/*.json"),
    "record": glob.glob(f"{source}/tests/golden/record*.json"),
}
for name, paths in shipped.items():
    for path in sorted(paths):
        check_file(validators[name], path)
check(shipped["record"], "there is no golden record")

record = json.loads((source / "tests/golden/record.json").read_text())
failed = next(i for i, case in enumerate(record["cases"]) if case["trials"][0]["status"] != "ok")
check_refused(
    validators["record"],
    record,
    [without(key) for key in record]
    + [
        with_value("a key that nobody knows", "speed", 1),
        with_value("another version", "schema", "vmsuite.record/2"),
        with_value("a local time", "started_at", "2026-11-22T21:44:00+01:00"),
        with_value("a word that is no status", "cases", 0, "status", "good"),
        with_value("a failure without a reason", "cases", failed, "reason", None),
        with_value("a success with a reason", "cases", 0, "reason", "none"),
        with_value("a unit with a prefix", "cases", 0, "summary", 0, "unit", "MB/s"),
        with_value("figures of a failed trial", "cases", failed, "trials", 0, "metrics",
                   [{"metric": "rate", "value": 1}]),
        with_value("a seed that was rounded", "seed", 1.5e19),
        with_value("an interval with one end", "cases", 0, "summary", 0, "ci95_mean", [1]),
    ],
)
suite = record["suite"]
check_refused(
    validators["suite"],
    suite,
    [
        without("suite"),
        without("benchmarks"),
        with_value("no benchmark", "benchmarks", []),
        with_value("an empty sweep", "benchmarks", 0, "params", {"message_size": []}),
        with_value("no trials", "trials", 0),
        with_value("too many trials", "trials", 10001),
        with_value("an order that nobody knows", "order", "backwards"),
        with_value("a misspelt key", "benchmarks", 0, "parameters", {}),
        with_value("a deadline of 0", "benchmarks", 0, "deadline", 0),
    ],
)
check_refused(
    validators["configuration"],
    record["configuration_given"],
    [
        without("configuration"),
        with_value("a port that is none", "peer", "port", 65536),
        with_value("a token in the file", "peer", "token", "secret"),
        with_value("a broken suite inside", "suite", {"suite": "x", "benchmarks": []}),
    ],
)
print("all as described" if not failures else f"{len(failures)} failed")
sys.exit(1 if failures else 0)
