# SPDX-License-Identifier: GPL-3.0-or-later
"""Records in a store: what is imported, whole and once, is what comes out; of a file and of a PostgreSQL server."""
import csv
import io
import json
import math
import os
import random
import re
import sqlite3
import sys
import time
import unittest

from harness import SOURCE, Case, benchmark, main
from postgres import Server

sys.path.insert(0, str(SOURCE / "tests" / "fixtures"))
import make_history

# What would do harm if it became a part of a statement, of a terminal's line or of a cell.
NASTY = ["'); DROP TABLE runs; --", '"; DELETE FROM samples; "', "$1", "%s%n", "\u202egnal", "\x1b[2J", "=1+1", "ü🙂"]


class StoreCase(Case):
    def setUp(self):
        super().setUp()
        self.store = self.folder / "history.db"
        self.folder_of_records = self.folder / "records"
        self.folder_of_records.mkdir()

    def make(self, runs, cases=2, trials=3, **keys):
        return make_history.make(self.folder_of_records, runs, cases, trials, **keys)

    def keep(self, *paths, status=0, store=None):
        return self.run_program("store", "import", "--store", store or self.store, *paths, status=status)[1]

    def ask(self, *arguments, store=None, status=0):
        return self.run_program("store", "query", "--store", store or self.store, *arguments, status=status)

    def rows(self, *arguments, command="query", store=None):
        out, _ = self.run_program("store", command, "--store", store or self.store, *arguments, "--format", "csv")
        return list(csv.DictReader(io.StringIO(out)))

    def sql(self, statement, *values):
        with sqlite3.connect(self.store) as connection:
            return connection.execute(statement, values).fetchall()


class Import(StoreCase):
    def test_what_goes_in_comes_out(self):
        paths = self.make(3)
        self.assertIn("store: 3 runs added, 0 already there", self.keep(*paths))
        rows = self.rows(command="export")
        wanted = [(record["run_id"], case["group"], trial["trial"], metric["value"])
                  for record in map(json.loads, (path.read_text() for path in paths))
                  for case in record["cases"] for trial in case["trials"] for metric in trial["metrics"]]
        self.assertEqual(sorted(wanted), sorted((row["run_id"], row["case"].split()[0], int(row["trial"]),
                                                 float(row["value"])) for row in rows))

    def test_a_run_is_there_once(self):
        paths = self.make(2)
        self.keep(paths[0])
        self.assertIn("1 run added, 1 already there", self.keep(*paths))
        self.assertIn("0 runs added, 2 already there", self.keep(*paths))
        self.assertEqual(self.sql("SELECT COUNT(*) FROM samples"), [(2 * 2 * 3,)])

    def test_the_others_go_in_beside_a_broken_record(self):
        paths = self.make(3)
        text = paths[1].read_text()
        for broken in (text[:len(text) // 2], "{}", "", text.replace('"trials": [', '"trials": [7, ', 1)):
            paths[1].write_text(broken)
            err = self.keep(*paths, status=2)
            self.assertIn(str(paths[1]), err)
            self.assertIn("store: ", err)
        self.assertEqual(self.sql("SELECT record FROM runs ORDER BY id"), [("00000.json",), ("00002.json",)])
        self.assertEqual(self.sql("SELECT COUNT(*) FROM figures"), [(4,)])

    def test_an_interrupted_run_waits_until_it_is_resumed(self):
        path, = self.make(1)
        path.write_text(path.read_text().replace('"status": "ok", "suite"', '"status": "interrupted", "suite"'))
        self.assertIn("interrupted; resume it", self.keep(path, status=2))
        self.assertFalse(self.store.exists())

    def test_a_fact_that_could_not_be_read_is_none(self):
        path, = self.make(1)
        record = json.loads(path.read_text())
        record["environment"]["before"]["facts"] += [make_history.fact("virtualization.version", "9") | {"status": "error", "reason": "no"}]
        path.write_text(json.dumps(record))
        self.keep(path)
        self.assertEqual(self.sql("SELECT kernel, hypervisor FROM runs"), [("6.1.0-1", "")])

    def test_only_trials_that_are_ok_count(self):
        path, = self.make(1, cases=1)
        record = json.loads(path.read_text())
        trial = record["cases"][0]["trials"][1]
        trial.update(status="failed", reason="no", metrics=[])
        record["cases"][0]["trials"][2]["flags"] = ["steal"]
        path.write_text(json.dumps(record))
        self.keep(path)
        self.assertEqual(self.sql("SELECT trials, noisy FROM figures"), [(2, 1)])
        self.assertEqual(self.sql("SELECT trial FROM samples ORDER BY trial"), [(1,), (3,)])

    def test_texts_stay_texts(self):
        record = make_history.record(0, [make_history.case(1, [1.0, 2.0, 3.0])], configuration=NASTY[0],
                                     kernel=NASTY[1], model=NASTY[2], labels=dict(zip(NASTY, reversed(NASTY))))
        record["cases"][0]["group"] = NASTY[5]
        record["cases"][0]["params"] = dict.fromkeys(NASTY, NASTY[0])
        self.keep(make_history.write(self.folder, 0, record))
        self.assertEqual(dict(self.sql("SELECT name, value FROM labels")), dict(zip(NASTY, reversed(NASTY))))
        self.assertEqual(self.sql("SELECT configuration, kernel FROM runs"), [(NASTY[0], NASTY[1])])
        row, = self.rows("--config", "*DROP*", "--label", NASTY[3])
        self.assertEqual((row["configuration"], row["label"]), (NASTY[0], NASTY[4]))
        for arguments in ([], ["--case", "*"]):
            out, err = self.ask(*arguments)
            self.assertNotIn("\x1b", out + err)
            self.assertNotIn("\u202e", out + err)
            self.assertIn("\\x1b", out)

    def test_a_kill_leaves_whole_runs(self):
        paths, draw = self.make(200, cases=4, trials=8), random.Random(11)
        begin = time.monotonic()
        self.keep(*paths, store=self.folder / "whole.db")
        duration = time.monotonic() - begin
        found = set()
        for _ in range(20):
            self.store.unlink(missing_ok=True)
            process = self.start("store", "import", "--store", self.store, *paths)
            time.sleep(duration * draw.uniform(0.02, 0.98))
            if process.poll() is not None:  # the machine has become faster
                duration /= 2
            process.kill()
            process.communicate()
            _, err = self.ask(status=0 if self.is_store() else 2)
            if not self.is_store():
                self.assertIn("there is no store", err)
                continue
            self.assertEqual(self.sql("PRAGMA integrity_check"), [("ok",)])
            counts = self.sql("SELECT COUNT(*) FROM figures f JOIN samples s ON s.figure = f.id GROUP BY f.run")
            self.assertEqual(set(counts) - {(32,)}, set())
            self.assertEqual(len(counts), self.sql("SELECT COUNT(*) FROM runs")[0][0])
            found.add(len(counts))
        self.assertGreater(len(found), 1, "the kills all came before or after the work")
        self.keep(*paths)
        self.assertEqual(self.rows(), self.rows(store=self.folder / "whole.db"))

    def is_store(self):
        """Whether the file holds tables: a journal of a killed import is undone."""
        if not self.store.exists():
            return False
        with sqlite3.connect(self.store) as connection:
            return connection.execute("SELECT COUNT(*) FROM sqlite_schema").fetchone() != (0,)

    def test_many_runs_share_transactions(self):
        paths = self.make(70, cases=1)
        paths[40].write_text("{}")
        self.assertIn("69 runs added", self.keep(*paths, status=2))
        self.assertEqual(self.sql("SELECT COUNT(*) FROM runs"), [(69,)])
        self.assertEqual(self.sql("SELECT COUNT(*), MAX(id) FROM figures"), [(69, 69)])

    def test_nothing_that_is_imported_makes_no_store(self):
        whole, broken, interrupted = self.make(3)
        broken.write_text(broken.read_text().replace('"trials": [', '"trials": [7, ', 1))
        interrupted.write_text(interrupted.read_text().replace('"status": "ok", "suite"', '"status": "interrupted", "suite"'))
        for path in (self.folder / "none.json", broken, interrupted, self.folder):
            self.assertIn("0 runs added", self.keep(path, status=2))
            self.assertFalse(self.store.exists(), path)
        self.store.touch()  # as a kill may leave it
        self.assertIn("there is no store", self.ask(status=2)[1])
        self.assertIn("1 run added", self.keep(whole))

    def tails(self, n, quantiles=True, histogram=False):
        """A run of three trials of a latency with `n` samples each."""
        trials = make_history.case(1, [10.0, 11.0, 12.0])["trials"]
        for trial in trials:
            value = trial["metrics"][0]["value"]
            trial["metrics"][0].update(
                n=n, mean=value, sd=0.1, percentiles=[{"q": q, "value": value * (1 + q)} for q in
                                                      (0, 0.5, 0.9, 0.99, 0.999, 0.9999, 1)] if quantiles else [])
            if histogram:
                trial["metrics"][0]["histogram"] = {"relative_error": 0.01, "zeros": 0, "first": 1, "counts": f"{n} 0 0"}
        record = make_history.record(0, [make_history.case(1, [1.0])])
        record["cases"][0]["trials"] = trials
        record["cases"][0]["summary"][0].update(unit="s", better="lower", shape="distribution", n=3)
        return make_history.write(self.folder_of_records, 0, record)

    def test_tails_of_latencies(self):
        """Those that ten samples of a trial lie beyond."""
        for n, names in ((99, []), (100, ["p90"]), (1000, ["p90", "p99"]), (100000, ["p90", "p99", "p99.9", "p99.99"])):
            self.store.unlink(missing_ok=True)
            self.keep(self.tails(n))
            self.assertEqual(self.sql("SELECT metric, headline FROM series ORDER BY metric"),
                             [("speed", 1), *((f"speed {name}", 0) for name in names)])
        rows = self.rows("--metric", "* p99.9", command="export")
        self.assertEqual([(row["metric"], row["unit"], row["better"], row["trial"], float(row["value"])) for row in rows],
                         [("speed p99.9", "s", "lower", str(trial), value * 1.999)
                          for trial, value in ((1, 10.0), (2, 11.0), (3, 12.0))])
        row, = self.rows("--metric", "speed p99")
        self.assertAlmostEqual(float(row["value"]), (10 * 11 * 12) ** (1 / 3) * 1.99)
        self.assertEqual(len(self.rows("--metric", "*", "--case", "*")), 5)

    def test_tails_of_all_trials_together(self):
        """Where no trial has samples enough, the histograms of a run may."""
        self.keep(self.tails(400, histogram=True))
        self.assertEqual(self.sql("SELECT metric, trials, trial FROM series s JOIN figures f ON f.series = s.id "
                                  "JOIN samples v ON v.figure = f.id WHERE metric <> 'speed' ORDER BY 1, 3"),
                         [*(("speed p90", 3, trial) for trial in (1, 2, 3)), ("speed p99", 1, 0)])

    def test_a_tail_is_that_of_all_samples(self):
        """As compare has it: one slow trial of three is in the run's p99, which a trimmed mean leaves half out."""
        path = self.tails(1000, histogram=True)
        record = json.loads(path.read_text())
        for trial, first in zip(record["cases"][0]["trials"], (100, 101, 150)):
            sample, factor = trial["metrics"][0], 1.01 / 0.99
            sample["histogram"]["first"] = first
            middle = 2 * factor**first / (factor + 1)
            sample["percentiles"] = [{"q": quantile["q"], "value": middle} for quantile in sample["percentiles"]]
        path.write_text(json.dumps(record))
        self.keep(path)
        stored, = self.rows("--metric", "speed p99")
        other = dict(record, run_id="00000000-0000-4000-8000-000000000001")
        second = path.with_name("other.json")
        second.write_text(json.dumps(other))
        compared = json.loads(self.run_program("compare", path, second, "--all-metrics", "--format=json")[0])
        row, = [row for row in compared["rows"] if row["metric"] == "speed p99"]
        self.assertAlmostEqual(float(stored["value"]) / row["baseline"]["value"], 1, delta=1e-12)
        self.assertAlmostEqual(float(stored["value"]) / middle, 1, delta=0.02)
        self.assertEqual(self.sql("SELECT trials FROM series s JOIN figures f ON f.series = s.id WHERE metric = 'speed p99'"),
                         [(3,)])

    def import_at_once(self, *parts):
        imports = [self.start("store", "import", "--store", self.store, *part) for part in parts]
        for process in imports:
            _, err = process.communicate(timeout=300)
            self.assertEqual(process.returncode, 0, err)

    def test_two_imports_at_once(self):
        paths = self.make(30)
        self.import_at_once(paths, paths[::-1])
        self.assertEqual(self.sql("SELECT COUNT(*), COUNT(DISTINCT run_id) FROM runs"), [(30, 30)])

    def test_many_imports_make_a_store_at_once(self):
        paths = self.make(6, cases=1, trials=1)
        for _ in range(8):
            self.store.unlink(missing_ok=True)
            self.import_at_once(*([path] for path in paths))
            self.assertEqual(self.sql("SELECT COUNT(DISTINCT run_id) FROM runs"), [(6,)])


class Query(StoreCase):
    def test_the_latest_beside_those_before(self):
        self.keep(*self.make(10, cases=1, step=0.2))
        row, = self.rows("--last", "4")
        history = [float(run["value"]) for run in self.rows("--case", "*")]
        self.assertEqual(float(row["value"]), history[-1])
        self.assertAlmostEqual(float(row["median_before"]), sum(sorted(history[-5:-1])[1:3]) / 2, places=6)
        self.assertAlmostEqual(float(row["loss"]), 1 - history[-1] / float(row["median_before"]), places=9)
        self.assertEqual(row["label"], "")

    def test_a_table_says_how_many_runs_it_leaves_out(self):
        self.keep(*self.make(10, cases=1))
        for last, line in (("3", "  ... 7 earlier runs\n"), ("9", "  ... 1 earlier runs\n"), ("10", None)):
            out, _ = self.run_program("store", "query", "--store", self.store, "--case", "*", "--last", last)
            self.assertEqual(re.findall(r"(?m)^  \.\.\. .*\n", out), [line] if line else [])
            self.assertEqual(len(re.findall(r"(?m)^  20\d\d-", out)), int(last))

    def test_choice(self):
        self.keep(*self.make(4))
        other = [make_history.write(self.folder, 90 + run, make_history.record(
            run, [make_history.case(1, [5.0, 5.0])], configuration="there", model="Other", prefix=1)) for run in range(2)]
        self.keep(*other)
        self.assertEqual({(row["configuration"], row["machine"]) for row in self.rows()},
                         {("here", "kvm, Example 9, 2 CPUs"), ("there", "kvm, Other, 2 CPUs")})
        self.assertEqual(len(self.rows("--case", "work-1*")), 6)
        self.assertEqual(len(self.rows("--case", "work-1*", "--machine", "*Other*")), 2)
        self.assertEqual(len(self.rows("--case", "*", "--last", "1")), 3)
        self.assertEqual([row["label"] for row in self.rows("--case", "work-1*", "--label", "commit=c2")], ["c2"])
        self.assertIn("nothing in the store matches", self.ask("--case", "none")[1])

    def test_order_is_that_of_time_however_runs_come(self):
        draw, paths, wanted = random.Random(6), [], {}
        for run in range(20):
            configuration = ("here", "there")[run % 2]
            record = make_history.record(run, [make_history.case(1, [float(run + 1)] * 2)], configuration=configuration,
                                         kernel=f"6.{run % 3}")
            wanted.setdefault(configuration, []).append((record["started_at"], str(run + 1), f"6.{run % 3}"))
            paths.append(make_history.write(self.folder_of_records, run, record))
        draw.shuffle(paths)
        for path in paths:
            self.keep(path)
        for choice, names in ((["--config", "there"], ["there"]), ([], ["here", "there"])):
            rows = self.rows("--case", "*", *choice)
            self.assertEqual([(row["configuration"], row["started_at"], f"{float(row['value']):.0f}", row["kernel"])
                              for row in rows], [(name, *row) for name in names for row in wanted[name]])

    def test_the_latest_by_what_runs_share(self):
        """Two runs a commit: the mean of the newest commit's beside the median of those before."""
        paths = self.make(12, cases=1)
        for number, path in enumerate(paths):
            record = json.loads(path.read_text())
            path.write_text(json.dumps(record | {"labels": {"commit": f"c{number // 2}"}}))
        self.keep(*paths)
        figures = [float(row["value"]) for row in self.rows("--case", "*")]
        means = [(first * second) ** 0.5 for first, second in zip(figures[::2], figures[1::2])]
        row, = self.rows("--by", "label", "--label", "commit", "--last", "3")
        self.assertEqual((row["label"], row["runs_before"]), ("c5", "3"))
        self.assertAlmostEqual(float(row["value"]), means[-1], places=6)
        self.assertAlmostEqual(float(row["median_before"]), sorted(means[2:5])[1], places=6)
        row, = self.rows("--by", "kernel")
        self.assertEqual((row["runs_before"], row["median_before"]), ("0", ""))
        self.assertIn("points", self.ask("--by", "version")[0])
        self.ask("--by", "label", status=2)
        self.ask("--by", "kernel", "--case", "*", status=2)

    def test_since_and_until(self):
        self.keep(*self.make(30, cases=1))
        for arguments, begin, end in ((("--since", "2026-01-02"), 24, 30), (("--until", "2026-01-01T03:00:00Z"), 0, 3),
                                      (("--since", "2026-01-01T03:00:00Z", "--until", "2026-01-02"), 3, 24)):
            for command in ("query", "export"):
                rows = self.rows("--case", "*", *arguments, command=command)
                self.assertEqual([row["started_at"] for row in rows][::1 if command == "query" else 3],
                                 [make_history.record(run, [])["started_at"] for run in range(begin, end)])
            out, _ = self.run_program("trend", "--store", self.store, *arguments, "--json")
            self.assertEqual(len(json.loads(out)["series"][0]["figures"]), end - begin)
        for time_of_day in ("yesterday", "2026", "2026-01-01T03:00", "2026-01-01T03:00:00+02:00", "",
                            "2026-13-01", "2026-02-30", "2026-01-00", "2026-01-01T24:00:00Z", "2026-01-01T03:60:00Z"):
            self.ask("--since", time_of_day, status=2)

    def test_a_store_that_is_not_there(self):
        for command in ("query", "export"):
            _, err = self.run_program("store", command, "--store", self.store, status=2)
            self.assertIn("there is no store", err)
            self.assertFalse(self.store.exists())


class Run(StoreCase):
    def test_run_adds_its_record_with_labels(self):
        configuration = self.configuration(benchmark("testgood"))
        _, err = self.run_program("run", configuration, "--store", self.store, "--label", "commit=1f3a", "--label",
                                  "branch=main", "--quiet", "--runs", "2")
        self.assertEqual(err.count("store: 1 run added"), 2)
        records = self.records()
        self.assertEqual([record["labels"] for record in records], [{"commit": "1f3a", "branch": "main"}] * 2)
        self.assertEqual({row["run_id"] for row in self.rows("--case", "*", "--label", "commit=1f3a")},
                         {record["run_id"] for record in records})

    def test_a_configuration_names_its_store(self):
        (self.folder / "sub").mkdir()
        configuration = self.configuration(benchmark("testgood"), store="history.db", name="sub/here")
        configuration.write_text(configuration.read_text().replace('"sub/here"', '"here"'))
        self.run_program("run", configuration, "--quiet", "--dry-run")
        _, err = self.run_program("run", configuration, "--output", "-", status=2)
        self.assertIn("names a store", err)
        self.assertFalse((self.folder / "sub" / "history.db").exists())
        self.assertIn("store: 1 run added", self.run_program("run", configuration, "--quiet", "--runs", "1")[1])
        self.assertEqual(len(self.rows("--case", "*", store=self.folder / "sub" / "history.db")), 1)
        self.assertNotIn("history.db", json.dumps(self.records()))
        self.run_program("run", configuration, "--quiet", "--store", self.store)
        self.assertEqual(len(self.rows("--case", "*", store=self.folder / "sub" / "history.db")), 1)
        self.assertEqual(len(self.rows("--case", "*")), 1)

    def test_a_configuration_on_standard_input_names_a_store_from_here(self):
        text = self.configuration(benchmark("testgood"), store="history.db").read_bytes()
        reading, writing = os.pipe()
        os.write(writing, text)
        os.close(writing)
        with os.fdopen(reading) as stdin:
            self.run_program("run", "/dev/stdin", "--quiet", stdin=stdin)
        self.assertEqual(len(self.rows("--case", "*")), 1)

    def test_a_store_of_a_configuration_that_cannot_be(self):
        for store in (".", "none/x.db"):
            configuration = self.configuration(benchmark("testgood"), store=store)
            _, err = self.run_program("run", configuration, status=2)
            self.assertIn("store", err)
        self.assertFalse((self.folder / "vmsuite-results").exists())
        for store in ("", 7):
            configuration = self.configuration(benchmark("testgood"), store=store)
            self.assertIn("$.store", "".join(self.run_program("check", configuration, status=2)))

    def study(self, *arguments, status=0, **keys):
        path = self.write("tiny.json", {"study": "tiny", "rounds": 1, "configurations": [
            {"configuration": name, "store": "passed-over.db"} for name in ("one", "two")],
            "suite": {"suite": "test", "trials": 1, "warmup": 0, "benchmarks": [benchmark("testgood")]}, **keys})
        return self.run_program("study", *(["--config", path] if "--resume" not in arguments else []), *arguments,
                                status=status)[1]

    def test_a_study_names_its_store_and_labels(self):
        self.study("--output", "out", "--label", "branch=main", store="history.db", labels={"commit": "1f3a", "branch": "x"})
        labels = {(run, name): value for run, name, value in self.sql("SELECT run, name, value FROM labels")}
        self.assertEqual(labels, {(run, name): value for run in (1, 2)
                                  for name, value in (("commit", "1f3a"), ("branch", "main"))})
        self.assertEqual([record["labels"] for record in self.records("out/real-time")],
                         [{"commit": "1f3a", "branch": "main"}] * 2)
        self.assertFalse((self.folder / "passed-over.db").exists())
        # What goes on has both from the study's folder; and another store does not make it another study.
        next(iter((self.folder / "out" / "real-time").glob("one-*.json"))).unlink()
        self.store.unlink()
        other = self.folder / "other.db"
        self.study("--resume", "--output", "out", "--store", other)
        self.assertEqual(len(self.rows("--case", "*", "--label", "branch=main", store=other)), 2)
        self.study("--resume", "--output", "out")
        self.assertEqual(len(self.rows("--case", "*", "--label", "branch=main")), 2)

    def test_labels_of_a_study_that_are_none(self):
        for labels in ({"a b": "x"}, {"a": ""}, {"a": "x\ny"}, {"a": 1}, [1]):
            self.assertIn("labels", self.study("--output", "out", labels=labels, status=2))
        self.assertIn("--label", self.study("--output", "out", "--label", "=x", status=2))
        self.assertFalse((self.folder / "out").exists())

    def test_labels_that_are_none(self):
        configuration = self.configuration(benchmark("testgood"))
        for label in ("commit", "=x", "a b=x", "commit=", "commit=a\nb", "x=" + "y" * 257, "../x=1"):
            _, err = self.run_program("run", configuration, "--label", label, status=2)
            self.assertIn("--label", err)
        _, err = self.run_program("run", configuration, "--label", "a=1", "--label", "a=2", status=2)
        self.assertIn("has a value already", err)

    def test_a_store_that_cannot_be_is_said_before_the_work(self):
        configuration = self.configuration(benchmark("testgood"))
        self.run_program("run", configuration, "--store", self.folder, status=2)
        self.run_program("run", configuration, "--store", self.folder / "none" / "x.db", status=2)
        self.assertFalse((self.folder / "vmsuite-results").exists())


class Learned(StoreCase):
    """One run a side, of which the store knows how far it may be off."""

    def setUp(self):
        super().setUp()
        self.keep(*self.make(20, trials=10))
        self.sides = self.pair(100)

    def pair(self, run, loss=0.1, **keys):
        """One run of each of two configurations, of which the other loses in one case."""
        draw = random.Random(run)
        other = make_history.draw_run(draw, 2, 10)
        other[0] = make_history.draw_run(draw, 1, 10, 1 - loss)[0]
        return [make_history.write(self.folder, run, make_history.record(run, make_history.draw_run(draw, 2, 10), **keys)),
                make_history.write(self.folder, run + 1, make_history.record(run + 1, other, configuration="there", **keys))]

    def compare(self, *sides, store=True):
        arguments = ["--store", self.store] if store else []
        out, _ = self.run_program("compare", *sides, *arguments, "--format", "json")
        comparison = json.loads(out)
        return comparison, {row["group"]: row for row in comparison["rows"]}

    def test_a_single_run_is_as_sure_as_the_earlier_ones_make_it(self):
        comparison, rows = self.compare(*self.sides, store=False)
        self.assertEqual({row["earlier_runs"] for row in rows.values()}, {0})
        self.assertEqual({row["verdict"] for row in rows.values()}, {"unconfirmed"})
        comparison, rows = self.compare(*self.sides)
        self.assertEqual({row["earlier_runs"] for row in rows.values()}, {20})
        self.assertEqual((rows["work-1"]["verdict"], rows["work-1"]["plausible_range"]), ("slower", False))
        self.assertNotEqual(rows["work-2"]["verdict"], "unconfirmed")
        self.assertIn("the shift between runs was learned from 20 earlier runs", " ".join(comparison["warnings"]))
        self.assertNotIn("is a guess", " ".join(comparison["warnings"]))
        # The mean of the cases is known from runs that have them all.
        self.assertEqual([answer["earlier_runs"] for answer in comparison["answers"]], [20])

    def test_what_changed_between_earlier_runs_is_no_shift(self):
        """Runs of another kernel, version or hypervisor are another group: that these differ does not make a run unsure."""
        for what in ("kernel", "version", "hypervisor", "nothing that is known"):
            with self.subTest(what):
                self.store.unlink()
                draw, paths = random.Random(7), []
                for run in range(20):
                    late = run % 2
                    record = make_history.record(run, make_history.draw_run(draw, 2, 10, 1 + 0.5 * late),
                                                 kernel=f"6.{late * (what == 'kernel')}")
                    record["vmsuite"]["version"] = f"0.{late * (what == 'version')}"
                    record["environment"]["before"]["facts"].append(
                        make_history.fact("virtualization.version", f"9.{late * (what == 'hypervisor')}"))
                    paths.append(make_history.write(self.folder_of_records, run, record))
                self.keep(*paths)
                _, rows = self.compare(*self.sides)
                self.assertEqual(rows["work-1"]["verdict"] == "slower", what != "nothing that is known")

    def test_the_runs_at_hand_do_not_count(self):
        self.keep(*self.sides)
        for sides in (self.sides, self.sides[::-1]):
            _, rows = self.compare(*sides)
            self.assertEqual({row["earlier_runs"] for row in rows.values()}, {20})

    def test_other_work_and_other_machines_do_not_count(self):
        for sides in (self.pair(200, model="Other"),):
            comparison, rows = self.compare(*sides)
            self.assertEqual({(row["earlier_runs"], row["verdict"]) for row in rows.values()}, {(0, "unconfirmed")})
            self.assertIn("is a guess", " ".join(comparison["warnings"]))

    def test_too_few_are_none(self):
        self.store.unlink()
        for number, known in ((4, 0), (5, 5)):
            self.keep(*self.make(number, trials=10))
            _, rows = self.compare(*self.sides)
            self.assertEqual({row["earlier_runs"] for row in rows.values()}, {known})

    def test_a_mean_turns_what_is_better_when_lower(self):
        """Runs that are fast in a rate and in a time are off in both by as much: so is their mean, as unsure as either."""
        self.store.unlink()
        draw, paths = random.Random(9), []
        for run in range(22):
            off = math.exp(draw.gauss(0, 0.02))
            cases = [make_history.case(1, [1000 * off] * 10), make_history.case(2, [1000 / off] * 10)]
            cases[1]["summary"][0]["better"] = "lower"
            paths.append(make_history.write(self.folder_of_records, run, make_history.record(
                run, cases, configuration="there" if run == 21 else "here")))
        self.keep(*paths[:20])
        comparison, rows = self.compare(*paths[20:])
        width = lambda finding: math.log(finding["cost_ci95"][1] / finding["cost_ci95"][0])
        for row in rows.values():
            self.assertEqual(row["earlier_runs"], 20)
            self.assertAlmostEqual(width(comparison["answers"][0]), width(row), delta=0.01 * width(row))

    def test_of_several_runs_nothing_is_learned(self):
        """What the store knows of a side with three runs, little and with other figures, changes nothing of the single run."""
        self.store.unlink()
        single = self.pair(200, model="Other")[1]
        several = [self.pair(run)[0] for run in (100, 300, 500)]
        sides = [several[0], "--baseline", several[1], "--baseline", several[2], single]
        self.keep(*self.make(40, trials=10, model="Other", prefix=1))
        known = self.compare(*sides)
        self.keep(*self.make(5, trials=10, seed=3))
        self.assertEqual({row["earlier_runs"] for row in known[1].values()}, {40})
        self.assertEqual(self.compare(*sides), known)

    def test_several_runs_need_none(self):
        more = self.pair(300)
        comparison, rows = self.compare(self.sides[0], "--baseline", more[0], self.sides[1], more[1])
        self.assertEqual({row["earlier_runs"] for row in rows.values()}, {0})
        self.assertEqual(comparison["warnings"], [])

    def test_a_store_that_is_none(self):
        self.store.write_text("none")
        self.run_program("compare", *self.sides, "--store", self.store, status=2)


class PostgreSQL(StoreCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.addClassCleanup(cls.server.stop)

    def test_the_same_answers(self):
        address = self.server.database("answers")
        self.assertIn("there is no store", self.ask(store=address, status=2)[1])
        paths = self.make(12, cases=3, step=0.1)
        record = json.loads(paths[3].read_text())
        record["configuration"], record["labels"] = NASTY[0], dict(zip(NASTY, reversed(NASTY)))
        paths[3].write_text(json.dumps(record))
        for store in (address, self.store):
            self.assertIn("12 runs added", self.keep(*paths, store=store))
            self.assertIn("0 runs added, 12 already", self.keep(*paths, store=store))
        for arguments in ([], ["--case", "*", "--label", "commit"], ["--case", "work-2*", "--last", "2"],
                          ["--format", "jsonl"]):
            self.assertEqual(self.ask(*arguments, store=address)[0], self.ask(*arguments)[0])
        self.assertEqual(self.rows(command="export", store=address), self.rows(command="export"))
        # What libpq would take from the environment rounds no figure, and has no other tables looked at.
        self.environment |= {"PGOPTIONS": "-c extra_float_digits=-12 -c search_path=public -c default_transaction_read_only=on",
                             "PGCLIENTENCODING": "LATIN1"}
        self.assertEqual(self.rows(command="export", store=address), self.rows(command="export"))

    def test_nothing_that_is_imported_makes_no_store(self):
        address = self.server.database("nothing")
        self.assertIn("0 runs added", self.keep(self.folder / "none.json", store=address, status=2))
        self.assertEqual(self.server.ask("nothing", "SELECT COUNT(*) FROM pg_namespace WHERE nspname = 'vmsuite'"), ["0"])

    def test_a_store_that_may_not_be_made_is_said_before_the_work(self):
        address = self.server.database("poor").replace("postgres@", "poor@")
        self.server.ask("poor", "CREATE ROLE poor LOGIN")
        configuration = self.configuration(benchmark("testgood"))
        self.assertIn("grant it CREATE", self.run_program("run", configuration, "--store", address, status=2)[1])
        self.assertFalse((self.folder / "vmsuite-results").exists())

    def test_a_broken_record_leaves_nothing(self):
        address = self.server.database("broken")
        paths = self.make(3, cases=3)
        record = json.loads(paths[1].read_text())
        record["cases"][2]["trials"] = 7
        paths[1].write_text(json.dumps(record))
        self.assertIn("2 runs added", self.keep(*paths, store=address, status=2))
        self.assertEqual(len(self.rows("--case", "*", store=address)), 6)

    def test_a_kill_leaves_whole_runs(self):
        address = self.server.database("killed")
        paths, draw = self.make(100, cases=4, trials=8), random.Random(5)
        begin = time.monotonic()
        self.keep(*paths, store=self.server.database("whole"))
        duration, found = time.monotonic() - begin, set()
        for _ in range(20):
            process = self.start("store", "import", "--store", address, *paths)
            time.sleep(duration * draw.uniform(0.02, 0.98))
            if process.poll() is not None:  # the machine has become faster
                duration /= 2
            process.kill()
            process.communicate()
            self.server.quiet("killed")
            made = self.server.ask("killed", "SELECT to_regclass('vmsuite.samples') IS NOT NULL")
            rows = self.server.ask("killed", "SELECT COUNT(*) FROM vmsuite.figures f JOIN vmsuite.samples s "
                                   "ON s.figure = f.id GROUP BY f.run") if made == ["t"] else []
            self.assertEqual(set(rows) - {"32"}, set())
            found.add(len(rows))
            self.server.ask("killed", "DROP SCHEMA IF EXISTS vmsuite CASCADE")
        self.assertGreater(len(found), 1, "the kills all came before or after the work")
        self.keep(*paths, store=address)
        self.keep(*paths)
        self.assertEqual(self.rows(command="export", store=address), self.rows(command="export"))

    def test_no_password_is_shown(self):
        address = f"postgresql://postgres:secret@/none?host={self.server.folder}"
        out, err = self.ask(store=address, status=1)
        self.assertIn("PostgreSQL", err)
        self.assertNotIn("secret", out + err)


if __name__ == "__main__":
    main()
