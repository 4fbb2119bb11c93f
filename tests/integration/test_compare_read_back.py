# SPDX-License-Identifier: GPL-3.0-or-later
"""A comparison computed a second time from its records, and read back from every format by readers that are written here:
odd names, zeros, figures that are equal, better, worse and uncertain, a case that one side lacks."""
import html
import json
import math
import random
import re
import statistics
import uuid
import xml.etree.ElementTree as ET

from harness import SOURCE, Case, main
from test_read_back import read_csv

TRIALS, RUNS = 5, 3
# Group, resource, whether more is better, the other side's level, how far runs and trials spread.
CASES = [("plain", "cpu", "higher", 1, 0.0005), ("com,ma \"quoted\"", "cpu", "higher", 0.8, 0.001),
         ("pipe|*star*_under_[x]`#", "memory", "higher", 1.3, 0.001), ("<b>&amp; 'x'", "disk", "lower", 1.5, 0.001),
         ("ünïcode 日本", "disk", "lower", 1.02, 0.05), ("zero", "network", "lower", 0, 0.0), ("falls", "network", "higher", 0,
                                                                                             0.001)]


class CompareReadBack(Case):
    def setUp(self):
        super().setUp()
        self.golden = json.loads((SOURCE / "tests/golden/record.json").read_text())
        self.random = random.Random(20261129)
        self.sides = {name: [self.record(name, side, run) for run in range(RUNS)] for side, name in
                      enumerate(("base, line", "o<t>her"))}
        self.paths = [self.write(f"{side}-{run}.json", json.dumps(record)) for side, records in
                      enumerate(self.sides.values()) for run, record in enumerate(records)]

    def record(self, name, side, run):
        cases = [self.case(1 + i, row, side, run) for i, row in enumerate(CASES)]
        if side == 0:
            cases.append(self.case(len(CASES) + 1, ("only here", "cpu", "higher", 1, 0.001), side, run))
        machine = {**self.golden["environment"]["before"]}
        machine["facts"] = [{**fact, "value": "Example 10"} if fact["fact"] == "cpu.model" and side else fact
                            for fact in machine["facts"]]
        return {**self.golden, "environment": {"before": machine, "after": machine}, "configuration": name, "run_id": str(uuid.UUID(int=self.random.getrandbits(128), version=4)),
                "suite": {"suite": "x", "trials": TRIALS, "warmup": 0, "order": "random",
                          "benchmarks": [{"group": row[0], "module": "m"} for row in CASES]}, "cases": cases}

    @staticmethod
    def facts(group, side):
        """Of one case that is slower: what its host counted."""
        if group != CASES[1][0] or side == 0:
            return []
        return [{"key": "host_cpu_s", "value": "0.4"}, {"key": "host_guest_s", "value": "0.35"}]

    def case(self, number, row, side, run):
        group, resource, better, level, spread = row
        base = 0 if group == "zero" else 100 * (level if side else 1)
        shift = 1 + spread * (run - 1)
        values = [base * shift * (1 + spread * self.random.gauss(0, 1)) for _ in range(TRIALS)]
        trials = [{"trial": i + 1, "order": i + 1, "start_s": float(i), "duration_s": 0.5, "status": "ok", "reason": None,
                   "flags": [], "facts": self.facts(group, side), "clock": None, "metrics": [{"metric": "m\"|1", "value": value}]}
                  for i, value in enumerate(values)]
        return {"case": number, "group": group, "module": "m", "workload_version": 1, "resource": resource, "path": None,
                "cpus": None, "params": {}, "seed": 1, "trials_wanted": TRIALS, "warmup": 0, "deadline_s": 30.0,
                "status": "ok", "reason": None, "facts": [], "trials": trials, "summary": [
                    {"metric": "m\"|1", "unit": "1/s", "better": better, "side": "local", "shape": "scalar",
                     "role": "headline", "n": TRIALS, **dict.fromkeys(("mean", "sd", "cv", "min", "q1", "median", "q3",
                                                                       "max", "ci95_mean", "ci95_median")), "outliers": 0}]}

    def compare(self, name, *options, status=1):
        out = self.folder / "out"
        self.run_program("compare", *self.paths, "--format", name, "--fail-above", "10%", "--output", out, *options,
                         status=status)
        return out.read_bytes().decode()

    def document(self):
        return json.loads(self.compare("json"))

    def values(self, side, group):
        """Of each run, those of its trials."""
        return [[trial["metrics"][0]["value"] for case in record["cases"] if case["group"] == group
                 for trial in case["trials"]] for record in list(self.sides.values())[side]]

    def near(self, found, wanted, what):
        self.assertLessEqual(abs(found - wanted), 1e-9 * max(abs(wanted), 1e-300), f"{what}: {found} is not {wanted}")

    def test_figures_of_each_side(self):
        rows = {row["group"]: row for row in self.document()["rows"]}
        self.assertEqual(sorted(rows), sorted(row[0] for row in CASES))
        for group, *_ in CASES:
            for side, key in enumerate(("baseline", "other")):
                found, runs = rows[group][key], self.values(side, group)
                every = [value for run in runs for value in run]
                self.assertEqual((found["runs"], found["trials"]), (RUNS, RUNS * TRIALS))
                self.near(found["median"], statistics.median(every), group)
                self.near(found["mean"], statistics.fmean(every), group)
                if any(every):
                    self.near(found["sd"], statistics.stdev(every), group)
                    self.near(found["cv"], statistics.stdev(every) / statistics.fmean(every), group)
                if min(min(run) for side in (0, 1) for run in self.values(side, group)) > 0:
                    self.near(found["value"], math.exp(statistics.fmean(map(self.trimmed_log, runs))), group)

    @staticmethod
    def trimmed_log(run):
        """The mean of the logarithms without the smallest and the largest fifth."""
        return statistics.fmean(math.log(value) for value in sorted(run)[1:-1])

    def test_differences(self):
        for row in self.document()["rows"]:
            self.assertNotEqual(row["more_runs"], 0)  # null: it is decided, or unknown
            group, worse = row["group"], 1 if row["better"] == "lower" else -1
            a, b = ([value for run in self.values(side, group) for value in run] for side in (0, 1))
            above = sum((x < y) - (x > y) for x in a for y in b) / (len(a) * len(b))
            self.near(row["cliff_delta"], above, group)
            if row["scale"] == "identical":
                self.assertEqual((row["loss"], row["p_ranks"]), (0, 1))
                continue
            if row["scale"] != "ratio":
                self.near(row["loss"], 1, group)  # all of it
                continue
            logs = [statistics.fmean(map(self.trimmed_log, self.values(side, group))) for side in (0, 1)]
            effect = worse * (logs[1] - logs[0])
            self.near(row["ratio"], math.exp(logs[1] - logs[0]), group)
            self.near(row["cost"], math.exp(effect), group)
            self.near(row["loss"], math.expm1(effect) if worse > 0 else -math.expm1(-effect), group)
            low, high = row["cost_ci95"]
            self.assertLess(low, row["cost"])
            self.assertLess(row["cost"], high)
            self.near(math.log(high) - effect, effect - math.log(low), group)  # in the middle
            ends = [math.expm1(math.log(end)) if worse > 0 else -math.expm1(-math.log(end)) for end in (low, high)]
            for found, wanted in zip(row["loss_ci95"], ends):
                self.near(found, wanted, group)
            of_ratio = (low, high) if worse > 0 else (1 / high, 1 / low)
            for found, wanted in zip(row["ratio_ci95"], of_ratio):
                self.near(found, wanted, group)

    def test_verdicts_and_gate(self):
        document = self.document()
        rows = {row["group"]: (row["verdict"], row["gate"]["state"]) for row in document["rows"]}
        self.assertEqual(rows["plain"], ("equivalent", "passed"))
        self.assertEqual(rows[CASES[1][0]], ("slower", "failed"))
        self.assertEqual(rows[CASES[2][0]], ("faster", "passed"))
        self.assertEqual(rows[CASES[3][0]], ("slower", "failed"))
        self.assertEqual(rows[CASES[4][0]][0], "undecided")
        self.assertEqual(rows["falls"], ("slower", "failed"))
        self.assertEqual([(side["configuration"], side["runs"], side["trials"], side["flagged_trials"])
                          for side in document["sides"]],
                         [("base, line", RUNS, RUNS * TRIALS * (len(CASES) + 1), 0),
                          ("o<t>her", RUNS, RUNS * TRIALS * len(CASES), 0)])
        self.assertEqual((document["gate"]["outcome"], document["gate"]["failed"]), ("failed", 3))
        self.assertEqual([one for one in document["differences"] if one["what"] == "cpu.model"],
                         [{"what": "cpu.model", "first_configuration": "base, line", "first": "Example 9",
                           "second_configuration": "o<t>her", "second": "Example 10", "within_one_side": False, "runs": None}])
        self.assertEqual([(one["label"], one["reason"]) for one in document["not_compared"]],
                         [("only here", "only in base, line")])

    # Columns of the table, and where the same stands in the document.
    COLUMNS = {"baseline": "baseline_configuration", "other": "other_configuration", "loss_low": ("loss_ci95", 0),
               "loss_high": ("loss_ci95", 1), "ratio_low": ("ratio_ci95", 0), "ratio_high": ("ratio_ci95", 1),
               "limit": ("gate", "limit"), "failed": ("gate", "failed"),
               **{key: ("explained", key.removeprefix("explained_")) for key in
                  ("added", "explained_exits", "explained_processor", "explained_stalls", "unexplained")},
               **{f"{side}_{key}": (side, key) for side in ("baseline", "other") for key in
                  ("runs", "trials", "value", "median", "mean", "cv", "host_processors", "host_cpu_per_gigabyte",
                   "host_cpu_per_transaction")}}

    def at(self, row, column):
        place = self.COLUMNS.get(column, column)
        if isinstance(place, str):
            return row[place]
        outer = row[place[0]]
        return None if outer is None else outer[place[1]]

    def test_csv(self):
        names, *table = read_csv(self.compare("csv"))
        rows = self.document()["rows"]
        self.assertEqual(len(table), len(rows))
        for cells, row in zip(table, rows):
            for name, cell in zip(names, cells, strict=True):
                value = self.at(row, name)
                if isinstance(value, bool):
                    self.assertEqual(cell, str(value).lower(), name)
                elif isinstance(value, (int, float)):
                    self.assertEqual(float(cell), value, name)
                else:
                    self.assertEqual(cell, value, name)

    def test_explained(self):
        """A fifth is added; of 0.8 processors 0.7 ran the guest, so 0.1 of the other side's time, a half of what is added."""
        rows = {row["group"]: row for row in self.document()["rows"]}
        row, explained = rows[CASES[1][0]], rows[CASES[1][0]]["explained"]
        self.assertIsNone(row["baseline"]["host_processors"])
        self.assertAlmostEqual(row["other"]["host_processors"], 0.8, delta=1e-9)
        self.assertAlmostEqual(explained["added"], 0.2, delta=0.01)
        self.assertAlmostEqual(explained["processor"], 0.1 / explained["added"], delta=1e-9)
        self.assertAlmostEqual(explained["unexplained"], 1 - explained["processor"], delta=1e-9)
        self.assertIsNone(explained["exits"])
        self.assertIn("stays unexplained", explained["sentence"])
        self.assertIsNone(rows["plain"]["explained"])
        self.assertEqual(rows[CASES[3][0]]["explained"]["unexplained"], 1)

    def test_junit(self):
        for strict in (False, True):
            suite, = ET.fromstring(self.compare("junit", *["--strict"] * strict))
            document = self.document()
            wanted = []
            for row in document["rows"]:
                undecided = row["verdict"] in ("undecided", "unconfirmed") or row["gate"]["state"] == "open"
                failed = row["gate"]["state"] == "failed" or (strict and undecided)
                wanted.append((row["resource"], f"{row['label']} {row['metric']}",
                               "failure" if failed else "skipped" if undecided else "system-out"))
            wanted += [("not compared", one["label"], "failure" if strict else "skipped") for one in
                       document["not_compared"]]
            cases = [one for one in suite if one.tag == "testcase"]
            self.assertEqual([(case.get("classname"), case.get("name"), case[0].tag) for case in cases], wanted)
            self.assertEqual(suite.get("name"), "o<t>her against base, line")
            counts = [sum(kind == tag for *_, kind in wanted) for tag in ("failure", "skipped")]
            self.assertEqual([int(suite.get(key)) for key in ("tests", "failures", "skipped", "errors")],
                             [len(wanted), *counts, 0])
            for case, row in zip(cases, document["rows"]):
                text = case[0].get("message") or case[0].text
                self.assertTrue(text.startswith(row["words"]), text)
                self.assertEqual("above the limit of " in text, row["gate"]["state"] in ("failed", "open"))
            said = suite.findall("system-out")[-1].text.strip().split("\n")
            self.assertEqual(said[:-1], [answer["sentence"] for answer in document["answers"]])
            self.assertTrue(said[-1].startswith("Gate failed: 3 above the limit"))

    @staticmethod
    def plain(cell):
        """A cell of Markdown as it is shown."""
        cell = re.sub(r"^ \*\*(.*)\*\* $", r"\1", cell)  # what failed the gate is bold
        return html.unescape(re.sub(r"\\([|\\`*_>\[\]~#!$])", r"\1", cell)).strip()

    def test_markdown(self):
        text = self.compare("markdown")
        cells = [[self.plain(cell) for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in text.split("\n")
                 if line.startswith("|")]
        found = {row[0]: row[3] for row in cells if len(row) == 5 and row[0].endswith(' m"|1')}
        wanted = {f"{row['label']} {row['metric']}": row["words"] for row in self.document()["rows"]}
        self.assertEqual(found.keys(), wanted.keys())
        for name, words in wanted.items():
            self.assertTrue(found[name].startswith(words), (name, found[name], words))
        bills = {row[0].split()[0]: row[4] for row in cells if len(row) == 5}
        self.assertEqual(bills["case"], "host pays")
        self.assertIn("0.80 processors, 10.00 ms per operation", bills.values())
        self.assertIn("", bills.values())  # nobody counted
        headings = [self.plain(line[5:]) for line in text.split("\n") if line.startswith("#### ")]
        for resource in ("CPU", "memory", "disk", "network"):
            self.assertIn(f"{resource}: o<t>her against base, line", headings)
        self.assertIn("base, line", [row[1] for row in cells if row[0] == "case and metric"])


if __name__ == "__main__":
    main()
