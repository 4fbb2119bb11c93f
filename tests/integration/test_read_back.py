# SPDX-License-Identifier: GPL-3.0-or-later
"""Every export read back field by field, by readers that are written here from the formats' descriptions, over generated
records: odd names, zeros, nulls, the largest and the smallest numbers, failed trials, cases without any."""
import datetime
import json
import math
import random
import re
import statistics
import uuid

from harness import SOURCE, Case, main

SEED = 20261129
NAMES = ["plain", "with space", 'quo"ted', "com,ma", "back\\slash", "semi;colon", "tab\tbed", "new\nline", "=1+1", "-x", "@y",
         "ümläut", "日本", "a" * 200, "{brace}", "100%", "'single'", "trailing ", " leading", "cr\rlf\r\n", "<b>&amp;", "null",
         "true", "1e5", "\u2028", "#hash"]
NUMBERS = [0.0, 1.0, -1.0, 1 / 3, 0.1, 1e22, 1e23, 123456789012345678.0, 5e-324, 2.2250738585072014e-308,
           1.7976931348623157e308, 1e-300, 4.35, 2.0 ** 53 + 2, 1e16, 9.5e-7, 99999.5, 1e-5, 25e9]
UNITS = ["B/s", "bit/s", "flop/s", "s", "1/s", "1"]
QUANTILES = [0, 0.5, 0.9, 0.99, 0.999, 0.9999, 1]
NOISE = ["steal", "other_load", "involuntary_switches", "major_faults", "stall_cpu", "stall_memory", "stall_io", "other_io",
         "frequency_change", "throttles", "throttled_periods", "cost_s"]
CLOCK = ["exchanges", "delay_s", "offset_s", "offset_bound_s", "rate_ppm", "rate_bound_ppm", "step_s"]
FAILURES = ["failed", "timeout", "crashed", "unsupported", "interrupted"]


class Maker:
    """Makes a record; what is in it is drawn from the seed."""

    def __init__(self, golden, seed):
        self.random = random.Random(seed)
        self.golden = golden

    def number(self):
        return self.random.choice(NUMBERS) if self.random.random() < 0.7 else self.random.uniform(-1e6, 1e6)

    def name(self):
        return self.random.choice(NAMES)

    def maybe(self, value):
        return value if self.random.random() < 0.7 else None

    def metrics(self):
        return [{"metric": f"m{i}", "unit": self.random.choice(UNITS), "better": self.random.choice(
            ["higher", "lower", "neither"]), "side": self.random.choice(["local", "sender", "receiver"]),
            "shape": "distribution" if i == 1 else "scalar", "role": "headline" if i == 0 else "plain"} for i in range(3)]

    def sample(self, row):
        if row["shape"] == "scalar":
            return {"metric": row["metric"], "value": self.number()}
        values = sorted(abs(self.number()) for _ in range(5))
        keeps = self.random.random() < 0.5
        return {"metric": row["metric"], "value": values[2], "n": 5, "mean": self.maybe(statistics.fmean(
            value / 5 for value in values)), "sd": self.maybe(1.5),
            "percentiles": [{"q": q, "value": values[min(4, int(q * 5))]} for q in QUANTILES],
            **({"values": values} if keeps else {})}

    def trial(self, number, order, table):
        ok = self.random.random() < 0.7
        noise = self.maybe({key: self.maybe(self.number()) for key in NOISE})
        clock = self.maybe({key: 20 + number if key == "exchanges" else self.maybe(self.number()) for key in CLOCK})
        return {"trial": number, "order": order, "start_s": order * 1.25, "duration_s": 1 / 3 + number,
                "status": "ok" if ok else self.random.choice(FAILURES), "reason": None if ok else "why: " + self.name(),
                "flags": self.random.sample(["steal", "clock", "mismatch"], self.random.randrange(3)), "facts": [],
                "noise": noise, "clock": clock, "metrics": [self.sample(row) for row in table] if ok else []}

    def case(self, number, group):
        table = self.metrics()
        trials = [self.trial(1 + i, 10 * number + i, table) for i in range(self.random.randrange(4))]
        good = [trial["status"] for trial in trials].count("ok")
        return {"case": number, "group": group, "module": f"mod{number % 3}", "workload_version": number,
                "resource": self.random.choice(["network", "memory", "disk", "cpu"]), "path": self.maybe("network"),
                "cpus": self.maybe("0-1"), "seed": number, "trials_wanted": 3, "warmup": 0, "deadline_s": 30.0,
                "params": {"size": self.random.choice([0, 64, 2 ** 53]), "text": self.name(), "real": self.number(),
                           "flag": self.random.random() < 0.5, **({"own": self.name()} if number % 2 else {})},
                "status": "ok" if good == 3 else "failed", "reason": None if good == 3 else "case: " + self.name(),
                "facts": [], "trials": trials, "summary": [self.summary(row, trials) for row in table]}

    def summary(self, row, trials):
        values = [sample["value"] for trial in trials for sample in trial["metrics"] if sample["metric"] == row["metric"]]
        mean = statistics.fmean(value / len(values) for value in values) * len(values) / len(values) if values else None
        sd = 1 / 7 if len(values) > 1 else None
        return {**row, "n": len(values), "mean": mean, "sd": sd, "cv": None, "min": min(values, default=None), "q1": None,
                "median": None, "q3": None, "max": max(values, default=None),
                "ci95_mean": [mean - 1, mean + 1] if sd and math.isfinite(mean + 1) else None, "ci95_median": None,
                "outliers": 0}

    def record(self):
        started = datetime.datetime(2026, 3, 1 + self.random.randrange(28), 23, 59, 58, tzinfo=datetime.timezone.utc)
        groups = self.random.sample(NAMES, 6)
        return {**self.golden, "run_id": str(uuid.UUID(int=self.random.getrandbits(128), version=4)),
                "configuration": self.name(), "started_at": started.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "suite": {"suite": "x", "trials": 3, "warmup": 0, "order": "random",
                          "benchmarks": [{"group": group, "module": "x"} for group in groups]},
                "cases": [self.case(i + 1, group) for i, group in enumerate(groups)]}


def read_csv(text):
    """RFC 4180 with LF: rows of cells, where None is an empty cell and "" a quoted one."""
    rows, row, at = [], [], 0
    while at < len(text):
        if text[at] == '"':
            cell = ""
            while True:
                end = text.index('"', at + 1)
                cell += text[at + 1:end]
                at = end + 1
                if text[at] != '"':
                    break
                cell += '"'
        else:
            end = re.compile("[,\n]").search(text, at).start()
            cell = text[at:end] or None
            assert not cell or not re.search('["\r]', cell), cell
            at = end
        row.append(cell)
        if text[at] == "\n":
            rows.append(row)
            row = []
        else:
            assert text[at] == ",", text[at - 20:at + 20]
        at += 1
    assert not row
    return rows


LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,?)')


def read_openmetrics(text):
    """OpenMetrics 1.0: {family: (type, unit, [(suffix, labels, value, time)])}."""
    families, current = {}, None
    lines = text.split("\n")
    assert lines[-2:] == ["# EOF", ""], lines[-2:]
    for line in lines[:-2]:
        if line.startswith("# TYPE "):
            _, _, current, kind = line.split(" ")
            assert current not in families, "a family stands twice"
            families[current] = [kind, None, []]
            continue
        if line.startswith("# UNIT "):
            _, _, name, families[current][1] = line.split(" ")
            assert name == current and current.endswith("_" + families[current][1]), line
            continue
        name, _, rest = line.partition("{")
        assert name.startswith(current), line
        labels, at = {}, 0
        while rest[at] != "}":
            match = LABEL.match(rest, at)
            assert match and match[1] not in labels, line
            labels[match[1]] = re.sub(r"\\(.)", lambda found: {"n": "\n"}.get(found[1], found[1]), match[2])
            at = match.end()
        value, *time = rest[at + 2:].split(" ")
        families[current][2].append((name[len(current):], labels, float(value), time[0]))
    return families


class ReadBack(Case):
    def setUp(self):
        super().setUp()
        golden = json.loads((SOURCE / "tests/golden/record.json").read_text())
        self.texts = [Maker(golden, SEED + i).record() for i in range(4)]
        self.paths = [self.write(f"r{i}.json", json.dumps(record)) for i, record in enumerate(self.texts)]

    def export(self, name, *options, paths=None):
        # By way of a file, as no line's end may change on the way.
        self.run_program("export", *(paths or self.paths), "--format", name, "--output", self.folder / "out", *options)
        return (self.folder / "out").read_bytes().decode()

    def rows(self):
        """What every tidy row must hold."""
        params = {}
        for record in self.texts:
            for case in record["cases"]:
                params |= dict.fromkeys(case["params"])
        for record in self.texts:
            for case in record["cases"]:
                for trial in case["trials"] or [None]:
                    for sample in trial["metrics"] if trial and trial["metrics"] else [None]:
                        yield self.row(record, case, trial, sample, params)

    @staticmethod
    def row(record, case, trial, sample, params):
        # Without figures, the case's headline says what was to be measured.
        name = sample["metric"] if sample else "m0"
        table = next(row for row in case["summary"] if row["metric"] == name)
        quantiles = {f"{one['q']:g}": one["value"] for one in (sample or {}).get("percentiles", [])}
        of_trial = trial or {"trial": None, "order": None, "start_s": None, "duration_s": None, "flags": [],
                             "status": case["status"], "reason": case["reason"], "noise": None, "clock": None}
        return {"run_id": record["run_id"], "configuration": record["configuration"], "started_at": record["started_at"],
                "environment": "xen-hvm", "container": "none", "clock": None, "case": case["case"],
                "resource": case["resource"], "group": case["group"], "module": case["module"],
                "workload_version": case["workload_version"], "path": case["path"], "cpus": case["cpus"],
                "neighbours": case.get("neighbours", 0), "warmup": case["warmup"],
                **{f"param_{key}": case["params"].get(key) for key in params},
                **{key: table[key] for key in ("metric", "unit", "better", "side", "shape")},
                **{key: of_trial[key] for key in ("trial", "order", "start_s", "duration_s")},
                "value": sample["value"] if sample else None,
                **{key: (sample or {}).get(key) for key in ("n", "mean", "sd")},
                **{f"q{q:g}": quantiles.get(f"{q:g}") for q in QUANTILES}, "values": (sample or {}).get("values"),
                "status": of_trial["status"], "flags": " ".join(of_trial["flags"]), "reason": of_trial["reason"],
                **{f"noise_{key}": (of_trial["noise"] or {}).get(key) for key in NOISE},
                **{f"clock_{key}": (of_trial["clock"] or {}).get(key) for key in CLOCK}}

    def assert_same(self, found, wanted, where):
        """Numbers to the last bit; a whole one may be written as either kind."""
        self.assertEqual(isinstance(found, bool), isinstance(wanted, bool), where)
        self.assertEqual(found, wanted, where)

    def test_jsonl(self):
        found = [json.loads(line) for line in self.export("jsonl").split("\n")[:-1]]
        wanted = list(self.rows())
        self.assertEqual(len(found), len(wanted))
        for row, expected in zip(found, wanted):
            self.assertEqual(list(row), list(expected))
            for key, value in expected.items():
                self.assert_same(row[key], value, (row["run_id"], row["case"], row["trial"], key))

    def test_csv(self):
        names, *found = read_csv(self.export("csv"))
        wanted = list(self.rows())
        self.assertEqual(names, list(wanted[0]))
        self.assertEqual(len(found), len(wanted))
        for cells, expected in zip(found, wanted):
            self.assertEqual(len(cells), len(names))
            for cell, (key, value) in zip(cells, expected.items()):
                if isinstance(value, (bool, list)):
                    self.assertEqual(json.loads(cell), value, key)
                elif isinstance(value, (int, float)):
                    self.assertEqual(float(cell), value, key)
                else:
                    self.assertEqual(cell, value, key)

    def cases(self):
        return [(record, case) for record in self.texts for case in record["cases"]]

    @staticmethod
    def label(case):
        """The benchmarks of these suites sweep nothing: the group names the case."""
        return case["group"]

    def summaries(self):
        for record, case in self.cases():
            for row in case["summary"]:
                if row["mean"] is not None:
                    yield record, case, row

    def test_bmf(self):
        found = json.loads(self.export("bmf"), object_pairs_hook=self.without_twins)
        wanted = {}
        for record, case, row in self.summaries():
            measures = wanted.setdefault(f"{record['configuration']}/{self.label(case)}", {})
            measures[row["metric"]] = {"value": row["mean"]}
            if row["ci95_mean"]:
                measures[row["metric"]] |= {"lower_value": row["ci95_mean"][0], "upper_value": row["ci95_mean"][1]}
        self.assertEqual(found, wanted)

    def without_twins(self, pairs):
        self.assertEqual(len(dict(pairs)), len(pairs), "a name stands twice")
        return dict(pairs)

    def test_github(self):
        for better in ("higher", "lower"):
            found = json.loads(self.export("github", "--better", better))
            wanted = []
            for record, case, row in self.summaries():
                if row["better"] == better:
                    wanted.append({"name": f"{record['configuration']}/{self.label(case)} {row['metric']}",
                                   "unit": row["unit"], "value": row["mean"], "extra": f"n = {row['n']}\nrun "
                                   + record["run_id"], **({"range": "\u00b1 0.14285714285714285"} if row["sd"] else {})})
            self.assertEqual(found, wanted)

    @staticmethod
    def time_of(row, value):
        if row["better"] == "higher":
            return 1e9 / value if value > 0 and math.isfinite(1e9 / value) else None
        return 1e9 * value if row["unit"] == "s" else value

    def test_google_benchmark(self):
        for record, path in zip(self.texts, self.paths):
            document = json.loads(self.export("google-benchmark", paths=[path]))
            self.assertEqual(document["context"], {"date": record["started_at"], "executable": "vmsuite",
                                                   "library_build_type": "release",
                                                   "configuration": record["configuration"]})
            self.assertEqual(document["benchmarks"], list(self.entries(record)))

    def test_google_benchmark_holds_one_configuration(self):
        names = ("one", "other")
        paths = [self.write(f"{name}.json", {**text, "configuration": name}) for name, text in zip(names, self.texts)]
        _, err = self.run_program("export", *paths, "--format", "google-benchmark", "--output", "out", status=2)
        self.assertEqual(err, f'vmsuite export: {paths[0]} is of configuration "one" and {paths[1]} of "other": this format holds one; '
                              "export each to a file of its own\n")
        self.assertFalse((self.folder / "out").exists())

    def entries(self, record):
        for case in record["cases"]:
            table = {row["metric"]: row for row in case["summary"]}
            for trial in case["trials"] or [None]:
                common = {"run_type": "iteration", "repetitions": len(case["trials"]), "threads": 1,
                          "repetition_index": trial["trial"] - 1 if trial else 0}
                for sample in trial["metrics"] if trial else []:
                    time = self.time_of(table[sample["metric"]], sample["value"])
                    if time is None or not math.isfinite(time):
                        continue
                    name = f"{self.label(case)}/{sample['metric']}"
                    yield {"name": name, "run_name": name, **common, "iterations": 1, "real_time": time, "cpu_time": time,
                           "time_unit": "ns", sample["metric"]: sample["value"]}
                if not trial or not trial["metrics"]:
                    name = f"{self.label(case)}/m0"
                    of = trial or case
                    yield {"name": name, "run_name": name, **common, "error_occurred": True,
                           "error_message": f"{of['status']}: {of['reason'] or ''}"}

    SUFFIXES = {"B/s": "bytes_per_second", "bit/s": "bits_per_second", "flop/s": "flops_per_second", "s": "seconds",
                "1/s": "per_second", "1": "ratio"}

    def test_openmetrics(self):
        # Whether a family is a summary or a gauge is one metric's shape: of one module they agree in these records.
        found = read_openmetrics(self.export("openmetrics"))
        points = {}
        for record, case in self.cases():
            labels = {"configuration": record["configuration"], "run_id": record["run_id"], "group": case["group"],
                      "path": case["path"], "cpus": case["cpus"], "case": str(case["case"])}
            for key, value in case["params"].items():
                labels[f"param_{key}"] = value if isinstance(value, str) else json.dumps(value)
            began = datetime.datetime.fromisoformat(record["started_at"].replace("Z", "+00:00")).timestamp()
            table = {row["metric"]: row for row in case["summary"]}
            for trial in case["trials"]:
                time = began + trial["start_s"] + trial["duration_s"]
                for sample in trial["metrics"]:
                    row = table[sample["metric"]]
                    family = f"vmsuite_{case['module']}_{row['metric']}_{self.SUFFIXES[row['unit']]}"
                    own = {key: value for key, value in labels.items() if value is not None}
                    # An empty label is as good as none, and is left out only for what the case may lack.
                    own |= {"trial": str(trial["trial"]), "side": row["side"]}
                    kind = "summary" if "percentiles" in sample else "gauge"
                    new = points.setdefault(family, [kind, self.SUFFIXES[row["unit"]], []])[2]
                    if kind == "gauge":
                        new.append(("", own, sample["value"], time))
                    else:
                        new += [("", own | {"quantile": one["q"]}, one["value"], time) for one in sample["percentiles"]]
                        new.append(("_count", own, 5, time))
        self.assertEqual(found.keys(), points.keys())
        for family, (kind, unit, wanted) in points.items():
            self.assertEqual(found[family][:2], [kind, unit])
            self.assertEqual(len(found[family][2]), len(wanted), family)
            for (suffix, labels, value, time), (expected_suffix, expected, number, at) in zip(found[family][2], wanted):
                self.assertEqual(suffix, expected_suffix)
                for key in ("param_real",):  # numbers as labels: to the last bit
                    self.assertEqual(float(labels.pop(key)), float(expected[key]))
                if "quantile" in labels:
                    labels["quantile"] = float(labels["quantile"])
                self.assertEqual(labels, {key: value for key, value in expected.items() if key != "param_real"})
                self.assertEqual(value, number)
                self.assertEqual(time, f"{at:.6f}")


if __name__ == "__main__":
    main()
