# SPDX-License-Identifier: GPL-3.0-or-later
"""Which trial is made when: warm-up before each case's first trial, rounds of one trial a case, each in an order of its own
that the seed decides, or one case after the other; held against the journal's lines as well as the record."""
import json

from harness import Case, benchmark, end, main, wait_for

COUNTS = {"deed": "counts"}


class Order(Case):
    def run_cases(self, output, cases=4, **suite):
        """Runs cases of a module that reports how often it was called; the record."""
        path = self.configuration(*[benchmark("testrogue", group=f"g{i}", params=COUNTS) for i in range(cases)],
                                  name=output, suite=suite)
        self.run_program("run", path, "--output", output)
        return self.record(output)

    @staticmethod
    def order(record):
        """(case, trial) in the order in which they were made."""
        made = [(trial["order"], case["case"], trial["trial"]) for case in record["cases"] for trial in case["trials"]]
        return [(case, trial) for _, case, trial in sorted(made)]

    def test_warm_up_is_made_and_does_not_count(self):
        for warmup in (0, 1, 3):
            with self.subTest(warmup):
                record = self.run_cases(f"w{warmup}", trials=3, warmup=warmup)
                for case in record["cases"]:
                    self.assertEqual(case["warmup"], warmup)
                    self.assertEqual([trial["metrics"][0]["value"] for trial in case["trials"]],
                                     [warmup + 1, warmup + 2, warmup + 3])
                    self.assertEqual((case["summary"][0]["n"], case["summary"][0]["mean"]), (3, warmup + 2))

    def test_rounds(self):
        record = self.run_cases("rounds", cases=5, trials=4, seed=11)
        order = self.order(record)
        self.assertEqual(sorted(trial["order"] for case in record["cases"] for trial in case["trials"]),
                         list(range(1, 21)))
        rounds = [order[i:i + 5] for i in range(0, 20, 5)]
        for number, one in enumerate(rounds, 1):
            self.assertEqual(sorted(one), [(case, number) for case in range(1, 6)])
        self.assertGreater(len({tuple(case for case, _ in one) for one in rounds}), 1)
        self.assertEqual(self.order(self.run_cases("again", cases=5, trials=4, seed=11)), order)
        self.assertNotEqual(self.order(self.run_cases("other", cases=5, trials=4, seed=12)), order)

    def test_sequence(self):
        record = self.run_cases("sequence", cases=3, trials=2, order="sequential")
        self.assertEqual(self.order(record), [(case, trial) for case in (1, 2, 3) for trial in (1, 2)])

    def test_cases_with_fewer_trials(self):
        path = self.configuration(benchmark("testrogue", group="a", params=COUNTS, trials=1),
                                  benchmark("testrogue", group="b", params=COUNTS, trials=3))
        self.run_program("run", path)
        self.assertEqual([len(case["trials"]) for case in self.record()["cases"]], [1, 3])
        self.assertEqual(self.order(self.record())[2:], [(2, 2), (2, 3)])

    def test_a_case_is_given_up_after_three_failures_in_a_row(self):
        path = self.configuration(benchmark("testrogue", group="always", params={"deed": "samples_and_fails"}),
                                  benchmark("testrogue", group="in turn", params={"deed": "fails_in_turn"}),
                                  suite={"trials": 8})
        self.run_program("run", path, status=1)
        always, in_turn = [[trial["status"] for trial in case["trials"]] for case in self.record()["cases"]]
        self.assertEqual(always, ["failed"] * 3)
        self.assertEqual(in_turn, ["ok", "failed"] * 4)

    def test_raw_values_up_to_the_most(self):
        """Of a distribution all values are kept, up to 64."""
        path = self.configuration(benchmark("cpu", params={"what": "timer", "interval": "10us", "samples": [63, 64, 65]}),
                                  suite={"trials": 1})
        self.run_program("run", path)
        kept = [len(case["trials"][0]["metrics"][0].get("values", [])) for case in self.record()["cases"]]
        self.assertEqual(kept, [63, 64, 0])

    def test_times_are_within_the_run(self):
        record = self.run_cases("times", trials=2)
        last = 0
        for case, trial in self.order(record):
            made = next(one for one in record["cases"][case - 1]["trials"] if one["trial"] == trial)
            self.assertGreaterEqual(made["start_s"], last)
            self.assertGreaterEqual(made["duration_s"], 0)
            last = made["start_s"] + made["duration_s"]
        self.assertLessEqual(last, record["duration_s"])

    def test_the_journal_has_a_line_a_trial_in_order(self):
        """A run that is killed leaves it: what failed stands in it, too."""
        path = self.configuration(*[benchmark("testrogue", group=f"g{i}", params=COUNTS) for i in range(3)],
                                  benchmark("testrogue", group="fails", params={"deed": "samples_and_fails"}),
                                  benchmark("testhang", deadline=60),
                                  suite={"trials": 1, "order": "sequential"})
        run = self.start("run", path)
        self.addCleanup(end, run)
        folder = self.folder / "vmsuite-results"
        wait_for(lambda: any(path.read_text().count("\n") == 5 for path in folder.glob("*.jsonl")), "the trials before")
        journal = next(folder.glob("*.jsonl"))
        run.kill()
        run.communicate()
        header, *lines = [json.loads(line) for line in journal.read_text().splitlines()]
        self.assertEqual(header["schema"], "vmsuite.journal/1")
        self.assertEqual([(line["case"], line["order"], line["trial"]) for line in lines],
                         [(case, case, 1) for case in (1, 2, 3, 4)])
        for line in lines[:3]:
            self.assertEqual((line["status"], line["metrics"]), ("ok", [{"metric": "speed", "value": 1.0}]))
        self.assertEqual((lines[3]["status"], lines[3]["metrics"]), ("failed", []))
        self.assertEqual(lines[3]["reason"], "the work went wrong")


if __name__ == "__main__":
    main()
