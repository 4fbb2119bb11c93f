# SPDX-License-Identifier: GPL-3.0-or-later
"""Records in a store: what is imported, whole and once, is what comes out; of a file and of a PostgreSQL server."""
import csv
import io
import json
import os
import random
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
        self.assertEqual(self.sql("SELECT COUNT(*) FROM runs"), [(0,)])

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
        paths, draw = self.make(60, cases=4, trials=20), random.Random(11)
        begin = time.monotonic()
        self.keep(*paths, store=self.folder / "whole.db")
        duration = time.monotonic() - begin
        for _ in range(5):
            process = self.start("store", "import", "--store", self.store, *paths)
            time.sleep(duration * draw.uniform(0.02, 0.9))
            process.kill()
            process.communicate()
            if not self.store.exists() or self.store.stat().st_size == 0:
                continue
            self.ask()
            self.assertEqual(self.sql("PRAGMA integrity_check"), [("ok",)])
            counts = self.sql("SELECT COUNT(*) FROM figures f JOIN samples s ON s.figure = f.id GROUP BY f.run")
            self.assertEqual(set(counts) - {(80,)}, set())
            self.assertEqual(len(counts), self.sql("SELECT COUNT(*) FROM runs")[0][0])
        self.keep(*paths)
        self.assertEqual(self.rows(), self.rows(store=self.folder / "whole.db"))

    def test_two_imports_at_once(self):
        paths = self.make(30)
        imports = [self.start("store", "import", "--store", self.store, *part) for part in (paths, paths[::-1])]
        for process in imports:
            _, err = process.communicate(timeout=120)
            self.assertEqual(process.returncode, 0, err)
        self.assertEqual(self.sql("SELECT COUNT(*), COUNT(DISTINCT run_id) FROM runs"), [(30, 30)])


class Query(StoreCase):
    def test_the_latest_beside_those_before(self):
        self.keep(*self.make(10, cases=1, step=0.2))
        row, = self.rows("--last", "4")
        history = [float(run["value"]) for run in self.rows("--case", "*")]
        self.assertEqual(float(row["value"]), history[-1])
        self.assertAlmostEqual(float(row["median_before"]), sum(sorted(history[-5:-1])[1:3]) / 2, places=6)
        self.assertAlmostEqual(float(row["loss"]), 1 - history[-1] / float(row["median_before"]), places=9)
        self.assertEqual(row["label"], "")

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
        self.assertIn("nothing that was asked for", self.ask("--case", "none")[1])

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
        _, rows = self.compare(*self.sides)
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
        paths, draw = self.make(20, cases=4, trials=20), random.Random(5)
        for _ in range(3):
            process = self.start("store", "import", "--store", address, *paths)
            time.sleep(draw.uniform(0.05, 0.3))
            process.kill()
            process.communicate()
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
