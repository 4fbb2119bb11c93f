# SPDX-License-Identifier: GPL-3.0-or-later
"""`vmsuite compare` on record files: exit statuses, pooling, every format read back by another program."""
import copy
import csv
import io
import json
import random
import unittest
import uuid
import xml.etree.ElementTree

import harness

GOLDEN = json.loads((harness.SOURCE / "tests/golden/record.json").read_text())


class Compare(harness.Case):
    def make_record(self, name, configuration, speed, trials=10, cv=0.01):
        """A record with the golden one's ok cases, whose figures are drawn anew around `speed` times theirs."""
        source = random.Random(name)
        record = copy.deepcopy(GOLDEN)
        record.update(run_id=str(uuid.UUID(int=source.getrandbits(128), version=4)), configuration=configuration,
                      status="ok", warnings=[])
        record["cases"] = [case for case in record["cases"] if case["status"] == "ok"]
        for case in record["cases"]:
            first = case["trials"][0]
            better = {summary["metric"]: summary["better"] for summary in case["summary"]}
            case["trials"] = [copy.deepcopy(first) for _ in range(trials)]
            for number, trial in enumerate(case["trials"], 1):
                trial["trial"] = number
                for metric in trial["metrics"]:
                    factor = speed if better[metric["metric"]] == "higher" else 1 / speed
                    metric["value"] *= factor * source.gauss(1, cv)
        return self.write(name, record)

    def compare(self, *arguments, status=0):
        return self.run_program("compare", *arguments, status=status)[0]

    def compare_json(self, *arguments, status=0):
        return json.loads(self.compare(*arguments, "--format=json", status=status))

    def headlines(self, comparison):
        return [row for row in comparison["rows"] if row["headline"]]

    def make_runs(self, configuration, speed, runs=3, shift=0.01, **more):
        """Records whose runs are off by up to `shift`."""
        offs = [2 * i / (runs - 1) - 1 if runs > 1 else 0 for i in range(runs)]
        return [self.make_record(f"{configuration}-{i}.json", configuration, speed * (1 + shift * off), **more)
                for i, off in enumerate(offs)]

    def test_slower(self):
        natives, guests = self.make_runs("native", 1), self.make_runs("xen-hvm", 0.7)
        comparison = self.compare_json(*natives, *guests)
        for row in self.headlines(comparison):
            self.assertEqual(row["verdict"], "slower", row)
            self.assertAlmostEqual(row["loss"], 0.3 if row["better"] == "higher" else 0.43, delta=0.03)
            # A reader with a pocket calculator gets the loss from the two columns.
            ratio = row["other"]["value"] / row["baseline"]["value"]
            self.assertAlmostEqual(row["loss"], 1 - ratio if row["better"] == "higher" else ratio - 1, delta=1e-9)
        for answer in comparison["answers"]:
            self.assertEqual(answer["verdict"], "slower", answer)
            self.assertIn("% slower [", answer["sentence"])
        self.compare(*natives, *guests, "--fail-above", "5%", status=1)
        self.compare(*natives, *guests, "--fail-above", "50%")
        # The other way round nothing is lost.
        self.compare(*guests, *natives, "--baseline", guests[0], "--fail-above", "5%", status=2)
        self.compare(guests[0], *natives, *guests[1:], "--fail-above", "5%")

    def test_same(self):
        first = self.make_record("first.json", "native", 1)
        second = self.make_record("second.json", "native", 1)
        comparison = self.compare_json(first, second, "--fail-above", "5%")
        self.assertEqual([side["configuration"] for side in comparison["sides"]], ["native", "native (other)"])
        self.assertTrue(comparison["gate"]["passed"])
        self.assertFalse({row["verdict"] for row in comparison["rows"]} & {"slower", "faster"})

    def test_one_run_is_unconfirmed(self):
        native, guest = self.make_record("native.json", "native", 1), self.make_record("guest.json", "kvm", 0.9)
        comparison = self.compare_json(native, guest, "--fail-above=5%", status=4)
        self.assertEqual({row["verdict"] for row in self.headlines(comparison)}, {"unconfirmed"})
        self.assertEqual(comparison["gate"]["outcome"], "inconclusive")
        self.assertTrue(all(row["plausible_range"] and row["more_runs"] for row in self.headlines(comparison)))
        self.compare(native, guest, "--fail-above=5%", "--strict", status=1)
        # A factor of two is beyond what a whole run may be off.
        half = self.make_record("half.json", "kvm", 0.4)
        comparison = self.compare_json(native, half, "--fail-above=5%", status=1)
        self.assertEqual({row["verdict"] for row in self.headlines(comparison)}, {"slower"})

    def test_80_columns(self):
        natives, guests = self.make_runs("native", 1), self.make_runs("a-configuration-of-a-long-name", 0.6)
        others = self.make_record("tcg.json", "qemu-tcg", 0.1)
        for extra in ((), ("--details",), ("--all-metrics", "--details"), ("--fail-above=5%",)):
            status = 1 if "--fail-above=5%" in extra else 0
            for line in self.compare(*natives, *guests, others, *extra, status=status).splitlines():
                self.assertLessEqual(len(line), 80, line)
                self.assertNotIn("+2", line)

    def test_metric(self):
        natives, guests = self.make_runs("native", 1), self.make_runs("kvm", 0.7)
        rows = self.compare_json(*natives, *guests)["rows"]
        shown = [row for row in rows if not row["headline"]]
        self.assertEqual({row["verdict"] for row in shown}, {"untested"})
        name = shown[0]["metric"]
        rows = self.compare_json(*natives, *guests, "--metric", name)["rows"]
        self.assertNotIn("untested", {row["verdict"] for row in rows if row["metric"] == name})

    def test_pooling(self):
        natives = [self.make_record(f"native{i}.json", "native", 1) for i in range(3)]
        guests = [self.make_record(f"guest{i}.json", "kvm", 0.9) for i in range(2)]
        other = self.make_record("other.json", "xen-pv", 1)
        comparison = self.compare_json(natives[0], guests[0], other, natives[1], guests[1], "--baseline", natives[2])
        self.assertEqual([(side["configuration"], side["runs"]) for side in comparison["sides"]],
                         [("native", 3), ("kvm", 2), ("xen-pv", 1)])
        row = self.headlines(comparison)[0]
        self.assertEqual((row["baseline"]["runs"], row["baseline"]["trials"]), (3, 30))

    def test_formats(self):
        records = [*self.make_runs("native", 1), *self.make_runs("kvm", 0.7)]
        comparison = self.compare_json(*records, "--fail-above=5%", status=1)
        rows = comparison["rows"]
        table = list(csv.DictReader(io.StringIO(self.compare(*records, "--format=csv"))))
        self.assertEqual([line["verdict"] for line in table], [row["verdict"] for row in rows])
        for line, row in zip(table, rows):
            self.assertEqual(line["ratio"] and float(line["ratio"]), row["ratio"] if row["ratio"] is not None else "")
        tested = [row for row in rows if row["verdict"] != "untested"]
        junit = xml.etree.ElementTree.fromstring(
            self.compare(*records, "--format=junit", "--fail-above=5%", status=1))
        suite = junit.find("testsuite")
        self.assertEqual(int(suite.get("failures")), comparison["gate"]["failed"])
        self.assertEqual(len(suite.findall("testcase")), len(tested) + len(comparison["not_compared"]))
        markdown = self.compare(*records, "--format=markdown")
        self.assertTrue(markdown.startswith("### What kvm costs against native: 3 runs of each"), markdown[:80])
        for row in tested:
            self.assertIn(row["words"].split("[")[0].strip(), markdown)
        for answer in comparison["answers"]:
            self.assertIn(answer["words"].split("[")[0].strip(), markdown)
        self.assertNotIn("\033", self.compare(*records))

    def test_output(self):
        native = self.make_record("native.json", "native", 1)
        guest = self.make_record("guest.json", "kvm", 0.98)
        first = self.compare_json(native, guest)
        self.assertEqual(self.compare(native, guest, "--format=json", "--output=out.json"), "")
        self.assertEqual(json.loads((self.folder / "out.json").read_text()), first)
        self.compare(native, guest, "--output=no/such/folder/out.json", status=1)

    def test_policy(self):
        records = [*self.make_runs("native", 1), *self.make_runs("kvm", 0.7)]
        policy = self.write("policy.json", {"schema": "vmsuite.policy/1", "fail_above": None,
                                            "rules": [{"metric": "trans*", "fail_above": "10%"}]})
        comparison = self.compare_json(*records, "--policy", policy, status=1)
        self.assertEqual({row["metric"] for row in comparison["rows"] if row["gate"]["failed"]}, {"transactions"})
        bad = self.write("bad.json", {"schema": "vmsuite.policy/1", "fail": 1})
        _, err = self.run_program("compare", *records, "--policy", bad, status=2)
        self.assertIn("unknown member", err)

    def test_not_the_same_work(self):
        native = self.make_record("native.json", "native", 1)
        path = self.make_record("guest.json", "kvm", 1)
        record = json.loads(path.read_text())
        record["cases"][0]["workload_version"] += 1
        self.write("guest.json", record)
        comparison = self.compare_json(native, path, "--fail-above=5%")
        self.assertIn("workload version", comparison["not_compared"][0]["reason"])
        self.compare(native, path, "--strict", status=1)
        comparison = self.compare_json(native, path, "--allow-different")
        self.assertTrue(any(row["different"] for row in comparison["rows"]))

    def test_junit_counts_each_side_by_itself(self):
        records = [self.make_record(f"{name}.json", name, factor) for name, factor in (("native", 1), ("kvm", 2), ("xen-hvm", 3))]
        suites = list(xml.etree.ElementTree.fromstring(self.compare(*records, "--format=junit")))
        self.assertEqual(len(suites), 2)
        for suite in suites:
            self.assertEqual(int(suite.get("tests")), len(suite.findall("testcase")))

    def test_a_gate_that_compared_nothing_does_not_pass(self):
        """Neither by its exit status nor by what it prints, in any format."""
        native = self.make_record("native.json", "native", 1)
        path = self.make_record("guest.json", "kvm", 1)
        record = json.loads(path.read_text())
        for case in record["cases"]:
            case["workload_version"] += 1
        self.write("guest.json", record)
        for form in ("table", "markdown", "json"):
            out, err = self.run_program("compare", native, path, "--fail-above=5%", f"--format={form}", status=2)
            self.assertNotRegex(out, 'Gate passed|"passed": true')
            self.assertIn("nothing was compared", err)
        self.assertIn("inconclusive", out)
    def make_zeros(self):
        """Two configurations of three runs: of a resource's cases two rise from 0 and one fell to 0."""
        paths = []
        for path in [*self.make_runs("native", 1), *self.make_runs("kvm", 0.5)]:
            record = json.loads(path.read_text())
            slow = record["configuration"] == "kvm"
            model = next(case for case in record["cases"] if case["resource"] == "network")
            for number, (group, better, values) in enumerate(
                    (("rises", "lower", (0, 0.03)), ("falls", "higher", (9, 0)),
                     ("mixed", "lower", (0.02, 0.1)), *((f"a{i}", "higher", (10, 8)) for i in range(14)))):
                case = copy.deepcopy(model)
                case.update(case=100 + number, group=group)
                case["summary"] = [dict(case["summary"][0], metric="share", unit="1", better=better, shape="scalar")]
                source = random.Random(f"{path.name}{group}")
                for i, trial in enumerate(case["trials"]):
                    value = values[slow] * source.uniform(0.9, 1.1) * (i % 3 != 0 or group != "mixed")
                    trial["metrics"] = [{"metric": "share", "value": value}]
                record["cases"].append(case)
            record["suite"]["benchmarks"] += [{"group": case["group"], "module": case["module"]}
                                              for case in record["cases"][-17:]]
            paths.append(self.write(path.name, record))
        return paths

    def test_zeros(self):
        paths = self.make_zeros()
        comparison = self.compare_json(*paths, "--fail-above=5%", status=1)
        words = {row["group"]: row["words"] for row in self.headlines(comparison)}
        self.assertEqual((words["rises"], words["falls"]), ("rose from 0", "fell to 0"))
        self.assertRegex(words["mixed"], r"^(undecided: )?[45]\.\dx slower \[")
        answer, = [answer for answer in comparison["answers"] if answer["resource"] == "network"]
        self.assertRegex(answer["sentence"], r"^network: 2 cases fell to 0 or rose from it; the others: 2\d% slower \[.*\]; "
                                             r"without 1 of \d+ cases, which has zeros or gaps$")
        table = self.compare(*paths)
        self.assertIn(answer["sentence"], " ".join(table.split()))
        for group in ("rises", "falls"):  # among the worst dozen, though a difference is not counted as a logarithm
            self.assertRegex(table, rf"\n  {group} .*(rose from|fell to) 0\n")

    def test_a_resource_that_lost_a_case_is_not_faster(self):
        """The mean of the cases that are left says nothing of the one that is dead."""
        paths = []
        for name, dead, fast in (("native", 9e8, 1), ("guest", 0, 1.5)):
            for path in self.make_runs(name, fast, shift=0.001, cv=0.001):
                record = json.loads(path.read_text())
                case = copy.deepcopy(next(case for case in record["cases"] if case["resource"] == "network"))
                case.update(case=100, group="dead")
                case["summary"] = [dict(case["summary"][0], metric="rate", unit="bit/s", better="higher", shape="scalar")]
                for i, trial in enumerate(case["trials"]):
                    trial["metrics"] = [{"metric": "rate", "value": dead * (1 + i / 1000)}]
                record["cases"].append(case)
                record["suite"]["benchmarks"].append({"group": "dead", "module": case["module"]})
                paths.append(self.write(path.name, record))
        comparison = self.compare_json(*paths)
        answer, = [answer for answer in comparison["answers"] if answer["resource"] == "network"]
        self.assertEqual((answer["verdict"], answer["fell_to_0"], answer["rose_from_0"]), ("slower", 1, 0))
        self.assertEqual([answer[name] for name in ("loss", "loss_ci95", "cost", "cost_ci95", "p")], [None] * 5)
        self.assertRegex(answer["sentence"], r"^network: 1 case fell to 0; the others: 1\.\dx faster \[")
        self.assertRegex(self.compare(*paths), r"\n  guest  1 case fell to 0\n")
        self.run_program("report", *paths, "-o", self.folder / "page.html")
        page = (self.folder / "page.html").read_text()
        self.assertIn('<td class="slower" data-resource="network">1 case fell to 0</td>', page)
        self.assertIn("<title>guest against native: network 1 case fell to 0", page)

    def test_wrong_use(self):
        native = self.make_record("native.json", "native", 1)
        cases = {(): "baseline", (native,): "baseline", (native, native): "same run",
                 (native, "absent.json"): "absent.json", (native, native, "--format=tabel"): "did you mean",
                 (native, native, "--fail-above=lots"): "lots", (native, native, "--equivalent-within=0"): "more than 0",
                 (native, native, "--seed=x"): "whole number", (native, native, "--policy=absent.json"): "absent.json"}
        for arguments, words in cases.items():
            out, err = self.run_program("compare", *arguments, status=2)
            self.assertIn(words, err)
            self.assertEqual(out, "")
        self.assertIn("--fail-above", self.compare("--help"))

    def test_unmeasured_cases_are_told(self):
        native = self.make_record("native.json", "native", 1)
        guest = json.loads(self.make_record("guest.json", "xen-hvm", 1).read_text())
        guest["cases"][0].update(status="unsupported", reason="no such thing", trials=[], summary=[])
        guest = self.write("guest.json", guest)
        for records, silent in (((native, guest), "xen-hvm"), ((guest, native), "xen-hvm"), ((guest, guest), None)):
            if not silent:  # measured nowhere
                twin = json.loads(guest.read_text())
                twin["run_id"] = str(uuid.UUID(int=7, version=4))
                records, silent = (guest, self.write("twin.json", twin)), "xen-hvm"
            told = self.compare_json(*records)["not_compared"]
            self.assertTrue(told)
            for refusal in told:
                self.assertEqual(refusal["reason"], f"no figures in {silent}: unsupported: no such thing")

    def test_schema(self):
        try:
            import jsonschema
        except ImportError as missing:
            self.skipTest(f"{missing} (install python3-jsonschema)")
        schema = json.loads((harness.SOURCE / "results/schema/comparison.schema.json").read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        native = self.make_record("native.json", "native", 1)
        others = [self.make_record("guest.json", "kvm", 0.7), self.make_record("same.json", "xen-pv", 1, trials=1)]
        for extra, status in ((), 0), (("--fail-above=5%", "--strict"), 1):
            jsonschema.validate(self.compare_json(native, *others, *extra, status=status), schema,
                                cls=jsonschema.Draft202012Validator)


if __name__ == "__main__":
    unittest.main(verbosity=2)
