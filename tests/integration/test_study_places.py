# SPDX-License-Identifier: GPL-3.0-or-later
"""`vmsuite study` over places: those of a configuration take turns in one visit a round, are named as in a run, and are gone on
with where they stopped."""
import collections
import json
import signal
import unittest

from harness import PATIENCE, SANITIZER, benchmark, descendants, end, faults, is_alive, main, wait_for
from places import Places


class StudyPlaces(Places):
    def study(self, *configurations, suite=None, **keys):
        suite = {"suite": "tiny", "trials": 2, "warmup": 0, "benchmarks": [benchmark("testgood")], **(suite or {})}
        return self.write("tiny.json", json.dumps({"study": "tiny", "suite": suite, "seed": 1, "clocks": ["real-time"],
                                                   "configurations": configurations, **keys}))

    def paths(self):
        return sorted((self.folder / "out" / "real-time").glob("*.json"))

    def rounds(self):
        """Of each name's records, in order."""
        found = collections.defaultdict(list)
        for record in self.records("out/real-time"):
            found[record["configuration"]].append(record["run_set"]["run"])
        return {name: sorted(rounds) for name, rounds in found.items()}

    def go(self, *arguments, status=0):
        return self.run_program("study", "--output", "out", *arguments, status=status)

    def test_rounds_of_visits(self):
        path = self.study({"configuration": "here", "places": ["local", "far=exec:env A=b"]},
                          {"configuration": "plain"}, rounds=4)
        plan, _ = self.go("--config", path, "--dry-run")
        self.assertIn("3 configurations", plan)
        self.assertIn("compared with local\n", plan)
        self.assertRegex(plan, "far +far=exec:env A=b\n")
        self.assertRegex(plan, "plain +this machine\n")
        _, err = self.go("--config", path)
        names = ["far", "local", "plain"]
        self.assertEqual(self.rounds(), {name: [1, 2, 3, 4] for name in names}, err)
        records = self.records("out/real-time")
        self.assertEqual(len({record["run_set"]["id"] for record in records}), 1)
        self.assertEqual({record["configuration_given"].get("place") for record in records},
                         {"local", "far=exec:env A=b", None})
        planned = [line.split(": ")[2] for line in plan.splitlines() if line.startswith("  boot")]
        for first in range(0, 8, 2):
            self.assertEqual(sorted(planned[first:first + 2]), ["local, far", "plain"])
        self.check_turns(records)
        for run in (1, 2, 3):  # round by round
            self.assertLessEqual(*[pick(record["started_at"] for record in records if record["run_set"]["run"] == one)
                                   for pick, one in ((max, run), (min, run + 1))])
        comparison = json.loads((self.folder / "out" / "real-time-comparison.json").read_text())
        self.assertEqual([side["runs"] for side in comparison["sides"]], [4] * 3)
        self.assertIn("against local: 4 runs of each in turn", (self.folder / "out" / "real-time-comparison.txt").read_text())
        self.run_program("check", *self.paths())
        self.assertEqual((self.left_behind("out/real-time"), self.left()), ([], []))
        self.check_resume()

    def check_turns(self, records):
        """Of each round, trials of both places are of one sequence, a round of trials after the other; those of the visit to
        this machine are by themselves."""
        for run in (1, 2, 3, 4):
            order = {record["configuration"]: [trial["order"] for trial in record["cases"][0]["trials"]]
                     for record in records if record["run_set"]["run"] == run}
            self.assertEqual([sorted([order["far"][i], order["local"][i]]) for i in (0, 1)], [[1, 2], [3, 4]])
            self.assertEqual(order["plain"], [1, 2])
        self.assertEqual({(*record["places"]["all"], record["places"]["turns"]) for record in records if "places" in record},
                         {("local", "far", "trials")})

    def check_resume(self):
        """A round whose record is gone is made again, and no other: it is still a pair with the others'."""
        gone, = [path for path in self.paths() if path.name.startswith("far-")
                 and json.loads(path.read_text())["run_set"]["run"] == 2]
        gone.unlink()
        kept = self.paths()
        _, err = self.go("--resume")
        self.assertEqual(err.count(": ok after"), 1, err)
        self.assertIn("real time, round 2: far: ok after", err)
        self.assertIn("4 of 4 boots measured (3 before)", err)
        self.assertEqual(self.rounds()["far"], [1, 2, 3, 4])
        self.assertEqual(len(self.paths()), 12)
        self.assertLessEqual(set(kept), set(self.paths()))

    def test_an_interrupted_visit_goes_on_where_it_stopped(self):
        path = self.study({"configuration": "here", "places": ["a=local"]}, {"configuration": "plain"}, rounds=1,
                          suite={"trials": 40, "benchmarks": [benchmark("testslow", params={"seconds": "100ms"})]})
        output = self.folder / "out" / "real-time"
        process = self.start("study", "--config", path, "--output", "out")
        for name in ("first", "second"):  # of both kinds of entries, in whichever order they come
            self.addCleanup(end, process)
            wait_for(lambda: output.exists() and any(len(journal.read_text().splitlines()) > 1
                                                     for journal in output.glob("*.journal.jsonl")), name, process)
            below = descendants(process.pid)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=PATIENCE)
            self.assertEqual(process.returncode, 130, err)
            self.assertIn("`vmsuite study --resume --output out` continues", err)
            wait_for(lambda below=below: not any(is_alive(pid) for pid in below), "the end of the study's processes")
            begun, = output.glob("*.journal.jsonl")
            header = json.loads(begun.read_text().splitlines()[0])
            process = self.start("study", "--output", "out", "--resume")
            wait_for(lambda begun=begun: not begun.exists(), "the end of the visit", process)
            record, = [record for record in self.records("out/real-time") if record["run_id"] == header["run_id"]]
            self.assertEqual((record["status"], len(record["cases"][0]["trials"])), ("ok", 40))
        _, err = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 0, err)
        self.assertEqual(self.rounds(), {"a": [1], "plain": [1]})
        self.assertEqual((self.left_behind("out/real-time"), self.left()), ([], []))

    def test_an_interrupted_visit_goes_on_at_all_of_its_places(self):
        path = self.study({"configuration": "here", "places": ["a=local", "b=local"]}, rounds=1,
                          suite={"trials": 20, "benchmarks": [benchmark("testslow", params={"seconds": "100ms"})]})
        output = self.folder / "out" / "real-time"
        process = self.start("study", "--config", path, "--output", "out")
        self.addCleanup(end, process)

        def journals():
            return list(output.glob("*.journal.jsonl")) if output.exists() else []

        wait_for(lambda: len(journals()) == 2 and all(len(journal.read_text().splitlines()) > 1 for journal in journals()),
                 "a trial of each", process)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 130, err)
        begun = {json.loads(journal.read_text().splitlines()[0])["run_id"] for journal in journals()}
        _, err = self.go("--resume")
        self.assertIn("[1/1] real time, round 1: b: ok after", err)
        whole = [record for record in self.records("out/real-time") if record["status"] == "ok"]
        self.assertEqual({record["run_id"] for record in whole}, begun)
        self.assertEqual([len(record["cases"][0]["trials"]) for record in whole], [20, 20])
        self.assertEqual((self.left_behind("out/real-time"), self.left()), ([], []))

    def test_two_that_are_recorded_under_one_name(self):
        """This machine is recorded as what it is detected to be: the configuration that was given says whose a record is."""
        name = json.loads(self.run_program("env", "--json")[0])["virtualization"]
        self.go("--config", self.study({"configuration": "here"}, {"configuration": name}, rounds=1))
        gone, = [path for path in self.paths() if json.loads(path.read_text())["configuration_given"]["configuration"] == "here"]
        gone.unlink()
        _, err = self.go("--resume")
        self.assertIn("real time, round 1: here: ok after", err)
        self.assertEqual(self.rounds(), {name: [1, 1]})

    @unittest.skipUnless(SANITIZER == "none", "sanitizers stand where the fault would be")
    def test_records_that_cannot_be_listed_are_not_missing(self):
        """They would be measured again, and the comparison would lack them."""
        self.go("--config", self.study({"configuration": "plain"}, rounds=2))
        whole, _ = self.go("--resume", "--dry-run")
        self.assertEqual(whole.count(": its record is there"), 2)
        folder, refused = self.folder / "out" / "real-time", 0
        for library in faults(self.environment, self.folder / "ledger", "list"):
            process = self.start("study", "--output", "out", "--resume", "--dry-run", **library)
            out, err = process.communicate(timeout=PATIENCE)
            refused += "out/real-time cannot be read: Input/output error" in err
            self.assertIn((process.returncode, out), [(0, whole), (1, ""), (2, "")], err)
        self.assertGreater(refused, 1)
        folder.rename(self.folder / "away")
        folder.symlink_to(folder)
        for arguments in (["--dry-run"], []):
            _, err = self.go("--resume", *arguments, status=2)
            self.assertIn("out/real-time cannot be read: Too many levels of symbolic links", err)

    def test_a_place_that_is_lost_ends_its_own_visit(self):
        place = self.relay("gone", to_driver="""
                if b'"taken"' in data:
                    os._exit(9)
                return data""")
        path = self.study({"configuration": "here", "places": ["local", "gone=" + place]}, rounds=1)
        _, err = self.go("--config", path, status=1)
        self.assertIn("gone             real time            0 of 1 boots measured, the others FAILED", err)
        self.assertRegex(err, r"local +real time +1 of 1 boots measured, \d+ s each\n")

    def test_a_place_that_cannot_be_reached(self):
        """It is left out of its visit, and of no other's."""
        path = self.study({"configuration": "here", "places": ["no=exec:false", "local", "far=exec:env A=b"]}, rounds=2)
        _, err = self.go("--config", path, status=1)
        self.assertEqual(err.count("vmsuite run: the place no=exec:false: "), 2, err)
        self.assertIn("no               real time            0 of 2 boots measured, the others FAILED\n", err)
        for name in ("local", "far"):
            self.assertRegex(err, rf"  {name} +real time +2 of 2 boots measured, \d+ s each\n")
        self.assertEqual(self.rounds(), {"far": [1, 2], "local": [1, 2]})
        self.assertEqual((self.left_behind("out/real-time"), self.left()), ([], []))

    def test_a_place_that_is_not_what_is_expected(self):
        path = self.study({"configuration": "here", "places": ["local", "exec:env A=b"], "expect": {"kernel": "nosuch"}},
                          {"configuration": "plain"}, rounds=1)
        _, err = self.go("--config", path, status=1)
        self.assertIn("the place local is not what is expected", err)
        self.assertEqual(self.rounds(), {"plain": [1]})

    def test_sure_answers_end_the_rounds(self):
        path = self.study({"configuration": "here", "places": ["a=local", "b=local"]}, find="5%")
        _, err = self.go("--config", path)
        self.assertIn("every answer is sure after 3 of ", err)  # its figures are constant
        self.assertEqual(self.rounds(), {"a": [1, 2, 3], "b": [1, 2, 3]})
        self.assertEqual({json.dumps(record["run_set"]["looks"]) for record in self.records("out/real-time")},
                         {'{"first": 3, "error": 0.05}'})

    def test_mistakes(self):
        for configuration, words in (
                ({"places": ["local"], "guest": {"launcher": "kvm"}}, 'takes no "guest"'),
                ({"places": ["local"], "destroys": "/dev/nosuch"}, 'takes no "destroys"'),
                ({"places": ["nosuch:x"]}, 'the place "nosuch:x": a place\'s kind'),
                ({"places": ["local", "local"]}, '"local" is the name of another'),
                ({"places": [7]}, "must be text"),
                ({"places": [f"a{i}=local" for i in range(65)]}, "more than 64 configurations and places"),
                ({"places": ["qemu-tcg:vcpus=" + ",".join(str(i) for i in range(1, 70))]}, "64 places")):
            path = self.study({"configuration": "here", **configuration})
            _, err = self.go("--config", path, status=2)
            self.assertIn(words, err)
        self.assertFalse((self.folder / "out").exists())


if __name__ == "__main__":
    main()
