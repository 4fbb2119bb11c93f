# SPDX-License-Identifier: GPL-3.0-or-later
"""What a store answers, what a trend writes and what the pages of a store show, read back field by field and computed a
second time from the records: odd names, zeros, the largest and the smallest numbers, trials that failed, gaps."""
import html.parser
import json
import math
import re
import statistics

from harness import main
from test_read_back import read_csv
from test_store import StoreCase, make_history

GROUPS = ["plain", 'com,ma "quoted"', "ünï <b>&amp;"]
MACHINES = [("kvm", "none", "Example 9", "kvm, Example 9, 2 CPUs"), ("kvm", "docker", "Ex, \"10\"", "kvm, docker, Ex, \"10\", 2 CPUs")]
# Of each run: what the trials of the headline say; None: one that failed.
VALUES = [[3.0, 1.0, 2.0, 100.0, 5.0], [7.5, None, 7.25], [1e300, 2e300], [5e-324, 1e-300, 3e-300], [0.0, 0.0, 1.0], [4.0],
          [2.0, 8.0, 4.0, 16.0, 32.0, 64.0, 1.0, 128.0, 256.0, 512.0], [1 / 3, 0.1, 123456789012345678.0]]
NAMES = ["case", "module", "resource", "metric", "unit", "better", "configuration", "machine", "run_id", "started_at", "label",
         "kernel", "hypervisor", "version"]


def figure_of(values):
    """The 20% trimmed mean, of logarithms where there are any."""
    cut = len(values) // 5
    kept = sorted(values)[cut:len(values) - cut]
    if kept[0] <= 0:
        return statistics.fmean(values)
    return math.exp(statistics.fmean(map(math.log, kept)))


class ReadBack(StoreCase):
    def setUp(self):
        super().setUp()
        self.all = [self.record(run) for run in range(len(VALUES))]
        self.keep(*[make_history.write(self.folder_of_records, run, record) for run, record in enumerate(self.all)])

    def record(self, run):
        virtualization, container, model, _ = MACHINES[run % 2]
        cases = [self.case(1 + i, group, VALUES[(run + i) % len(VALUES)], run) for i, group in enumerate(GROUPS)]
        found = make_history.record(run, cases, kernel=f"6.{run}, \"odd\"", model=model,
                                    labels={"commit": f"c{run}"} if run % 3 else None)
        found["suite"]["benchmarks"] = [{"group": group, "module": "m"} for group in GROUPS]
        found["vmsuite"]["version"] = f"0.{run}"
        machine = found["environment"]["before"]
        machine.update(virtualization=virtualization, container=container)
        machine["facts"] += [make_history.fact("virtualization.version", f"9.{run}"), make_history.fact("load.1m", run / 7),
                             make_history.fact("memory.available_bytes", 1000 + run)]
        return found

    def case(self, number, group, values, run):
        case = make_history.case(number, [value or 0.0 for value in values], resource=["cpu", "disk", "network"][number - 1],
                                 metrics=("speed", "lag"))
        case.update(group=group, module="m")
        case["summary"][0].update(unit="B/s")
        case["summary"][1].update(unit="s", better="lower", side="receiver")
        for i, (trial, value) in enumerate(zip(case["trials"], values)):
            trial["trial"] = 2 * i + 1 + run % 2  # numbers with gaps, such as a run that was interrupted has
            trial["metrics"][1]["value"] = 0.5 + i
            trial["flags"] = ["steal"] if i % 2 else ["steal", "clock"] if i == 2 else []
            if value is None:
                trial.update(status="failed", reason="no", metrics=[])
        return case

    def expected(self):
        """Of each figure of each run: what every answer begins with, and the trials that are ok."""
        for run, record in enumerate(self.all):
            for case in record["cases"]:
                for row in case["summary"]:
                    head = [case["group"], "m", case["resource"], row["metric"], row["unit"], row["better"], "here",
                            MACHINES[run % 2][3], record["run_id"], record["started_at"],
                            record.get("labels", {}).get("commit"), f"6.{run}, \"odd\"", f"9.{run}", f"0.{run}"]
                    trials = [(trial, sample["value"]) for trial in case["trials"] for sample in trial["metrics"]
                              if sample["metric"] == row["metric"]]
                    yield dict(zip(NAMES, head)), case, trials

    def answer(self, command, *arguments):
        """What is written as CSV and as JSON Lines is the same."""
        arguments = ["store", command, "--store", self.store, *arguments, "--label", "commit", "-o", self.folder / "out"]
        self.run_program(*arguments, "--format", "csv")
        names, *cells = read_csv((self.folder / "out").read_bytes().decode())
        self.run_program(*arguments, "--format", "jsonl")
        rows = [json.loads(line) for line in (self.folder / "out").read_text(encoding="utf-8").split("\n")[:-1]]
        self.assertEqual(len(cells), len(rows))
        for row, line in zip(rows, cells):
            self.assertEqual(list(row), names)
            for cell, value in zip(line, row.values(), strict=True):
                self.assertEqual(cell if value is None or isinstance(value, str) else float(cell), value)
        return rows

    def near(self, found, wanted, what):
        if wanted is None or math.isnan(wanted):
            self.assertIsNone(found, what)
        else:
            self.assertTrue(math.isclose(found, wanted, rel_tol=1e-12), f"{what}: {found} is not {wanted}")

    def expect_figures(self, row, head, trials):
        values = [value for _, value in trials]
        self.assertEqual({name: row[name] for name in NAMES}, head)
        self.near(row["value"], figure_of(values), head)
        self.near(row["mean"], sum(value / len(values) for value in values), head)
        self.near(row["median"], statistics.median(sorted(values)), head)
        if 1e-150 < max(values) < 1e150:
            self.near(row["sd"], statistics.stdev(values) if len(values) > 1 else None, head)
        self.assertEqual(row["trials"], len(values))
        self.assertEqual(row["noisy"], sum(bool(trial["flags"]) for trial, _ in trials))

    def test_runs(self):
        for arguments, metric in ((["--case", "*"], "speed"), (["--case", "*", "--metric", "lag"], "lag")):
            wanted = [(head, trials) for head, _, trials in self.expected() if head["metric"] == metric]
            rows = self.answer("query", *arguments)
            # By resource and case, then by machine, then by time.
            wanted.sort(key=lambda one: (one[0]["resource"], one[0]["case"].encode(), one[0]["machine"], one[0]["started_at"]))
            self.assertEqual(len(rows), len(wanted))
            for row, (head, trials) in zip(rows, wanted):
                self.expect_figures(row, head, trials)
                self.assertEqual(row["record"], f"{[one['run_id'] for one in self.all].index(row['run_id']):05d}.json")

    def test_latest(self):
        histories = {}
        for head, _, trials in self.expected():
            if head["metric"] == "speed":
                histories.setdefault((head["case"], head["machine"]), []).append((head, figure_of([value for _, value in trials])))
        rows = self.answer("query", "--last", "2")
        self.assertEqual(len(rows), len(histories))
        for row in rows:
            (*_, (_, first), (_, second), (head, latest)) = histories[row["case"], row["machine"]]
            self.assertEqual({name: row[name] for name in NAMES}, head)
            self.near(row["value"], latest, head)
            self.near(row["median_before"], (first + second) / 2, head)
            self.assertEqual(row["runs_before"], 2)
            if latest > 0:
                self.assertTrue(math.isclose(1 - row["loss"], latest / ((first + second) / 2), rel_tol=1e-9, abs_tol=1e-15))

    def test_samples(self):
        rows = self.answer("export", "--metric", "lag") + self.answer("export")
        wanted = [(head, case["case"], trial["trial"], value) for head, case, trials in self.expected() for trial, value in trials]
        self.assertEqual(len(rows), len(wanted))
        found = {(row["run_id"], row["case_number"], row["metric"], row["trial"]): row for row in rows}
        for head, number, trial, value in wanted:
            row = found.pop((head["run_id"], number, head["metric"], trial))
            self.assertEqual({name: row[name] for name in NAMES}, head)
            self.assertEqual(row["value"], value)
        self.assertEqual(found, {})

    def test_tables_that_others_read(self):
        """What no command of ours writes: where a run was, and what its trials lie between."""
        self.assertEqual(self.sql("SELECT record, status, duration_s, virtualization, kernel, hypervisor FROM runs ORDER BY id"),
                         [(f"{run:05d}.json", "ok", 60.0, "kvm", f"6.{run}, \"odd\"", f"9.{run}") for run in range(len(VALUES))])
        found = {tuple(key): ends for *key, least, most in self.sql(
            "SELECT r.run_id, f.number, s.metric, f.minimum, f.maximum FROM figures f JOIN runs r ON r.id = f.run "
            "JOIN series s ON s.id = f.series") for ends in [[least, most]]}
        for head, case, trials in self.expected():
            values = sorted(value for _, value in trials)
            self.assertEqual(found.pop((head["run_id"], case["case"], head["metric"])), [values[0], values[-1]], head)
        self.assertEqual(found, {})

    def test_what_never_stands_still_is_no_part_of_a_machine(self):
        for facts, in self.sql("SELECT facts FROM environments"):
            self.assertFalse({"load.1m", "memory.available_bytes"} & json.loads(facts).keys())

    def test_headlines(self):
        self.assertEqual(sorted(self.sql("SELECT metric, headline FROM series")), [("lag", 0)] * 3 + [("speed", 1)] * 3)


class Trends(StoreCase):
    def levels(self, *levels, better="higher"):
        """One trial a run: its figure is that value. Each level has a kernel of its own."""
        paths = []
        for run, level in enumerate(levels):
            case = make_history.case(1, [level])
            case["summary"][0].update(better=better, unit="s" if better == "lower" else "1/s")
            paths.append(make_history.write(self.folder_of_records, run, make_history.record(run, [case], kernel=f"6.{level > 500}")))
        self.keep(*paths)

    def trend(self, *arguments, status=0):
        out, err = self.run_program("trend", "--store", self.store, *arguments, status=status)
        return json.loads(out)["series"][0] if "--json" in arguments else out + err

    def test_figures_and_losses(self):
        """Each change is between the means of logarithms of what lies before and behind it, as far as the next."""
        levels = [1000.0 + i % 3 for i in range(14)] + [400.0 + i % 2 for i in range(13)] + [900.0 + i % 4 for i in range(12)]
        self.levels(*levels)
        series = self.trend("--json")
        for found, wanted in zip(series["figures"], levels, strict=True):
            self.assertAlmostEqual(found, wanted, places=9)
        self.assertEqual([change["at"] for change in series["changes"]], [14, 27])
        ends = [0, 14, 27, len(levels)]
        means = [statistics.fmean(map(math.log, levels[a:b])) for a, b in zip(ends, ends[1:])]
        for i, change in enumerate(series["changes"]):
            self.assertAlmostEqual(change["loss"], 1 - math.exp(means[i + 1] - means[i]), places=9)
            self.assertEqual((change["since"], change["record"]),
                             (f"2026-01-0{1 + ends[i + 1] // 24}T{ends[i + 1] % 24:02d}:00:00Z", f"{ends[i + 1]:05d}.json"))
            self.assertEqual(change["facts"], {"kernel.release": ["6.True", "6.False"] if i == 0 else ["6.False", "6.True"]})
        # The newest is for the better, whatever lies before it; a loss is counted in times from half on.
        self.trend("--fail-on-change", "--recent", "39")
        text = self.trend()
        self.assertIn("2.5x slower since", text)
        self.assertIn("2.25x faster since", text)
        # Of the last ones only: the first change is not among them.
        newest = self.trend("--json", "--last", "25")
        self.assertEqual(newest["figures"], series["figures"][-25:])
        self.assertEqual([change["at"] for change in newest["changes"]], [13])

    def test_lower_is_better(self):
        self.levels(*[100.0 + i % 2 for i in range(10)], *[300.0 + i % 2 for i in range(10)], better="lower")
        self.assertIn("2.99x slower since", self.trend())

    def test_recent_is_counted_from_the_end(self):
        self.levels(*[1000.0 + i % 3 for i in range(20)], *[800.0 + i % 2 for i in range(6)])
        self.assertEqual([change["at"] for change in self.trend("--json")["changes"]], [20])
        self.trend("--fail-on-change", "--recent", "6", status=1)
        self.trend("--fail-on-change", "--recent", "5")
        self.assertEqual([self.trend("--json", "--recent", number)["recent"] for number in ("6", "5")], [True, False])

    def test_how_many_points_are_enough(self):
        self.levels(*[1000.0 + i % 2 for i in range(7)])
        self.assertEqual(self.trend("--json")["status"], "too-few")
        self.levels(*[1000.0 + i % 2 for i in range(8)])
        self.assertEqual(self.trend("--json")["status"], "steady")

    def test_a_figure_of_zero_is_one(self):
        levels = [*[1000.0 + i for i in range(5)], 0.0, *[1000.0 + i for i in range(5)]]
        self.levels(*levels)
        self.assertEqual([round(figure, 6) for figure in self.trend("--json")["figures"]], levels)

    def test_histories_share_the_error(self):
        """A change that is worth a second look alone is none beside many that could be as great by chance."""
        levels = [1000.0, 1011, 1003, 1008, 1001, 1009, 1012, 1004, 1006, 1017, 1013, 1021]
        self.levels(*levels)
        alone, = self.trend("--json", "--error", "0.05")["changes"]
        self.assertGreater(alone["p"], 0.05 / 40)
        paths = []
        for run, level in enumerate(levels):
            cases = [make_history.case(number, [level if number == 1 else 1000.0 + (7 * number * run) % 11]) for number in
                     range(1, 41)]
            content = make_history.record(run, cases, prefix=1, configuration="there")
            paths.append(make_history.write(self.folder_of_records, 100 + run, content))
        self.keep(*paths)
        self.assertEqual(self.trend("--json", "--error", "0.05")["changes"], [])

    def test_facts_that_changed_are_counted(self):
        paths = []
        for run in range(20):
            content = make_history.record(run, [make_history.case(1, [1000.0 + run % 3 if run < 10 else 500.0 + run % 2])],
                                          kernel=f"6.{run // 10}")
            content["environment"]["before"]["facts"] += [make_history.fact(f"fact.{i}", f"{run // 10}") for i in range(5)]
            paths.append(make_history.write(self.folder_of_records, run, content))
        self.keep(*paths)
        self.assertRegex(self.trend(), r"kernel\.release: 6\.0 -> 6\.1; fact\.\d: 0 -> 1; fact\.\d: 0 -> 1; and 3 more\)")


class Table(html.parser.HTMLParser):
    """The rows of a page's tables, with the classes of their cells, and the paths of its drawings."""

    def __init__(self, path):
        super().__init__()
        self.rows, self.paths, self.cell = [], [], None
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.cell = [attributes.get("class", ""), ""]
            self.rows[-1].append(self.cell)
        elif tag == "path":
            self.paths.append((attributes.get("class"), attributes["d"]))

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.cell = None

    def handle_data(self, data):
        if self.cell:
            self.cell[1] += data


class Site(StoreCase):
    def test_pages_say_what_the_store_says(self):
        levels = [1000.0 + i % 3 for i in range(14)] + [400.0 + i % 2 for i in range(20)]
        self.keep(*[make_history.write(self.folder_of_records, run, make_history.record(
            run, [make_history.case(1, [level * 0.9, level, level * 1.1])], kernel=f"6.{level > 500}"))
                    for run, level in enumerate(levels)])
        _, err = self.run_program("report", "--store", self.store, "-o", self.folder / "site")
        self.assertIn("report: 2 pages", err)
        page = Table(self.folder / "site" / "case-1.html")
        change = next(row for row in page.rows if "slower" in row[0][0].split())
        self.assertEqual([text for _, text in change][:3], ["2.5x slower", "2026-01-01T14:00:00Z", "kernel.release: 6.True -> 6.False"])
        self.assertEqual(change[3][1], "vmsuite compare 00013.json 00014.json")
        runs = [row for row in page.rows if re.fullmatch(r"\d{5}\.json", row[-1][1])]
        self.assertEqual([row[0][1] for row in runs],
                         [f"2026-01-0{1 + run // 24}T{run % 24:02d}:00:00Z" for run in range(33, 3, -1)])  # the newest 30
        for row, level in zip(runs, reversed(levels)):
            figure, cv = math.exp(statistics.fmean(map(math.log, (level * 0.9, level, level * 1.1)))), row[2][1]
            self.assertAlmostEqual(float(row[1][1].split()[0]) * (1000 if " k" in row[1][1] else 1), figure, delta=figure / 500)
            self.assertEqual((cv, row[3][1]), ("10.0%", "3"))
        self.expect_drawing(page, levels)
        index = Table(self.folder / "site" / "index.html")
        row = next(row for row in index.rows if "work-1" in row[0][1])
        self.assertRegex(row[4][1], r"^2\.5x slowersince 2026-01-01T14:00:00Z$")
        self.assertEqual((row[4][0], row[2][1]), ("what slower", "34"))
        text = (self.folder / "site" / "index.html").read_text()
        self.assertIn("1 history, 2026-01-01T00:00:00Z to 2026-01-02T09:00:00Z; 1 changed.", text)
        spark = self.points(index.paths[0][1])
        self.assertEqual(len(spark), len(levels))
        self.assertEqual((spark[0][0], spark[-1][0]), (0, 100))
        self.assertGreater(spark[-1][1], spark[0][1])  # a lower figure is drawn lower

    @staticmethod
    def points(path):
        return [tuple(map(float, pair)) for pair in re.findall(r"[ML]([\d.]+) ([\d.]+)", path)]

    def expect_drawing(self, page, levels):
        """A column a run: from left to right, more is higher, and the change stands between the runs."""
        classes = dict(page.paths)
        line = self.points(classes["line"])
        width = 360 / len(levels)
        self.assertEqual([x for x, _ in line], [round(width * (i + 0.5), 1) for i in range(len(levels))])
        least, most = min(levels), max(levels)
        for (_, y), level in zip(line, levels):
            self.assertAlmostEqual(y, 95 - 90 * (level - least) / (most - least), delta=0.11)
        self.assertAlmostEqual(self.points(classes["slower"] + " 0")[0][0] if " " in classes["slower"] else 0, width * 14, delta=0.06)

    def test_a_column_of_many_runs_spans_their_figures(self):
        case, paths = [make_history.case(1, [1000.0])], []
        for run in range(400):  # for 360 columns
            case[0]["trials"][0]["metrics"][0]["value"] = 1000.0 + 500 * (run % 2)
            paths.append(make_history.write(self.folder_of_records, run, make_history.record(run, case)))
        self.keep(*paths)
        self.run_program("report", "--store", self.store, "-o", self.folder / "site")
        band = dict(Table(self.folder / "site" / "case-1.html").paths)["band"]
        spans = re.findall(r"M[\d.]+ ([\d.]+)V([\d.]+)", band)
        self.assertEqual(len(spans), 360)
        self.assertEqual(spans.count(("95.5", "4.5")), 40)

    def test_a_small_drawing_takes_its_points_from_all_runs(self):
        self.keep(*[make_history.write(self.folder_of_records, run, make_history.record(
            run, [make_history.case(1, [1000.0 if run < 40 else 2000.0])])) for run in range(80)])
        self.run_program("report", "--store", self.store, "-o", self.folder / "site")
        index = Table(self.folder / "site" / "index.html")
        self.assertEqual([y for _, y in self.points(index.paths[0][1])], [19.0] * 20 + [1.0] * 20)

    def test_the_index_says_from_when_to_when(self):
        """From the first run of any history to the last of any, whichever comes first."""
        for first, last in ((1, 2), (2, 1)):
            self.store.unlink(missing_ok=True)
            self.keep(*[make_history.write(self.folder_of_records, run, make_history.record(
                run, [make_history.case(number, [1000.0])])) for run, number in ((0, first), (1, last), (2, first), (3, last))])
            self.run_program("report", "--store", self.store, "-o", self.folder / f"site-{first}")
            text = (self.folder / f"site-{first}" / "index.html").read_text()
            self.assertIn("2 histories, 2026-01-01T00:00:00Z to 2026-01-01T03:00:00Z; 0 changed.", text)


if __name__ == "__main__":
    main()
