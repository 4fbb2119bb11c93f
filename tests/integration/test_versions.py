# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of an older minor version, which lack what came later, and of a newer one, which hold what this program does
not know, are compared, exported and reported like those of today."""
import copy
import csv
import importlib.util
import io
import json
import sys
import unittest

import harness

FORMATS = ("csv", "jsonl", "bmf", "github", "google-benchmark", "openmetrics")
# What a record can do without: by where it stands.
LATER = {
    "record": ("environment", "vmsuite", "modules", "clock_cost_s", "warnings", "seed", "duration_s",
               "configuration_given"),
    "case": ("facts", "seed", "trials_wanted", "deadline_s", "reason"),
    "trial": ("clock", "noise", "facts", "flags", "reason", "attempts", "start_s", "duration_s"),
    "summary": ("shape", "outliers", "ci95_median", "q1", "q3"),
}


def levels(record):
    """Every object of a record with the name of its level."""
    yield "record", record
    for case in record["cases"]:
        yield "case", case
        for trial in case["trials"]:
            yield "trial", trial
        for summary in case["summary"]:
            yield "summary", summary


def older(record):
    record = copy.deepcopy(record)
    for level, found in levels(record):
        for key in LATER[level]:
            found.pop(key, None)
    return record


def newer(record):
    record = copy.deepcopy(record)
    for _, found in levels(record):
        found["of_the_future"] = {"what": [1, None, "text"]}
    return record


class Versions(harness.Case):
    def setUp(self):
        super().setUp()
        maker = harness.SOURCE / "tests/fixtures/make_santos.py"
        spec = importlib.util.spec_from_file_location("make_santos", maker)
        study = importlib.util.module_from_spec(spec)
        sys.dont_write_bytecode = True
        spec.loader.exec_module(study)
        study.main(self.folder / "today")

    def make(self, kind, change):
        """The files of native and xen-hvm after a change."""
        names = []
        for name in ("native", "xen-hvm"):
            record = json.loads((self.folder / "today" / f"{name}.json").read_text())
            names.append(self.write(f"{kind}-{name}.json", change(record)))
        return names

    def rows(self, records):
        return json.loads(self.run_program("compare", *records, "--format", "json")[0])["rows"]

    def values(self, record, form):
        """The figures of an export, without what else stands in it."""
        text = self.run_program("export", record, "--format", form)[0]
        if form == "csv":
            return [row["value"] for row in csv.DictReader(io.StringIO(text))]
        if form == "jsonl":
            return [json.loads(line)["value"] for line in text.splitlines()]
        if form == "openmetrics":
            return [line.split("} ")[1].split()[0] for line in text.splitlines() if not line.startswith("#")]
        found = json.loads(text)
        return found["benchmarks"] if form == "google-benchmark" else found

    def hold(self, kind, change):
        today, other = self.make("today", copy.deepcopy), self.make(kind, change)
        self.assertEqual(self.rows(today), self.rows(other))
        for form in FORMATS:
            self.assertEqual(self.values(today[0], form), self.values(other[0], form), form)
        page = self.folder / "report.html"
        self.run_program("report", *other, "-o", page)
        self.assertIn("group-tcp-small-throughput", page.read_text())

    def test_older(self):
        self.hold("older", older)

    def test_newer(self):
        self.hold("newer", newer)

    def test_other_major(self):
        record = self.make("next", lambda record: {**record, "schema": "vmsuite.record/2"})[0]
        for command in (("export", record), ("report", record), ("compare", record, record)):
            self.assertIn("vmsuite.record/2", self.run_program(*command, status=2)[1])


if __name__ == "__main__":
    unittest.main()
