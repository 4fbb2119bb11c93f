# SPDX-License-Identifier: GPL-3.0-or-later
"""`vmsuite compare --by` and `report --by`: hosts as a population, those that stand out, and what must not be pooled."""
import json
import math
import random
import statistics

import harness
import jsonschema
from harness import SOURCE

SCHEMA = json.loads((SOURCE / "results" / "schema" / "fleet.schema.json").read_text())
T_OF_7 = 2.364624251592784  # Student's 97.5% quantile of 7 degrees of freedom


class By(harness.Case):
    def record(self, node, configuration="bare", run=0, speed=1.0, cases=None, **keys):
        """A record of two cases with three trials each, which differ by nothing but the speed."""
        cases = cases or {"fast": (100.0, "higher", "1/s"), "late": (0.01, "lower", "s")}
        made = []
        for number, (group, (value, better, unit)) in enumerate(cases.items(), 1):
            value *= speed if better == "higher" else 1 / speed
            values = [value * factor for factor in (0.99, 1, 1 / 0.99)]
            trials = [{"trial": i + 1, "order": number + i * len(cases), "start_s": 0.1 * i, "duration_s": 0.1, "status": "ok",
                       "reason": None, "flags": [], "metrics": [{"metric": "figure", "value": v}]} for i, v in enumerate(values)]
            summary = [{"metric": "figure", "unit": unit, "better": better, "side": "local", "shape": "scalar", "n": 3,
                        "mean": statistics.mean(values), "sd": statistics.stdev(values), "ci95_mean": None}]
            made.append({"case": number, "group": group, "module": "none", "workload_version": 1, "resource": "cpu", "path": None,
                         "params": {}, "status": "ok", "reason": None, "trials": trials, "summary": summary})
        source = random.Random(f"{node}{configuration}{run}")
        text = {"schema": "vmsuite.record/1", "run_id": f"{source.getrandbits(32):08x}-0000-4000-8000-000000000000",
                "configuration": configuration, "started_at": "2026-11-29T12:00:00Z", "status": "ok", "suite": {"suite": "test"},
                "environment": {"before": {"virtualization": "native", "container": "none", "facts": []}}, "cases": made,
                "labels": {"node": node}, **keys}
        return self.write(f"{node if node.isalnum() else 'odd'}-{configuration}-{run}.json", text)

    def compare(self, *records, status=0):
        out, _ = self.run_program("compare", "--by", "node", "--format", "json", *records, status=status)
        answer = json.loads(out)
        jsonschema.Draft202012Validator(SCHEMA).validate(answer)
        return answer

    def test_an_interval_is_that_of_hosts(self):
        """All hosts are known equally well: it is Student's interval of their mean, however many runs one has."""
        speeds = [1, 1.02, 0.97, 1.05, 0.99, 1.01, 0.96, 1.03]
        records = [self.record(f"n{i}", speed=speed) for i, speed in enumerate(speeds)]
        for row, sign in zip(self.compare(*records)["rows"], (1, -1)):
            logs = [math.log(100 * speed) if sign > 0 else math.log(0.01 / speed) for speed in speeds]
            mean, half = statistics.mean(logs), T_OF_7 * statistics.stdev(logs) / math.sqrt(8)
            level = row["levels"][0]
            self.assertAlmostEqual(level["log_mean"], mean, 9)
            self.assertAlmostEqual(level["log_ci95"][0], mean - half, 9)
            self.assertAlmostEqual(level["log_ci95"][1], mean + half, 9)
            self.assertIsNone(row["cost"])

    def test_a_cost_is_that_of_each_host_by_itself(self):
        """Hosts differ by tens of per cent, the guest costs each of them 10 to 12%."""
        costs = [0.9, 0.89, 0.88, 0.9, 0.89]
        records = [self.record(f"n{i}", "bare", speed=1 + 0.2 * i) for i in range(5)]
        records += [self.record(f"n{i}", "guest", speed=(1 + 0.2 * i) * cost) for i, cost in enumerate(costs)]
        answer = self.compare(*records)
        for row in answer["rows"]:
            self.assertTrue(row["paired"])
            self.assertAlmostEqual(row["cost"]["log_mean"], -statistics.mean(map(math.log, costs)), 9)
            self.assertLess(row["cost"]["log_ci95"][1] - row["cost"]["log_ci95"][0], 0.03)
            self.assertIn("slower", row["words"])
        out, _ = self.run_program("compare", "--by", "node", *records)
        self.assertIn("What guest costs against bare", out)

    def test_a_host_that_stands_out_is_named(self):
        speeds = [1 + 0.01 * math.sin(i) for i in range(30)]
        speeds[17] = 0.7
        answer = self.compare(*(self.record(f"n{i}", speed=speed) for i, speed in enumerate(speeds)))
        self.assertEqual([(found["host"], found["case"]) for found in answer["outliers"]], [("n17", "fast"), ("n17", "late")])
        self.assertAlmostEqual(answer["outliers"][0]["factor"], 1 / 0.7, delta=0.03)

    def test_alike_hosts_do_not_stand_out(self):
        source = random.Random(5)
        answer = self.compare(*(self.record(f"n{i}", speed=source.gauss(1, 0.02)) for i in range(30)))
        self.assertEqual(answer["outliers"], [])
        few = self.compare(*(self.record(f"m{i}", speed=speed) for i, speed in enumerate((1, 1, 1, 0.2))))
        self.assertEqual(few["outliers"], [])

    def test_hosts_with_one_side_only(self):
        records = [self.record("n1", "bare"), self.record("n2", "bare", speed=1.1), self.record("n3", "guest", speed=0.9),
                   self.record("n4", "guest", speed=0.8)]
        answer = self.compare(*records)
        self.assertFalse(answer["rows"][0]["paired"])
        self.assertAlmostEqual(answer["rows"][0]["cost"]["log_mean"], math.log(1.1) / 2 - math.log(0.9 * 0.8) / 2, 9)
        out, _ = self.run_program("compare", "--by", "node", *records)
        self.assertIn("node n1 has no record of guest", out)
        self.assertIn("none with both", out)
        self.run_program("report", "--by", "node", *records, "-o", "page.html")
        page = (self.folder / "page.html").read_text()
        self.assertIn("n1 has no record of guest", page)
        self.assertIn("From five hosts on", page)

    def test_runs_of_several_nodes_are_not_taken_for_runs_of_one_machine(self):
        """Ten runs of each of two nodes are no twenty runs."""
        records = [self.record(node, configuration, run) for node in ("n1", "n2") for configuration in ("bare", "guest")
                   for run in range(2)]
        _, err = self.run_program("compare", *records, status=2)
        self.assertIn("of several nodes, such as n1 and n2: --by node", err)
        _, err = self.run_program("report", "--baseline", "bare", *records, status=2)
        self.assertIn("--by node", err)
        # One node's records, and those of one node beside another's, are compared as ever.
        self.run_program("compare", *[path for path in records if path.name.startswith("n1")])

    def test_refusals(self):
        one, other = self.record("n1"), self.record("n2")
        unlabelled, third = self.record("n3", labels={}), self.record("n4", "third")
        for arguments, words in (
                ([one, unlabelled], 'n3-bare-0.json: has no label "node": give one to each run, --label node=NAME'),
                ([one, self.record("n2", "guest"), third], 'is of configuration "third", the third'),
                ([one, one], "are the same run"),
                ([one, other, "--fail-above", "5%"], "--by takes no gate"),
                ([one, other, "--metric", "figure"], "--by takes no --metric"),
                ([one, other, "--details"], "--by takes no --details"),
                ([one, other, "--format", "csv"], "--by is written as table or json, not as csv")):
            _, err = self.run_program("compare", "--by", "node", *arguments, status=2)
            self.assertIn(words, err)
        _, err = self.run_program("report", "--by", "node", "--figures", "x", one, other, status=2)
        self.assertIn("--by goes with --output alone", err)

    def test_what_it_writes_is_known(self):
        records = [self.record(f"n{i}") for i in range(3)]
        self.run_program("compare", "--by", "node", "--format", "json", "-o", "hosts.json", *records)
        out, _ = self.run_program("check", "hosts.json")
        self.assertEqual(out, "hosts.json: valid: a comparison of hosts\n")

    def test_names_are_escaped(self):
        odd = self.record('<b>"x"&\x1b[31m', speed=1.2)
        self.run_program("report", "--by", "node", self.record("n1"), odd, "-o", "page.html")
        page = (self.folder / "page.html").read_text()
        self.assertNotIn("<b>", page)
        self.assertNotIn("\x1b", page)
        self.assertIn("&lt;b&gt;", page)
        self.assertNotIn("<script", page)
        out, _ = self.run_program("compare", "--by", "node", self.record("n1"), odd)
        self.assertNotIn("\x1b", out)

    def test_the_heat_map_has_a_cell_for_each_host_and_metric(self):
        records = [self.record(f"n{i}", speed=0.4 if i == 3 else 1) for i in range(6)]
        self.run_program("report", "--by", "node", *records, "-o", "page.html")
        page = (self.folder / "page.html").read_text()
        heat = page[page.index('<table class="heat">'):]
        self.assertEqual(heat.count("<td"), 12)
        self.assertEqual(heat.count('<td class="s4 out">+2.5x</td>'), 2)
        self.assertEqual(heat.count("<td>0</td>"), 10)


if __name__ == "__main__":
    harness.main()
