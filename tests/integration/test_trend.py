# SPDX-License-Identifier: GPL-3.0-or-later
"""Since when a case is slower: changes are found where they were put, with what else changed then, and gated."""
import json
import random
import sqlite3

from harness import SOURCE, main
from test_store import StoreCase, make_history


class Trend(StoreCase):
    def history(self, levels, cases=2, seed=3, **keys):
        """Runs at these levels, whose kernel changes with the level."""
        draw, paths = random.Random(seed), []
        for run, level in enumerate(levels):
            content = make_history.record(run, make_history.draw_run(draw, cases, 5, level), kernel=f"6.{level}",
                                          labels={"commit": f"c{run // 2}"}, **keys)
            paths.append(make_history.write(self.folder_of_records, run, content))
        self.keep(*paths)

    def trend(self, *arguments, status=0, **options):
        out, err = self.run_program("trend", "--store", self.store, *arguments, status=status, **options)
        return json.loads(out) if "--json" in arguments else out + err

    def test_a_step_is_found_with_its_kernel(self):
        self.history([1] * 20 + [0.9] * 15)
        found = self.trend("--json")
        self.assertEqual((found["schema"], len(found["series"]), found["searched"]), ("vmsuite.trend/1", 2, 2))
        for series in found["series"]:
            change, = series["changes"]
            self.assertLessEqual(abs(change["at"] - 20), 1)
            self.assertAlmostEqual(change["loss"], 0.1, delta=0.02)
            self.assertEqual(change["record"], f"{change['at']:05d}.json")
            if change["at"] == 20:
                self.assertEqual(change["facts"], {"kernel.release": ["6.1", "6.0.9"]})
            self.assertEqual(series["status"], "changed")
        text = self.trend("--label", "commit")
        self.assertIn("slower since 2026-01-01T20:00:00Z (c10) (kernel.release: 6.1 -> 6.0.9)", text)

    def test_what_is_steady_stays_so(self):
        self.history([1] * 30, cases=3)
        self.assertEqual([(series["status"], series["changes"]) for series in self.trend("--json")["series"]],
                         [("steady", [])] * 3)
        self.assertIn("\nGate passed: of 3 histories none became worse within the newest 10 points\n",
                      self.trend("--fail-on-change"))

    def test_gate(self):
        self.history([1] * 20 + [0.8] * 6)
        self.assertIn("\nGate failed: 2 of 2 histories became worse within the newest 10 points\n",
                      self.trend("--fail-on-change", status=1))
        self.assertNotIn("Gate", self.trend())
        self.assertIn("2 of 2 histories changed\n", self.trend())
        self.assertIsNone(self.trend("--json")["gate"])
        self.assertEqual(self.trend("--json", "--fail-on-change", status=1)["gate"],
                         {"outcome": "failed", "passed": False, "recent": 10, "worse": 2, "too_few": 0})
        self.assertEqual(self.trend("--json", "--fail-on-change", "--recent", "3")["gate"],
                         {"outcome": "passed", "passed": True, "recent": 3, "worse": 0, "too_few": 0})
        self.assertEqual(self.trend("--json", "--fail-on-change", "--case", "nothing", status=4)["gate"]["outcome"],
                         "inconclusive")
        self.assertIn("Gate passed: of 2 histories none became worse within the newest 3 points",
                      self.trend("--fail-on-change", "--recent", "3"))
        self.assertIn("Gate inconclusive: 0 of 0 histories",
                      self.trend("--fail-on-change", "--case", "nothing", status=4))

    def test_gate_passes_what_is_faster(self):
        self.history([1] * 20 + [1.2] * 6)
        text = self.trend("--fail-on-change")
        self.assertIn("faster since", text)
        self.assertIn("Gate passed", text)

    def test_gate_is_inconclusive_with_few_runs(self):
        self.history([1] * 3 + [0.5] * 4)
        self.assertIn("\nGate inconclusive: 2 of 2 histories with too few points to tell\n",
                      self.trend("--fail-on-change", status=4))

    def test_details_say_how_many_points_are_needed(self):
        for n, steady in ((1, 0), (7, 0), (8, 2)):
            self.store.unlink(missing_ok=True)
            self.history([1] * n)
            text = self.trend("--details")
            self.assertEqual(text.count(f", {n} point{'s' * (n > 1)} on "), 2, text)
            self.assertEqual(text.count("\n      too few to tell: 8 are needed\n"), 2 - steady, text)
            self.assertEqual(text.count("\n      steady\n"), steady, text)

    def test_lower_is_better(self):
        draw, paths = random.Random(8), []
        for run in range(24):
            content = make_history.record(run, make_history.draw_run(draw, 1, 5, 1 + 0.2 * (run >= 12)))
            content["cases"][0]["summary"][0].update(unit="s", better="lower")
            paths.append(make_history.write(self.folder_of_records, run, content))
        self.keep(*paths)
        change, = self.trend("--json")["series"][0]["changes"]
        self.assertAlmostEqual(change["loss"], 0.2, delta=0.03)

    def rates(self, rates, better="higher", unit="bit/s"):
        """Runs whose trials are about these rates."""
        draw, paths = random.Random(5), []
        for run, rate in enumerate(rates):
            content = make_history.record(run, [make_history.case(1, [rate * draw.gauss(1, 0.02) for _ in range(5)])])
            content["cases"][0]["summary"][0].update(unit=unit, better=better)
            paths.append(make_history.write(self.folder_of_records, run, content))
        self.store.unlink(missing_ok=True)
        self.keep(*paths)

    def test_a_fall_to_0_fails_the_gate(self):
        self.rates([1e9] * 20 + [0] * 5)
        text = self.trend("--fail-on-change", status=1)
        self.assertIn(" latest 0 bit/s, 25 points on ", text)
        self.assertIn("\n      fell to 0 since 2026-01-01T20:00:00Z, nothing known", text)
        self.assertIn("█▁▁▁▁ latest", text)
        series, = self.trend("--json", "--fail-on-change", status=1)["series"]
        self.assertEqual([(change["at"], change["loss"], change["worse"]) for change in series["changes"]],
                         [(20, 1, True)])
        self.assertEqual(series["figures"][20:], [0] * 5)
        self.assertIn("fell to 0", self.run_program("store", "query", "--store", self.store)[0])

    def test_a_loss_that_rises_from_0_fails_the_gate(self):
        self.rates([0] * 20 + [0.02] * 5, better="lower", unit="1")
        self.assertIn("\n      rose from 0 since 2026-01-01T20:00:00Z, ", self.trend("--fail-on-change", status=1))
        change, = self.trend("--json")["series"][0]["changes"]
        self.assertEqual((change["at"], change["loss"], change["worse"]), (20, None, True))

    def test_what_returns_from_0_or_loses_nothing_any_more_passes(self):
        for rates, better, words in (([0] * 20 + [1e9] * 5, "higher", "rose from 0"),
                                     ([0.02] * 20 + [0] * 5, "lower", "fell to 0")):
            self.rates(rates, better)
            text = self.trend("--fail-on-change")
            self.assertIn(f"\n      {words} since 2026-01-01T20", text)
            self.assertIn("\nGate passed", text)
            self.assertIs(self.trend("--json")["series"][0]["changes"][0]["worse"], False)

    def test_a_single_0_hides_no_change_and_is_none(self):
        self.rates([1e9] * 7 + [0] + [1e9] * 12)
        self.assertEqual(self.trend("--json")["series"][0]["status"], "steady")
        self.rates([1e9] * 7 + [0] + [1e9] * 12 + [0.8e9] * 6)
        change, = self.trend("--json", "--fail-on-change", status=1)["series"][0]["changes"]
        self.assertEqual((change["at"], change["worse"]), (20, True))
        self.rates([0.01] * 7 + [0, 1e4] + [0.01] * 11 + [0.02] * 8, "lower", "1")  # nor does a single giant
        self.assertIn(20, [change["at"] for change in self.trend("--json")["series"][0]["changes"]])

    def test_of_what_is_neither_better_no_change_is_for_the_worse(self):
        self.rates([100] * 20 + [200] * 5, "neither", "1")
        text = self.trend("--metric", "*", "--fail-on-change")
        self.assertIn("\n      2x more since ", text)
        self.assertIn("\nGate passed", text)
        change, = self.trend("--json", "--metric", "*")["series"][0]["changes"]
        self.assertEqual((change["loss"], change["worse"]), (None, None))

    def test_by(self):
        self.history([1] * 20 + [0.8] * 20)
        series = self.trend("--json", "--by", "label", "--label", "commit")["series"][0]
        self.assertEqual(len(series["figures"]), 20)
        self.assertEqual([change["label"] for change in series["changes"]], ["c10"])
        self.assertEqual(len(self.trend("--json", "--by", "kernel")["series"][0]["figures"]), 2)
        self.trend("--by", "label", status=2)
        self.assertEqual(len(self.trend("--json", "--label", "commit=c3")["series"][0]["figures"]), 2)
        figures = [float(row["value"]) for row in self.rows("--case", "work-1*")]
        self.assertAlmostEqual(series["figures"][0], (figures[0] * figures[1]) ** 0.5, places=6)

    def test_schema(self):
        try:
            import jsonschema
        except ImportError as missing:
            self.skipTest(f"skipped: {missing} (Debian's package python3-jsonschema)")
        schema = json.loads((SOURCE / "results/schema/trend.schema.json").read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        self.history([1] * 12 + [0.8] * 10)
        with sqlite3.connect(self.store) as connection:
            connection.execute("UPDATE environments SET facts = '{\"kernel.release\": 7}' WHERE id = 1")
        found = [self.trend("--json"), self.trend("--json", "--by", "label", "--label", "commit"),
                 self.trend("--json", "--by", "kernel"), self.trend("--json", "--case", "nothing"),
                 self.trend("--json", "--fail-on-change", status=1)]
        self.assertEqual([bool(trend["series"] and trend["series"][0]["changes"]) for trend in found],
                         [True, True, False, False, True])
        for trend in found:
            jsonschema.validate(trend, schema, cls=jsonschema.Draft202012Validator)

    def test_a_tail_that_grows(self):
        """The medians stay: p99 is a history of its own."""
        draw, paths = random.Random(4), []
        for run in range(24):
            record = make_history.record(run, make_history.draw_run(draw, 1, 5))
            record["cases"][0]["summary"][0].update(unit="s", better="lower", shape="distribution")
            for trial in record["cases"][0]["trials"]:
                metric, = trial["metrics"]
                tail = metric["value"] * draw.gauss(3 + (run >= 14), 0.1)
                metric.update(n=2000, mean=metric["value"], sd=1, percentiles=[
                    {"q": q, "value": value} for q, value in ((0.5, metric["value"]), (0.99, tail))])
            paths.append(make_history.write(self.folder_of_records, run, record))
        self.keep(*paths)
        self.assertEqual(self.trend("--json")["series"][0]["status"], "steady")
        series, = self.trend("--json", "--metric", "* p99", "--fail-on-change", status=1)["series"]
        self.assertEqual((series["metric"], [change["at"] for change in series["changes"]]), ("speed p99", [14]))
        self.assertAlmostEqual(series["changes"][0]["loss"], 1 / 3, delta=0.05)
        self.assertEqual([series["metric"] for series in self.trend("--json", "--metric", "speed*")["series"]],
                         ["speed", "speed p99"])

    def test_sparkline_fits_the_terminal(self):
        self.history([1] * 10 + [0.5] * 10, cases=1)
        for locale, is_utf8 in (("C.UTF-8", True), ("C", False)):
            self.environment |= {"LC_ALL": locale}
            self.assertEqual("\u2588" in self.trend(), is_utf8)
        self.assertTrue(self.trend().isascii())

    def test_facts_that_are_none(self):
        """A store's text may be anything: then nothing is known to have changed."""
        self.history([1] * 10 + [0.5] * 10, cases=1)
        with sqlite3.connect(self.store) as connection:
            connection.execute("UPDATE environments SET facts = CASE id WHEN 1 THEN '[1' ELSE '[1]' END")
        self.assertIn("nothing known changed", self.trend())
        with sqlite3.connect(self.store) as connection:
            connection.execute("UPDATE environments SET facts = ?", ('{"a\\u001b[2J": "\\u001b[2J"}',))
            connection.execute("UPDATE environments SET facts = '{}' WHERE id = 1")
        text = self.trend()
        self.assertIn("\\x1b[2J", text)
        self.assertNotIn("\x1b", text)


if __name__ == "__main__":
    main()
