# SPDX-License-Identifier: GPL-3.0-or-later
"""Records with many cases: with twice as many, each command does about twice the work. What is counted is how often texts are
compared, measured and copied (tests/fakes/work_count.c), which is the same whenever it is counted."""
from harness import BUILD, SANITIZER, Case, main

LIBRARY = BUILD / "tests" / "fakes" / "libwork-count.so"
METRICS = ("first", "second", "third")
FEW = 300
# n log n is 2.2 times as much here, n squared 4 times.
RATIO_MAX = 2.4


def one_group(number):
    """A sweep."""
    return {"group": "sweep", "params": {"size": number, "mode": "fast"}}


def a_group_each(number):
    return {"group": f"g{number}", "params": {"size": 1}}


def other_group_each(number):
    return {"group": f"h{number}", "params": {"size": 1}}


def newer(number):
    """The same case of a module whose work is another by now."""
    return {**one_group(number), "workload_version": 2}


def other_values(number):
    """Not one case of these is one of the others'."""
    return {"group": "sweep", "params": {"size": number + 1000000, "mode": "fast"}}


def case(number, what):
    trials = [{"trial": i + 1, "order": number + i, "start_s": 0.1 * i, "duration_s": 0.1, "status": "ok", "reason": None,
               "flags": [], "metrics": [{"metric": name, "value": 1000 + (number * 7 + i * 3) % 11} for name in METRICS]}
              for i in range(3)]
    summary = [{"metric": name, "unit": "1/s", "better": "higher", "side": "local", "shape": "scalar", "n": 3,
                "mean": 1000.5, "sd": 1.5, "ci95_mean": [999, 1002]} for name in METRICS]
    return {"case": number, "module": "none", "workload_version": 1, "resource": "network", "path": None, "status": "ok",
            "reason": None, "trials": trials, "summary": summary, **what(number)}


def benchmarks(cases):
    """A suite that gives those cases: as many benchmarks as groups."""
    groups = {}
    for one in cases:
        groups.setdefault(one["group"], []).append(one["params"]["size"])
    return [{"group": group, "module": "none", "params": {"size": sizes}} for group, sizes in groups.items()]


class ManyCases(Case):
    def setUp(self):
        super().setUp()
        if SANITIZER != "none":
            self.skipTest("the sanitizer compares texts itself")
        self.counted = self.folder / "count"

    def record(self, name, n, what, order=1):
        cases = [case(number, what) for number in range(1, n + 1)][::order]
        run = f"{sum(map(ord, name)) * 7 + len(name):08x}-0000-4000-8000-{n:012}"
        self.write(name, {"schema": "vmsuite.record/1", "run_id": run, "configuration": name.split("-")[0],
                          "started_at": "2026-11-26T12:00:00Z", "status": "ok", "labels": {"host": name},
                          "suite": {"suite": "many", "benchmarks": benchmarks(cases)},
                          "environment": {"before": {"virtualization": "native", "container": "none", "facts": []}},
                          "cases": cases})
        return name

    def count(self, *arguments, status=0):
        environment = dict(self.environment, LD_PRELOAD=str(LIBRARY), VMSUITE_WORK_COUNT=str(self.counted))
        self.run_program(*arguments, status=status, env=environment)
        return int(self.counted.read_text())

    def assert_doubles(self, what, *arguments, other=None, order=1, status=0):
        """`arguments` are the command and what follows the two records."""
        counts = []
        for n in (FEW, 2 * FEW):
            paths = self.record(f"a-{n}.json", n, what), self.record(f"b-{n}.json", n, other or what, order)
            counts.append(self.count(arguments[0], *paths, *arguments[1:], status=status))
        self.assertLess(counts[1] / counts[0], RATIO_MAX, f"{arguments}: {counts}")

    def test_compare(self):
        for what in (one_group, a_group_each):
            for rest in (("--details",), ("--format", "json"), ("--format", "markdown", "--all-metrics")):
                with self.subTest(what=what.__name__, rest=rest):
                    self.assert_doubles(what, "compare", *rest)

    def test_compare_of_other_orders_and_other_work(self):
        """Nothing is where it is expected, or nothing is the same."""
        for what, other, order, rest, status in (
                (one_group, one_group, -1, (), 0), (a_group_each, a_group_each, -1, (), 0), (one_group, newer, 1, ("--details",), 2),
                (one_group, newer, -1, ("--allow-different",), 0), (one_group, other_values, 1, ("--details",), 2),
                (a_group_each, other_group_each, 1, ("--details",), 2)):
            with self.subTest(what=what.__name__, other=other.__name__, order=order):
                self.assert_doubles(what, "compare", *rest, other=other, order=order, status=status)

    def test_report(self):
        for what in (one_group, a_group_each):
            with self.subTest(what=what.__name__):
                self.assert_doubles(what, "report", "--baseline", "a", "--output", "page.html")

    def test_export(self):
        for what in (one_group, a_group_each):
            for form in ("csv", "jsonl", "openmetrics", "bmf", "github"):
                with self.subTest(what=what.__name__, form=form):
                    self.assert_doubles(what, "export", "--format", form)

    def test_check_and_fleet(self):
        for what in (one_group, a_group_each):
            with self.subTest(what=what.__name__):
                self.assert_doubles(what, "compare", "--by", "host", order=-1)
                counts = [self.count("check", self.record(f"c-{n}.json", n, what), status=2) for n in (FEW, 2 * FEW)]
                self.assertLess(counts[1] / counts[0], RATIO_MAX, counts)


if __name__ == "__main__":
    main()
