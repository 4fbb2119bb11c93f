# SPDX-License-Identifier: GPL-3.0-or-later
"""`vmsuite compare --by` and `report --by`: hosts as a population, those that stand out, and what must not be pooled."""
import html
import json
import math
import random
import re
import statistics

import harness
import jsonschema
from harness import SOURCE
from pages import faults_of
from test_store_read_back import Table

SCHEMA = json.loads((SOURCE / "results" / "schema" / "fleet.schema.json").read_text())
T_OF_7 = 2.364624251592784  # Student's 97.5% quantile of 7 degrees of freedom
NAMES = [f"n{i}" for i in range(7)] + ['ö <&> "x"']
SPEEDS = [1, 1.02, 0.97, 1.05, 0.99, 1.01, 0.96, 0.4]
TRIAL = math.log(0.99)  # by which the first and the last trial of each run are off
WITHIN = TRIAL ** 2 * 1.1 / 3  # of a run's figure, a trimmed mean of three


class By(harness.Case):
    def record(self, node, configuration="bare", run=0, speed=1.0, cases=None, spread=0.99, **keys):
        """A record of two cases with three trials each, which differ by nothing but the speed."""
        cases = cases or {"fast": (100.0, "higher", "1/s"), "late": (0.01, "lower", "s")}
        made = []
        for number, (group, (value, better, unit)) in enumerate(cases.items(), 1):
            value *= speed if better == "higher" else 1 / speed
            values = [value * factor for factor in (spread, 1, 1 / spread)]
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
            self.assertAlmostEqual(row["levels"][1]["log_mean"] - row["levels"][0]["log_mean"],
                                   statistics.mean(map(math.log, costs)) * (1 if row["case"].startswith("fast") else -1), 9)
            self.assertLess(row["cost"]["log_ci95"][1] - row["cost"]["log_ci95"][0], 0.03)
            self.assertIn("slower", row["words"])
        out, _ = self.run_program("compare", "--by", "node", *records)
        self.assertIn("What guest costs against bare", out)

    def test_a_host_whose_figure_is_0_is_named(self):
        """It has no ratio, so that it is in no mean; one that is dead must not go without a word."""
        records = [self.record(f"n{i}", speed=1 + 0.01 * i) for i in range(6)]
        records += [self.record("dead", speed=0, cases={"fast": (100.0, "higher", "1/s")}),
                    self.record("ill", speed=0, cases={"fast": (100.0, "higher", "1/s")}), self.record("ill", run=1)]
        answer = self.compare(*records)
        self.assertEqual([(gap["host"], gap["case"], gap["metric"], gap["configuration"], gap["zeros"]) for gap in answer["left_out"]],
                         [("dead", "fast", "figure", "bare", 1), ("dead", "late", "figure", "bare", 0),
                          ("ill", "fast", "figure", "bare", 1)])
        self.assertEqual([row["levels"][0]["hosts"] for row in answer["rows"]], [7, 7])
        out, _ = self.run_program("compare", "--by", "node", *records)
        self.assertIn("\nLeft out of these means\n  dead: 0 or below in fast, figure: 1 of 1 runs\n"
                      "  dead: no figure in late, figure\n  ill: 0 or below in fast, figure: 1 of 2 runs\n", out)
        self.assertIn("\nNo other host stands out.\n", out)
        self.run_program("report", "--by", "node", *records, "-o", self.folder / "page.html")
        page = (self.folder / "page.html").read_text()
        self.assertIn("<li><strong>dead</strong>: 0 or below in fast, figure: 1 of 1 runs</li>", page)
        self.assertIn("<p>No other, against the median host.</p>", page)
        self.assertEqual(faults_of(self.folder / "page.html"), [])
        out, _ = self.run_program("compare", "--by", "node", *records,
                                  self.record("n0", "guest", speed=0, cases={"fast": (100.0, "higher", "1/s")}))
        self.assertIn("\n  n0: 0 or below in fast, figure of guest: 1 of 1 runs\n", out)

    def test_a_host_that_stands_out_is_named(self):
        speeds = [1 + 0.01 * math.sin(i) for i in range(30)]
        speeds[17] = 0.7
        answer = self.compare(*(self.record(f"n{i}", speed=speed) for i, speed in enumerate(speeds)))
        self.assertEqual([(found["host"], found["case"]) for found in answer["outliers"]], [("n17", "fast"), ("n17", "late")])
        self.assertAlmostEqual(answer["outliers"][0]["factor"], 1 / 0.7, delta=0.03)

    def test_of_many_that_stand_out_the_furthest_are_listed(self):
        """Eleven of thirty hosts in both cases: the page lists 20 of the 22, and has all in a frame."""
        records = [self.record(f"n{i}", speed=0.5 - 0.01 * i if i < 11 else 1 + 0.001 * (i % 3)) for i in range(30)]
        self.run_program("report", "--by", "node", *records, "-o", "page.html")
        self.assertEqual(faults_of(self.folder / "page.html"), [])
        page = (self.folder / "page.html").read_text()
        self.assertEqual(page.count("<li><strong>"), 20)
        self.assertIn("<li>and 2 more, which have a frame below</li>", page)
        self.assertEqual(page.count(' out">'), 22)

    def test_alike_hosts_do_not_stand_out(self):
        source = random.Random(5)
        answer = self.compare(*(self.record(f"n{i}", speed=source.gauss(1, 0.02)) for i in range(30)))
        self.assertEqual(answer["outliers"], [])
        few = self.compare(*(self.record(f"m{i}", speed=speed) for i, speed in enumerate((1, 1, 1, 0.2))))
        self.assertEqual(few["outliers"], [])

    def test_a_cost_is_known_no_better_than_its_worse_side(self):
        """What trials in the guests vary by explains how costs differ: nothing is left that would be the hosts'."""
        costs = [0.9, 0.905, 0.895, 0.9, 0.902, 0.898]
        for noisy in ("bare", "guest"):
            records = [self.record(f"n{i}", side, speed=cost if side == "guest" else 1, spread=0.8 if side == noisy else 0.9999)
                       for i, cost in enumerate(costs) for side in ("bare", "guest")]
            self.assertEqual([row["cost"]["log_between_sd"] for row in self.compare(*records)["rows"]], [0, 0])
        records = [self.record(f"n{i}", side, speed=cost if side == "guest" else 1, spread=0.9999)
                   for i, cost in enumerate(costs) for side in ("bare", "guest")]
        self.assertTrue(all(row["cost"]["log_between_sd"] > 0.001 for row in self.compare(*records)["rows"]))

    def test_a_host_is_judged_by_what_its_own_figure_may_be_off_by(self):
        """All others are the same to the last digit: that alone makes nobody stand out."""
        records = [self.record(f"n{i}") for i in range(7)]
        answer = self.compare(*records, self.record("n7", speed=1.06))
        self.assertEqual(answer["outliers"], [])
        self.assertEqual([one["host"] for one in self.compare(*records, self.record("n7", speed=1.6))["outliers"]], ["n7", "n7"])

    def test_any_label_will_do(self):
        records = [self.record(f"n{i}", labels={"node": "one", "rack": f"r{i}"}) for i in range(3)]
        out, _ = self.run_program("compare", "--by", "rack", "--format", "json", *records)
        answer = json.loads(out)
        self.assertEqual((answer["by"], [host["name"] for host in answer["hosts"]]), ("rack", ["r0", "r1", "r2"]))

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
        self.assertEqual(faults_of(self.folder / "page.html"), [])
        page = (self.folder / "page.html").read_text()
        self.assertIn("n1 has no record of guest", page)
        self.assertIn("With five hosts or more", page)

    def test_one_host_with_both_sides(self):
        """The cost is its own, and not that between the other hosts; how far hosts differ is not known of one."""
        records = [self.record("n0", "bare"), self.record("n0", "guest", speed=0.9), self.record("n1", "bare", speed=3),
                   self.record("n2", "guest", speed=0.2)]
        row = self.compare(*records)["rows"][0]
        self.assertTrue(row["paired"])
        self.assertEqual(row["cost"]["hosts"], 1)
        self.assertAlmostEqual(row["cost"]["log_mean"], -math.log(0.9), 9)

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
                ([one, self.record("n2", "guest"), third], 'has configuration "third", a third one'),
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
        self.assertEqual(faults_of(self.folder / "page.html"), [])
        page = (self.folder / "page.html").read_text()
        self.assertNotIn("<b>", page)
        self.assertNotIn("\x1b", page)
        self.assertIn("&lt;b&gt;", page)
        self.assertNotIn("<script", page)
        out, _ = self.run_program("compare", "--by", "node", self.record("n1"), odd)
        self.assertNotIn("\x1b", out)
        label = '<i>"&'  # of the label itself, too
        records = [self.record(f"n{i}", labels={label: f"n{i}"}) for i in range(2)]
        self.run_program("report", "--by", label, *records, "-o", "page.html")
        self.assertEqual(faults_of(self.folder / "page.html"), [])
        self.assertNotIn(label, (self.folder / "page.html").read_text())
        self.assertIn(f"which the label {html.escape(label)} names", (self.folder / "page.html").read_text())

    def near(self, found, wanted):
        self.assertAlmostEqual(found, wanted, 8)

    def expect_effects(self, found, logs, within):
        """All hosts are known equally well: the mean is the plain one, and between them is what is above that."""
        mean, own = statistics.mean(logs), statistics.variance(logs)
        half = T_OF_7 * math.sqrt(own / len(logs))
        self.assertEqual(found["hosts"], len(logs))
        for value, wanted in zip([found["log_mean"], *found["log_ci95"], found["log_between_sd"], found["between_part"]],
                                 [mean, mean - half, mean + half, math.sqrt(own - within), 1 - within / own], strict=True):
            self.near(value, wanted)

    def expect_words(self, words, logs):
        """The numbers in "98.3 /s [93.1 /s, 104 /s]", as logarithms."""
        scale = {"k": 1e3, "": 1, "m": 1e-3, "u": 1e-6}
        found = [float(number) * scale[prefix] for number, prefix in re.findall(r"(-?[\d.]+) ([kmu]?)(?:/s|s)", words)]
        for value, log in zip(found, logs, strict=True):
            self.assertTrue(math.isclose(value, math.exp(log), rel_tol=0.006), words)

    def test_every_field_of_one_configuration(self):
        answer = self.compare(*(self.record(name, speed=speed) for name, speed in zip(NAMES, SPEEDS)))
        self.assertEqual({key: answer[key] for key in ("schema", "by", "configurations", "hosts", "lost")},
                         {"schema": "vmsuite.fleet/1", "by": "node", "configurations": ["bare"], "lost": [],
                          "hosts": [{"name": name, "runs": [1]} for name in NAMES]})
        self.assertEqual([[row[key] for key in ("case", "metric", "unit", "better", "cost", "paired")] for row in answer["rows"]],
                         [["fast", "figure", "1/s", "higher", None, False], ["late", "figure", "s", "lower", None, False]])
        outliers = {found["case"]: found for found in answer["outliers"]}
        self.assertEqual(sorted(outliers), ["fast", "late"])
        for row, level in zip(answer["rows"], (100, 0.01)):
            sign = 1 if row["better"] == "lower" else -1
            logs = [math.log(level) - sign * math.log(speed) for speed in SPEEDS]
            self.expect_effects(row["levels"][0], logs, WITHIN)
            self.expect_words(row["words"], [row["levels"][0]["log_mean"], *row["levels"][0]["log_ci95"]])
            centre = statistics.median(-math.log(speed) for speed in SPEEDS)
            for found, speed in zip(row["log_from_median"], SPEEDS, strict=True):
                self.near(found, -math.log(speed) - centre)
            unit = 1.4826 * statistics.median(abs(-math.log(speed) - centre) for speed in SPEEDS)
            found = outliers[row["case"]]
            self.assertEqual((found["host"], found["metric"]), (NAMES[7], "figure"))
            self.near(found["factor"], math.exp(-math.log(0.4) - centre))
            self.near(found["deviations"], (-math.log(0.4) - centre) / unit)

    def test_every_field_of_two_configurations(self):
        """The last two hosts have one of them each, and are in no cost."""
        costs = [0.9, 0.88, 0.91, 0.85, 0.89, 0.92, 0.87, 0.6]
        records = [self.record(f"n{i}", "bare", speed=1 + i / 10) for i in range(9)]
        records += [self.record(f"n{i}", "guest", speed=(1 + i / 10) * cost) for i, cost in enumerate(costs)]
        records += [self.record("n9", "guest"), self.record("n0", "guest", run=1, speed=costs[0])]
        answer = self.compare(*records)
        self.assertEqual(answer["configurations"], ["bare", "guest"])
        self.assertEqual([host["runs"] for host in answer["hosts"]], [[1, 2]] + [[1, 1]] * 7 + [[1, 0], [0, 1]])
        for row in answer["rows"]:
            logs = [-math.log(cost) for cost in costs]
            self.assertTrue(row["paired"])
            self.assertEqual([level["hosts"] for level in row["levels"]], [9, 9])
            self.assertEqual(row["cost"]["hosts"], 8)
            self.assertEqual(row["log_from_median"][8:], [None, None])
            for found, log in zip(row["log_from_median"], logs):
                self.near(found, log - statistics.median(logs))
            change = math.expm1(row["cost"]["log_mean"])
            self.assertTrue(row["words"].startswith(f"{100 * change:.2g}% slower ["), row["words"])

    def shown(self, answer, *records):
        """What the page and the table say of each row: its words, how far hosts differ, and how many there are."""
        self.run_program("report", "--by", "node", *records, "-o", "page.html")
        self.assertEqual(faults_of(self.folder / "page.html"), [])
        page = Table(self.folder / "page.html")
        rows = [[f"{row['case']}, {row['metric']}", row["words"], f"{100 * math.expm1(row['levels'][0]['log_between_sd']):.2g}%",
                 str(row["levels"][0]["hosts"])] for row in answer["rows"]]
        self.assertEqual([[text for _, text in row] for row in page.rows[:1 + len(rows)]],
                         [["case", "mean [95% interval]", "hosts differ by", "hosts"], *rows])
        out, _ = self.run_program("compare", "--by", "node", *records)
        lines = out.splitlines()
        self.assertEqual(lines[1], f"{len(records)} records of {len(answer['hosts'])} hosts, which the label node names")
        for title, words, between, hosts in rows:
            self.assertIn(f"  {title}: {words}; hosts differ by {between}; {hosts} hosts", lines)
        return page, lines

    def test_the_page_and_the_table_say_what_the_document_says(self):
        records = [self.record(name, speed=speed) for name, speed in zip(NAMES, SPEEDS)]
        answer = self.compare(*records)
        page, lines = self.shown(answer, *records)
        text = (self.folder / "page.html").read_text()
        items = [html.unescape(re.sub("<[^>]*>", "", item)) for item in re.findall("<li>(.*)</li>", text)]
        wanted = [f"{one['host']}: {one['factor']:.3g}x slower in {one['case']}, {one['metric']}" for one in answer["outliers"]]
        self.assertEqual(items, wanted)
        self.assertIn("<h2>Hosts that stand out</h2>", text)
        self.assertEqual([line.strip() for line in lines[lines.index("Hosts that stand out, against the median host") + 1:]], wanted)
        heading, *heat = page.rows[1 + len(answer["rows"]):]
        self.assertEqual([cell for _, cell in heading], ["node", *(f"{row['case']}, {row['metric']}" for row in answer["rows"])])
        self.assertEqual([row[0][1] for row in heat], NAMES)
        for i, (_, *cells) in enumerate(heat):
            self.assertEqual([tuple(cell) for cell in cells], [self.cell(row["log_from_median"][i], i == 7) for row in answer["rows"]])

    def test_the_heat_map_shows_each_case_by_itself(self):
        """Every shade on either side, another one in the other case."""
        speeds = [1, 1.01, 0.95, 1.12, 0.88, 1.2, 0.8, 1.4, 0.7]
        records = [self.record(f"n{i}", cases={"fast": (100 * speed, "higher", "1/s"), "late": (0.01 / other, "lower", "s")})
                   for i, (speed, other) in enumerate(zip(speeds, reversed(speeds)))]
        answer = self.compare(*records)
        self.assertEqual(answer["outliers"], [])
        self.run_program("report", "--by", "node", *records, "-o", "page.html")
        heat = Table(self.folder / "page.html").rows[2 + len(answer["rows"]):]
        for i, (_, *cells) in enumerate(heat):
            self.assertEqual([tuple(cell) for cell in cells], [self.cell(row["log_from_median"][i], False) for row in answer["rows"]])
        kinds = {cell[0] for _, *cells in heat for cell in cells}
        self.assertTrue({"s1", "s2", "s3", "f1", "f2", "f3"} <= kinds, kinds)

    @staticmethod
    def cell(effect, is_out):
        """Of the heat map: its class and its text. Four shades, from half a per cent to 0.4."""
        size, sign, kind = abs(effect), "+" if effect > 0 else "-", "s" if effect > 0 else "f"
        if size < 0.005:
            return "", "0"
        shade = 1 + int(min(3 * size / 0.4, 3))
        words = f"{sign}{math.exp(size):.2g}x" if size >= math.log(2) else f"{sign}{100 * math.expm1(size):.0f}"
        return f"{kind}{shade}{' out' * is_out}", words


if __name__ == "__main__":
    harness.main()
