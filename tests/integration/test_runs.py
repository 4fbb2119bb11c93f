# SPDX-License-Identifier: GPL-3.0-or-later
"""`vmsuite run --runs N`: whole runs in one go, a record each, that know their set; interrupted and resumed."""
import json
import signal

from harness import Case, benchmark, descendants, end, is_alive, main, wait_for


class Runs(Case):
    def assert_set(self, records, runs, configurations):
        self.assertEqual(len(records), runs * len(configurations))
        self.assertEqual(len({record["run_set"]["id"] for record in records}), 1)
        self.assertEqual(len({record["run_id"] for record in records}), len(records))
        self.assertEqual(sorted((record["configuration"], record["run_set"]["run"], record["run_set"]["runs"])
                                for record in records),
                         sorted((name, run, runs) for name in configurations for run in range(1, runs + 1)))
        for record in records:
            self.assertEqual(record["status"], "ok")
        self.assertEqual(self.left_behind(), [])
        self.run_program("check", *(self.folder / "vmsuite-results").glob("*.json"))

    def test_two_configurations(self):
        self.configuration(benchmark("testgood"), benchmark("testecho"), name="one")
        self.configuration(benchmark("testgood"), name="two")
        self.run_program("run", "one.json", "two.json", "--runs", "3", "--seed", "7", "--quiet")
        records = self.records()
        self.assert_set(records, 3, ("one", "two"))
        for record in records:
            self.assertEqual(record["seed"], 7 + record["run_set"]["run"] - 1)
        for run in (1, 2):  # round by round
            self.assertLessEqual(*[pick(record["started_at"] for record in records if record["run_set"]["run"] == one)
                                   for pick, one in ((max, run), (min, run + 1))])

    def test_runs_get_addresses_with_their_passwords(self):
        """Lists of processes don't show them; the runs of a set take them all the same."""
        address = "https://user:secret@host/build?password=other"
        self.configuration(benchmark("testgood"))
        self.run_program("run", "here.json", "--runs", "2", "--label", f"build={address}", "--quiet")
        self.assertEqual([record["labels"] for record in self.records()], [{"build": address}] * 2)

    def test_a_run_of_its_own_has_no_set(self):
        self.configuration(benchmark("testgood"))
        self.run_program("run", "here.json")
        self.assertNotIn("run_set", self.record())

    def test_dry_run_measures_nothing(self):
        self.configuration(benchmark("testgood"))
        self.assertIn("; estimated for each run: ", self.run_program("run", "here.json", "--runs", "3", "--dry-run")[0])
        self.assertFalse((self.folder / "vmsuite-results").exists())

    def paths(self):
        """The records, those of configuration "one" first."""
        return sorted((self.folder / "vmsuite-results").glob("*.json"))

    def two(self):
        for name in ("one", "two"):
            self.configuration(benchmark("testgood"), suite={"trials": 2}, name=name)

    def test_a_difference_chooses_the_runs_and_sure_answers_end_them(self):
        self.two()
        plan = self.run_program("run", "one.json", "two.json", "--trials", "2", "--find", "5%", "--dry-run")[0]
        planned = int(plan.split("planned: ")[1].split()[0])
        self.assertGreater(planned, 3)
        self.assertIn(f"{planned} runs of each configuration find ", plan)
        done = self.run_program("run", "one.json", "two.json", "--trials", "2", "--find", "5%", "--quiet")[1]
        self.assertIn(f"every answer is sure after 3 of {planned} rounds", done)  # its figures are constant
        records = self.records()
        self.assertEqual(len(records), 6)
        self.assertEqual({record["run_set"]["runs"] for record in records}, {planned})
        # A comparison has what the look that ended it had, not the whole error again.
        self.assertEqual([record["run_set"]["looks"] for record in records], [{"first": 3, "error": 0.05}] * 6)
        comparison = json.loads(self.run_program("compare", "--format", "json", *self.paths())[0])
        self.assertLess(comparison["error"], 0.01)
        self.assertIn("the runs were compared while they were made", " ".join(comparison["warnings"]))
        self.assertEqual(comparison["answers"][0]["verdict"], "equivalent")
        self.assertEqual(self.left_behind(), [])
        self.assertEqual(list((self.folder / "vmsuite-results").glob("run-set-*")), [])

    def test_a_difference_of_the_configuration(self):
        self.configuration(benchmark("testgood"), name="one", find="5%")
        given = self.run_program("run", "one.json", "--dry-run")[0]
        self.assertIn("planned: ", given)
        self.configuration(benchmark("testgood"), name="one")
        self.assertEqual(given, self.run_program("run", "one.json", "--find", "5%", "--dry-run")[0])

    def test_a_budget_of_the_configuration(self):
        self.configuration(benchmark("testgood"), name="one", budget="20s")
        plan = self.run_program("run", "one.json", "--dry-run")[0]
        planned = int(plan.split("planned: ")[1].split()[0])
        self.assertIn(planned, range(2, 8))
        self.assertNotIn("planned", self.run_program("run", "one.json", "--runs", "2", "--dry-run")[0])
        failed = self.run_program("run", "one.json", "--budget", "1s", status=2)[1]
        self.assertIn("and the budget is 1 s", failed)
        self.assertFalse((self.folder / "vmsuite-results").exists())

    def test_a_goal_that_makes_no_sense(self):
        self.configuration(benchmark("testgood"), name="one", find="5 apples")
        failed = self.run_program("run", "one.json", status=2)[1]
        self.assertIn("find", failed)
        self.assertIn("or a factor above 1", failed)
        for arguments, text in ((("--find", "1"), "--find 1: must be"), (("--budget", "-1s"), "--budget -1s: must be"),
                                (("--find", "5%", "--runs", "3"), "--runs fixes the number of runs"),
                                (("--find", "5%", "--output", "-"), "need a folder")):
            self.assertIn(text, self.run_program("run", *arguments, status=2)[1])

    def test_boots_are_not_repeated(self):
        """A goal is never passed over silently."""
        guest = {"launcher": "qemu-tcg"}
        self.configuration(benchmark("testgood"), name="one", guest=guest)
        self.configuration(benchmark("testgood"), name="two", guest=guest, find="5%")
        for arguments in (["one.json", "--find", "5%"], ["one.json", "--budget", "1h"], ["one.json", "--runs", "2"],
                          ["two.json"]):
            for more in ([], ["--dry-run"]):
                _, err = self.run_program("run", *arguments, *more, status=2)
                self.assertIn("boots a guest: a study's rounds repeat those", err)
        self.assertFalse((self.folder / "vmsuite-results").exists())

    def interrupted(self, number):
        self.configuration(benchmark("testslow", params={"seconds": "100ms"}), suite={"trials": 4}, name="slow")
        process = self.start("run", "slow.json", "--runs", "4")
        self.addCleanup(end, process)
        output = self.folder / "vmsuite-results"
        def is_second():
            """The first one's record is there and its journal gone, and the second one's has a line."""
            records = [path.stem for path in output.glob("slow-*.json")]
            journals = list(output.glob("slow-*.journal.jsonl"))
            return (len(records), len(journals)) == (1, 1) and not journals[0].name.startswith(records[0]) and \
                journals[0].read_text().endswith("\n")

        wait_for(is_second, "the second run")
        below = descendants(process.pid)
        process.send_signal(number)
        process.communicate(timeout=300)
        wait_for(lambda: not any(is_alive(pid) for pid in below), "the end of the run")
        self.assertTrue(list(output.glob("run-set-*.jsonl")))
        return process.returncode

    def resume(self):
        self.run_program("run", "slow.json", "--runs", "4", "--resume")
        self.assert_set(self.records(), 4, ("slow",))

    def test_interrupted_and_resumed(self):
        self.assertEqual(self.interrupted(signal.SIGINT), 130)
        self.resume()

    def test_killed_and_resumed(self):
        self.interrupted(signal.SIGKILL)
        self.resume()

    def test_the_run_of_the_set_is_resumed(self):
        """Not another unfinished one of the same configuration, whose name says that it began later."""
        self.interrupted(signal.SIGKILL)
        output = self.folder / "vmsuite-results"
        begun, = output.glob("slow-*.journal.jsonl")
        header, *rest = begun.read_text().splitlines()
        identity = "99999999-0000-4000-8000-000000000000"
        other = dict(json.loads(header), run_id=identity)
        del other["run_set"]
        foreign = output / "slow-29991231T000000Z-99999999.journal.jsonl"
        foreign.write_text("\n".join([json.dumps(other), *rest]) + "\n")
        self.run_program("run", "slow.json", "--runs", "4", "--resume")
        self.assertEqual(self.left_behind(), [foreign.name])
        foreign.unlink()
        self.assert_set(self.records(), 4, ("slow",))
        self.assertIn(json.loads(header)["run_id"], [record["run_id"] for record in self.records()])

    def test_another_number_of_runs_is_refused(self):
        self.interrupted(signal.SIGTERM)
        _, err = self.run_program("run", "slow.json", "--runs", "5", "--resume", status=2)
        self.assertIn("another number of runs", err)

    def test_nothing_to_resume(self):
        self.configuration(benchmark("testgood"))
        _, err = self.run_program("run", "here.json", "--runs", "2", "--resume", status=2)
        self.assertIn("holds no unfinished set of runs", err)

    def test_a_failed_run_does_not_end_the_set(self):
        self.configuration(benchmark("testcrash"))
        self.run_program("run", "here.json", "--runs", "2", status=1)
        self.assertEqual([record["status"] for record in self.records()], ["failed", "failed"])

    def test_wrong_input_ends_the_set_at_once(self):
        self.configuration(benchmark("testecho"), peer={"address": "127.0.0.1", "port": 1})
        _, err = self.run_program("run", "here.json", "--runs", "3", status=2)
        self.assertEqual(err.count("nothing was measured"), 1)
        self.assertEqual(self.left_behind() + self.records(), [])

    def test_not_to_standard_output(self):
        self.configuration(benchmark("testgood"))
        _, err = self.run_program("run", "here.json", "--runs", "2", "--output", "-", status=2)
        self.assertIn("--runs, --find and --budget write several records", err)


if __name__ == "__main__":
    main()
