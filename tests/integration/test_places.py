# SPDX-License-Identifier: GPL-3.0-or-later
"""`vmsuite run --on PLACE`: records, order, lost places, and that nothing is left anywhere."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import stat
import subprocess
import sys
import tarfile
import unittest

from harness import PATIENCE, SANITIZER, benchmark, descendants, end, is_alive, main, wait_for
from places import Places


class Order(Places):
    def test_records_and_order(self):
        self.configuration(benchmark("testgood", params={"value": [10, 20]}), suite={"seed": 5})
        out, err = self.run_program("run", "here.json", "--on", "local", "--on", "far=exec:env A=b", "--runs", "2")
        self.assertIn("What far costs against local", out)
        found = self.by_name()
        self.assertEqual({name: len(records) for name, records in found.items()}, {"local": 2, "far": 2})
        sets = {record["run_set"]["id"] for records in found.values() for record in records}
        self.assertEqual(len(sets), 1)
        for run in (1, 2):
            pair = [record for records in found.values() for record in records if record["run_set"]["run"] == run]
            self.assertEqual(len(pair), 2)
            self.assertEqual(pair[0]["seed"], pair[1]["seed"])
            order = {trial["order"]: (record["configuration"], trial["trial"]) for record in pair
                     for case in record["cases"] for trial in case["trials"]}
            self.assertEqual(sorted(order), list(range(1, 13)))
            # Each round is over both places before the next begins.
            self.assertEqual([order[i][1] for i in sorted(order)], [1] * 4 + [2] * 4 + [3] * 4)
            starts = [trial["start_s"] for record in pair for case in record["cases"] for trial in case["trials"]]
            self.assertGreaterEqual(min(starts), 0)
            self.assertLess(max(starts), max(record["duration_s"] for record in pair))
            # In the order of their numbers: all places have one clock.
            by_order = sorted((trial["order"], trial["start_s"]) for record in pair for case in record["cases"]
                              for trial in case["trials"])
            self.assertEqual(by_order, sorted(by_order, key=lambda trial: trial[1]))
        for records in found.values():
            for record in records:
                self.assertEqual(record["status"], "ok")
                self.assertEqual(record["environment"]["after"]["virtualization"],
                                 record["environment"]["before"]["virtualization"])
                self.assertRegex(record["modules"][0]["sha256"], "^[0-9a-f]{64}$")
        self.assertEqual(found["far"][0]["configuration_given"]["place"], "far=exec:env A=b")
        self.assertEqual((self.left_behind(), self.left()), ([], []))
        for path in (self.folder / "vmsuite-results").iterdir():
            self.run_program("check", path)

    def test_one_place_is_as_a_plain_run(self):
        self.configuration(benchmark("testgood"), places=["local"])
        out, _ = self.run_program("run", "here.json")
        self.assertRegex(out, r"testgood .* speed ")
        self.assertEqual(self.record()["status"], "ok")

    def test_what_there_is_not_is_refused(self):
        self.configuration(benchmark("testgood"))
        for place, words in (("nosuch:x", "did you mean|must be one of"), ("exec:", "which"), ("exec:a 'b", "quote"),
                             ("ssh:db1", "ssh://"), ("ssh://-x", "ssh://"), ("ssh://h:22x", "ssh://"),
                             ("nspawn:/nosuch", "No such file"), ("local:x", "nothing may follow"),
                             ("cgroup:", "names no limit"), ("cgroup:cpu=0%", "percent"), ("cgroup:cpus=1", "did you mean"),
                             ("cgroup:cpu=0x32%", "percent"), ("cgroup:cpu= 50%", "percent"),
                             ("podman:x,network", "value"), ("a/b=local", "name")):
            _, err = self.run_program("run", "here.json", "--on", place, status=2)
            self.assertRegex(err, words, place)
        self.assertFalse((self.folder / "vmsuite-results").exists())

    def test_what_a_place_says_of_itself_is_in_its_record(self):
        place = self.relay("slow", to_driver="""
                message = json.loads(data)
                if message["type"] == "opened":
                    message.update(facts_s=1000.5, clock_cost_s=0.25, warnings=["it rains"])
                if message["type"] == "closed":
                    message.update(facts_s=200.25, changes=["it rains no more"])
                if message["type"] == "taken":
                    message.update(path="network", facts=[{"key": "mood", "value": "good"}])
                    message["trial"]["metrics"][0]["value"] = 7.5
                return message""")
        self.configuration(benchmark("testgood"))
        self.run_program("run", "here.json", "--on", "slow=" + place)
        record = self.record()
        self.assertEqual((record["collecting"]["facts_s"], record["clock_cost_s"]), (1200.75, 0.25))
        self.assertLessEqual({"it rains", "it rains no more"}, set(record["warnings"]))
        case, = record["cases"]
        self.assertEqual((case["path"], case["facts"]), ("network", [{"key": "mood", "value": "good"}]))
        self.assertEqual([trial["metrics"][0]["value"] for trial in case["trials"]], [7.5] * 3)

    def in_group(self, name, group, number, flags):
        """A place that says it shares processors by that group, which has that number, and its trials were disturbed so."""
        return self.relay(name, to_driver=f"""
                message = json.loads(data)
                if message["type"] == "opened":
                    message["cpu_group_id"] = {number!r}
                for fact in message.get("environment", {{}}).get("facts", []):
                    if fact["fact"] == "cgroup.cpu_group":
                        fact["value"] = {group!r}
                if message["type"] == "taken":
                    message["trial"]["flags"] = {flags!r}
                return message""")

    def test_groups_that_share_a_busy_machine(self):
        """The record of each says so where a load was met, and the comparison that they are not in one group."""
        self.configuration(benchmark("testgood"))
        hidden = "namespace:/"
        for number, (flags, groups, numbers, n) in enumerate((
                ([], ("/a", "/b"), ("", ""), 0), (["other-load"], ("/a", "/a"), ("1", "2"), 0),
                (["steal"], ("/a", "/b"), ("1", "2"), 0), (["other-load"], (hidden, hidden), ("", ""), 0),
                (["other-load"], (hidden, "/b"), ("1", "1"), 0), (["other-load"], (hidden, hidden), ("1", "2"), 3),
                (["other-load"], ("/a", "/b"), ("", ""), 3), (["cpu-stall"], ("/a", "/b"), ("1", "2"), 3))):
            one = self.in_group(f"one{number}", groups[0], numbers[0], [])
            other = self.in_group(f"other{number}", groups[1], numbers[1], flags)
            output = f"out-{number}"
            self.run_program("run", "here.json", "--on", "one=" + one, "--on", "other=" + other, "--output", output)
            said = {name: [warning for warning in record["warnings"] if "control group" in warning]
                    for name, (record,) in self.by_name(output).items()}
            self.assertEqual({name: len(warnings) for name, warnings in said.items()}, {"one": n > 0, "other": n > 0})
            if n:
                self.assertIn(f"than the place other ({groups[0]}, {groups[1]}), and a busy machine gives each group its part, "
                              f"however much runs in it: {n} of their trials met a load by others", said["one"][0])
                self.assertIn(f"than the place one ({groups[1]}, {groups[0]})", said["other"][0])
        out, _ = self.run_program("compare", *sorted((self.folder / output).glob("*.json")), "--details")
        self.assertRegex(out, r"cgroup\.cpu_group.*/a.*/b|cgroup\.cpu_group.*/b.*/a")

    def test_a_difference_chooses_the_runs_and_sure_answers_end_them(self):
        self.configuration(benchmark("testgood"), suite={"trials": 2})
        two = ("run", "here.json", "--on", "a=local", "--on", "b=local", "--trials", "2")
        plan, _ = self.run_program(*two, "--find", "5%", "--dry-run")
        planned = int(plan.split("planned: ")[1].split()[0])
        self.assertGreater(planned, 3)
        self.assertIn(f"{planned} runs of each configuration find ", plan)
        out, err = self.run_program(*two, "--find", "5%")
        self.assertIn(f"planned: {planned} runs", err)
        self.assertIn(f"every answer is sure after 3 of {planned} rounds", err)  # its figures are constant
        self.assertIn("What b costs against a", out)
        self.assertEqual([record["run_set"]["looks"] for record in self.records()], [{"first": 3, "error": 0.05}] * 6)
        self.assertEqual({record["run_set"]["runs"] for record in self.records()}, {planned})
        self.assertEqual(self.left_behind(), [])
        self.assertEqual(list((self.folder / "vmsuite-results").glob("run-set-*")), [])

    def test_a_comparison_that_cannot_be_written(self):
        self.configuration(benchmark("testgood"))
        two = ("run", "here.json", "--on", "a=local", "--on", "b=local", "--trials", "1", "--progress", "json")
        with open("/dev/full", "w") as full:
            self.run_program(*two, status=1, stderr=full)
        _, err = self.run_program(*two, "--resume")  # measures nothing again
        self.assertIn("What b costs against a", err)
        self.assertEqual(len(self.records()), 2)

    def test_a_budget_is_shared_by_the_places(self):
        self.configuration(benchmark("testgood"), budget="20s")
        def planned(*places):
            plan, _ = self.run_program("run", "here.json", *(word for place in places for word in ("--on", place)), "--dry-run")
            return int(plan.split("planned: ")[1].split()[0])
        self.assertGreater(planned("a=local"), planned("a=local", "b=local"))
        _, err = self.run_program("run", "here.json", "--on", "local", "--budget", "1s", status=2)
        self.assertIn("and the budget is 1 s", err)
        _, err = self.run_program("run", "here.json", "--on", "local", "--find", "5%", "--runs", "3", status=2)
        self.assertIn("--runs fixes the number of runs", err)
        self.assertFalse((self.folder / "vmsuite-results").exists())

    def test_list(self):
        self.without_kvm()
        kinds = json.loads(self.run_program("list", "places", "--json")[0])
        self.assertIn("local", [kind["name"] for kind in kinds])

    def test_dry_run_touches_nothing(self):
        self.configuration(benchmark("testgood"))
        out, _ = self.run_program("run", "here.json", "--on", "local", "--on", "web=ssh://nosuch.invalid", "--dry-run")
        self.assertRegex(out, r"web +web=ssh://nosuch\.invalid")
        self.assertFalse((self.folder / "vmsuite-results").exists())

    def test_a_mislabelled_place_is_refused(self):
        self.configuration(benchmark("testgood"), expect={"kernel": "nosuch"})
        _, err = self.run_program("run", "here.json", "--on", "local", status=3)
        self.assertIn("nosuch", err)
        self.assertEqual(list((self.folder / "vmsuite-results").glob("*.json*")), [])
        self.run_program("run", "here.json", "--on", "local", "--allow-mismatch")
        self.assertIn("mismatch", self.record()["cases"][0]["trials"][0]["flags"])

    def test_a_peer_at_a_place(self):
        self.configuration(benchmark("testecho"))
        self.run_program("run", "here.json", "--on", "local", "--peer", "exec:env A=b")
        case = self.record()["cases"][0]
        self.assertEqual((case["status"], len(case["trials"])), ("ok", 3))
        self.assertEqual(self.left(), [])


def groups():
    """The control groups of places, of other runs, too."""
    return {pathlib.Path(folder, name) for folder, names, _ in os.walk("/sys/fs/cgroup") for name in names
            if name.startswith("vmsuite-place-")}


def await_groups(before):
    """What other runs have goes when they end."""
    left = groups() - before
    wait_for(lambda: not left & groups(), "the end of the control groups")


class Together(Places):
    def setUp(self):
        super().setUp()
        self.configuration(benchmark("testslow", params={"seconds": "1s"}), suite={"trials": 2, "together": True})

    @staticmethod
    def cases(record):
        return {case.get("neighbours", 0): case for case in record["cases"]}

    def test_all_places_at_once(self):
        out, _ = self.run_program("run", "here.json", "--on", "a=local", "--on", "b=exec:env A=b", "--on", "c=local")
        self.assertIn("Beside 2 neighbours, against alone: what it costs the victim, a", out)
        records = {record["configuration"]: record for record in self.records("vmsuite-results")}
        self.assertEqual(sorted(records), ["a", "b", "c"])
        for name, record in records.items():
            self.assertEqual((record["status"], record["places"]["place"], record["places"]["all"]),
                             ("ok", name, ["a", "b", "c"]))
            self.assertEqual(sorted(self.cases(record)), [0, 2])
            self.assertGreater(record["places"]["driver"]["processor_s"], 0)
        spans = {neighbours: [[(trial["start_s"], trial["start_s"] + trial["duration_s"])
                               for trial in self.cases(record)[neighbours]["trials"]] for record in records.values()]
                 for neighbours in (0, 2)}
        for trials in zip(*spans[2]):  # all at it at some time
            self.assertLess(max(start for start, _ in trials), min(stop for _, stop in trials))
        alone = sorted(span for place in spans[0] for span in place)
        for (_, stop), (start, _) in zip(alone, alone[1:]):
            self.assertLessEqual(stop, start + 1e-6)
        paths = sorted((self.folder / "vmsuite-results").iterdir())
        for path in paths:
            self.run_program("check", path)
        comparison = json.loads(self.run_program("compare", *paths, "--format", "json")[0])
        resource = [row for row in comparison["neighbours"] if row["label"] is None]
        self.assertEqual([(row["resource"], sorted(row["kept"])) for row in resource], [("disk", ["a", "b", "c"])])
        self.assertGreater(resource[0]["fairness"], 0.5)
        self.assertEqual((self.left_behind(), self.left()), ([], []))

    def test_it_takes_several_places_and_a_number_of_trials(self):
        for arguments in ([], ["--on", "local"]):
            _, err = self.run_program("run", "here.json", *arguments, status=2)
            self.assertIn("name two or more with --on", err)
        self.configuration(benchmark("testslow"), suite={"trials": "auto", "together": True})
        _, err = self.run_program("run", "here.json", "--on", "local", "--on", "b=local", status=2)
        self.assertIn("needs a number of trials", err)

    def test_a_place_that_is_lost_meanwhile(self):
        """The trial is taken again at all places: what the others did without it does not count."""
        mark = self.folder / "mark"
        place = self.relay("cutter", to_driver=f"""
                if b'"taken"' in data and b'"case": 2' in data.replace(b'"case":2', b'"case": 2') and \\
                        not os.path.exists({str(mark)!r}):
                    open({str(mark)!r}, "w").close()
                    os._exit(9)
                return data""")
        self.configuration(benchmark("testslow"), suite={"trials": 2, "warmup": 0, "together": True})
        _, err = self.run_program("run", "here.json", "--on", "local", "--on", "cut=" + place)
        self.assertIn("was lost in trial", err)
        for record in self.records():
            self.assertEqual((record["status"], [case["status"] for case in record["cases"]]), ("ok", ["ok", "ok"]))
            self.assertEqual([len(case["trials"]) for case in record["cases"]], [2, 2])
        # Drawn once, for all places.
        self.assertEqual(len({record["seed"] for record in self.records()}), 1)

    def test_a_place_that_stays_lost(self):
        """What was to be taken at all places is not; each case that ends has its line all the same."""
        mark = self.folder / "mark"
        place = self.relay("gone", to_driver=f"""
                if os.path.exists({str(mark)!r}):
                    os._exit(9)
                if b'"prepared"' in data:
                    open({str(mark)!r}, "w").close()
                    os._exit(9)
                return data""")
        self.configuration(benchmark("testgood"), suite={"trials": 2, "warmup": 0, "together": True, "seed": 1})
        _, err = self.run_program("run", "here.json", "--on", "local", "--on", "gone=" + place, "--progress", "plain",
                                  status=130)
        self.assertIn("is given up", err)
        found = {record["configuration"]: record for record in self.records()}
        self.assertEqual([case["status"] for case in found["local"]["cases"]], ["ok", "interrupted"])
        self.assertEqual(err.count("case 1 of 4, local: "), 1, err)

    def test_a_case_that_one_place_gives_up(self):
        """It is over at the others: nothing is left that a resumed run would take, and take alone."""
        self.configuration(benchmark("testgood"), suite={"trials": 3, "warmup": 0, "together": True})
        for number, (there, here, run, status) in enumerate((("crashed", "failed", "failed", 1),
                                                             ("unsupported", "unsupported", "ok", 0))):
            place = self.relay(there, to_driver=f"""
                message = json.loads(data)
                if message["type"] == "taken" and message["case"] == 2:
                    message["trial"].update(status={there!r}, reason="so", metrics=[])
                return message""")
            output = f"out{number}"
            self.run_program("run", "here.json", "--on", "local", "--on", "b=" + place, "--output", output, status=status)
            found = {record["configuration"]: record for record in self.records(output)}
            self.assertEqual([(name, record["status"], [case["status"] for case in record["cases"]])
                              for name, record in sorted(found.items())],
                             [("b", run, ["ok", there]), ("local", run, ["ok", here])])
            self.assertEqual(found["local"]["cases"][1]["reason"],
                             "it was given up at the place b, and is measured at all places or none")
            self.run_program("check", *(self.folder / output).glob("*.json"))


class Frozen(Places):
    def setUp(self):
        super().setUp()
        root = pathlib.Path("/sys/fs/cgroup")
        probe = (root if (root / "cgroup.controllers").exists() else root / "freezer") / f"vmsuite-test-{os.getpid()}"
        try:
            probe.mkdir()
            probe.rmdir()
        except OSError as error:
            self.skipTest(f"no control groups can be made here: {error}")

    def test_idle_places_are_held_still(self):
        self.configuration(benchmark("testgood"))
        before = groups()
        self.run_program("run", "here.json", "--on", "a=local", "--on", "b=local", "--on", "c=exec:env A=b")
        for record in self.records("vmsuite-results"):
            self.assertEqual((record["status"], record["places"]["frozen"]), ("ok", ["a", "b"]))
        await_groups(before)

    def test_idle_places_are_held_still_in_version_2(self):
        """The same where control groups are of version 2 alone, as a mount of its own shows them."""
        version_2 = ("unshare", "--mount", "sh", "-c", 'mount -t cgroup2 none /sys/fs/cgroup && exec "$@"', "sh")
        probe = subprocess.run([*version_2, "sh", "-c", 'mkdir "$0" && { test -e "$0/cgroup.freeze"; found=$?; rmdir "$0"; exit $found; }',
                                f"/sys/fs/cgroup/vmsuite-test-{os.getpid()}"], capture_output=True, text=True, check=False)
        if probe.returncode != 0:
            self.skipTest(f"skipped: no control groups of version 2 can be made here: {probe.stderr.strip()}")
        self.configuration(benchmark("testgood"))
        self.run_program("run", "here.json", "--on", "a=local", "--on", "b=local", prefix=version_2)
        for record in self.records("vmsuite-results"):
            self.assertEqual((record["status"], record["places"]["frozen"]), ("ok", ["a", "b"]))

    def test_a_killed_driver_leaves_nothing_frozen(self):
        self.configuration(benchmark("testslow", params={"seconds": "60s"}), suite={"trials": 1})
        before = groups()
        process = self.start("run", "here.json", "--on", "a=local", "--on", "b=local")
        self.addCleanup(end, process)
        wait_for(lambda: any("1" in (group / "cgroup.freeze").read_text() if (group / "cgroup.freeze").exists()
                             else "FROZEN" in (group / "freezer.state").read_text()
                             for group in groups() if group not in before and
                             ((group / "cgroup.freeze").exists() or (group / "freezer.state").exists())),
                 "a frozen place")
        below = descendants(process.pid)
        process.kill()
        wait_for(lambda: not any(map(is_alive, below)), "the end of all processes")
        await_groups(before)


class Lost(Places):
    def gone_in_the_second_trial(self):
        """A place whose agent dies then, and that is not reached again as long as the file "mark" is there."""
        mark = self.folder / "mark"
        return self.relay("gone", to_driver=f"""
                if os.path.exists({str(mark)!r}):
                    os._exit(9)
                if b'"taken"' in data:
                    state["taken"] = state.get("taken", 0) + 1
                    if state["taken"] == 2:
                        open({str(mark)!r}, "w").close()
                        os._exit(9)
                return data""")

    def test_a_cut_channel_is_reached_for_again(self):
        mark = self.folder / "mark"
        # The first agent dies in its third trial; those after it live.
        place = self.relay("cutter", to_driver=f"""
                if b'"taken"' in data and not os.path.exists({str(mark)!r}):
                    state["taken"] = state.get("taken", 0) + 1
                    if state["taken"] == 3:
                        open({str(mark)!r}, "w").close()
                        os._exit(9)
                return data""")
        self.configuration(benchmark("testgood"), suite={"trials": 5})
        _, err = self.run_program("run", "here.json", "--on", "local", "--on", "cut=" + place)
        self.assertIn("was lost in trial", err)
        found = self.by_name()
        for name in ("local", "cut"):
            self.assertEqual([trial["status"] for trial in found[name][0]["cases"][0]["trials"]], ["ok"] * 5)
        self.assertTrue(any("the place was lost" in warning for warning in found["cut"][0]["warnings"]))
        wait_for(lambda: not self.left(), "the end of what the cut agent left")

    def test_a_place_that_is_lost_behind_a_failed_trial_is_interrupted(self):
        """The trial that failed is worse than the one that was lost; the run can be gone on with all the same."""
        place = self.gone_in_the_second_trial()
        self.configuration(benchmark("testfail", params={"every": 1}), suite={"trials": 3})
        self.run_program("run", "here.json", "--on", "gone=" + place, status=130)
        record = self.by_name()["gone"][0]
        self.assertEqual([trial["status"] for trial in record["cases"][0]["trials"]], ["failed", "lost"])
        self.assertEqual((record["cases"][0]["status"], record["status"]), ("failed", "interrupted"))

    def test_a_tree_is_held_by_those_that_are_left(self):
        """The first place in it holds its lock, the others leave it off; where the first is done, the next holds it."""
        tree, mark, log = (self.folder / name for name in ("tree", "mark", "log"))
        tree.mkdir()
        self.relay("systemd-nspawn", words=10, to_driver=f"""
                name = sys.argv[6][-1]
                if state["n"] == 1:
                    with open({str(log)!r}, "a") as file:
                        file.write(name + (" held," if "SYSTEMD_NSPAWN_LOCK" not in os.environ else " shared,"))
                if name == "b" and os.path.exists({str(mark)!r}):
                    os._exit(9)
                if name == "b" and b'"taken"' in data and state.setdefault("may", True):
                    open({str(mark)!r}, "w").close()
                    os._exit(9)
                return data""")
        self.environment["PATH"] = f"{self.folder}:{os.environ['PATH']}"
        self.configuration(benchmark("testgood"))
        words = ["run", "here.json", "--allow-mismatch", "--on", f"a=nspawn:{tree},network=a", "--on", f"b=nspawn:{tree},network=b"]
        self.run_program(*words, status=130)
        self.assertEqual(sorted(set(log.read_text().split(","))), ["", "a held", "b shared"])
        mark.unlink()
        log.unlink()
        script = self.folder / "systemd-nspawn"
        script.write_text(script.read_text().replace('setdefault("may", True)', 'setdefault("may", False)'))
        self.run_program(*words, "--resume")
        self.assertEqual(log.read_text(), "b held,")
        self.assertEqual({name: found[0]["status"] for name, found in self.by_name().items()}, {"a": "ok", "b": "ok"})

    def test_a_place_that_stays_lost_does_not_stop_the_others(self):
        place = self.gone_in_the_second_trial()
        self.configuration(benchmark("testgood"), suite={"trials": 4})
        arguments = ["run", "here.json", "--on", "local", "--on", "gone=" + place]
        _, err = self.run_program(*arguments, status=130)
        self.assertIn("is given up", err)
        self.assertIn("--resume", err)
        found = self.by_name()
        self.assertEqual((found["local"][0]["status"], found["gone"][0]["status"]), ("ok", "interrupted"))
        self.assertEqual([trial["status"] for trial in found["gone"][0]["cases"][0]["trials"]], ["ok", "lost"])
        self.assertEqual(found["gone"][0]["cases"][0]["status"], "lost")
        for path in (self.folder / "vmsuite-results").glob("*.json"):
            self.run_program("check", path)
        # It is away still: what was begun can be gone on with all the same.
        _, err = self.run_program(*arguments, "--resume", status=2)
        self.assertIn("--resume continues it", err)
        # It comes back: the run goes on where it was, and what is done stays.
        (self.folder / "mark").unlink()
        (self.folder / "gone").write_text(f"#!{sys.executable}\nimport os, sys\nos.execvp(sys.argv[1], sys.argv[1:])\n")
        self.run_program(*arguments, "--resume")
        again = self.by_name()
        self.assertEqual(again["local"], found["local"])
        self.assertEqual([trial["status"] for trial in again["gone"][0]["cases"][0]["trials"]], ["ok"] * 4)
        self.assertEqual(again["gone"][0]["run_id"], found["gone"][0]["run_id"])
        self.assertEqual(again["gone"][0]["status"], "ok")
        self.assertEqual(self.left_behind(), [])

    def test_ctrl_c_ends_everything_and_resume_goes_on(self):
        self.configuration(benchmark("testslow", params={"seconds": "50ms"}), suite={"trials": 40})
        arguments = ["run", "here.json", "--on", "local", "--on", "far=exec:env A=b"]
        process = self.start(*arguments)
        output = self.folder / "vmsuite-results"
        wait_for(lambda: sum(len(path.read_text().splitlines()) for path in output.glob("*-*Z-*.journal.jsonl")) > 8
                 if output.exists() else False, "trials")
        below = descendants(process.pid)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 130, err)
        wait_for(lambda: not any(map(is_alive, below)), "the end of all processes")
        self.assertEqual(self.left(), [])
        self.assertEqual({record["status"] for record in self.records()}, {"interrupted"})
        self.run_program(*arguments, "--resume")
        self.assertEqual([len(record["cases"][0]["trials"]) for record in self.records()], [40, 40])
        self.assertEqual(self.left_behind(), [])

    def test_a_killed_driver_leaves_no_process(self):
        self.configuration(benchmark("testslow", params={"seconds": "60s"}), suite={"trials": 1})
        process = self.start("run", "here.json", "--on", "far=exec:env A=b")
        self.addCleanup(end, process)
        wait_for(lambda: any(b"vmsuite-place" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
                             for pid in descendants(process.pid) if is_alive(pid)) and self.left(), "an agent")
        below = descendants(process.pid)
        process.kill()
        wait_for(lambda: not any(map(is_alive, below)), "the end of all processes")


class Bundle(Places):
    def test_the_same_files_make_the_same_bytes(self):
        sums = [self.run_program("bundle", "-o", name)[1] for name in ("a.tar", "b.tar")]
        self.assertEqual(sums[0], sums[1])
        self.assertEqual((self.folder / "a.tar").read_bytes(), (self.folder / "b.tar").read_bytes())

    def test_what_is_brought_is_private_and_goes(self):
        """For as long as it is there, it is nobody else's."""
        self.configuration(benchmark("testslow", params={"seconds": "60s"}), suite={"trials": 1})
        process = self.start("run", "here.json", "--on", "far=exec:env A=b")
        self.addCleanup(end, process)
        wait_for(lambda: len(self.left()) > 1, "an agent that has made its scratch folder")
        folders = list(self.scratch.iterdir())
        for folder in folders:
            self.assertEqual(folder.stat().st_mode & 0o777, 0o700, folder)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)
        self.assertEqual(self.left(), [])

    @unittest.skipIf(SANITIZER != "none", "a sanitizer's runtime wants to be the first library")
    def test_what_is_to_stay_is_found_again(self):
        """Once it is there it is not brought again, not even to a second place of the same run; a name that others have taken is
        left alone."""
        self.configuration(benchmark("testgood"))
        passed = self.folder / "passed"
        place = self.wrapper("count", f"""
            agent = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE)
            n = 0
            while data := os.read(0, 65536):
                n += len(data)
                agent.stdin.write(data)
                agent.stdin.flush()
            agent.stdin.close()
            open({str(passed)!r}, "a").write(f"{{n}}\\n")
            sys.exit(agent.wait())""")
        out, err = self.run_program("bundle", "-o", "b.tar")
        size, found = (self.folder / "b.tar").stat().st_size, re.search(r"sha256 (\w+)", out + err)
        name = f"vmsuite-bundle.{found[1]}"
        for output, places in (("first", ["a=" + place]), ("again", ["a=" + place, "b=" + place])):
            self.run_program("run", "here.json", *(word for one in places for word in ("--on", one)), "--keep-bundle", "-o", output)
            self.assertEqual((self.left(), (self.scratch / name).stat().st_mode & 0o7777), ([name], 0o1700))
            # As systemd-tmpfiles wants it of old files that it is to leave alone.
            self.assertTrue(all(path.stat().st_mode & stat.S_ISVTX for path in (self.scratch / name).rglob("*")))
        counts = [int(line) for line in passed.read_text().splitlines()]
        self.assertEqual([n >= size for n in counts], [True, False, False])
        shutil.rmtree(self.scratch / name)
        (self.scratch / name).symlink_to(self.folder)
        self.run_program("run", "here.json", "--on", "a=" + place, "--keep-bundle", "-o", "link")
        self.assertTrue((self.scratch / name).is_symlink())
        self.assertEqual(self.left(), [name])
        _, err = self.run_program("run", "here.json", "--keep-bundle", status=2)
        self.assertIn("name them with --on", err)

    def test_a_room_where_others_may_move_folders(self):
        self.configuration(benchmark("testgood"))
        self.addCleanup(self.scratch.chmod, self.scratch.stat().st_mode)
        for mode, words in ((0o777, "others may move the folders in it"), (0o770, "others may move the folders in it"),
                            (0o1777, None), (0o755, None)):
            self.scratch.chmod(mode)
            for options in ((), ("--keep-bundle",)):
                _, err = self.run_program("run", "here.json", "--on", "far=exec:env A=b", *options, status=2 if words else 0)
                self.assertIn(words or "", err)
        self.assertEqual(len(self.left()), 1)

    def test_names_are_in_order(self):
        self.run_program("bundle")
        with tarfile.open(self.folder / "vmsuite-bundle.tar") as tar:
            names = tar.getnames()
        self.assertEqual(names, sorted(names, key=str.encode))

    @unittest.skipIf(SANITIZER != "none", "a sanitizer's runtime wants to be the first library")
    def test_a_bundle_of_a_bundle(self):
        """It is the same, and has the modules that it was given besides."""
        given = self.environment.pop("VMSUITE_MODULE_PATH")
        self.run_program("bundle", "-o", "first.tar")
        with tarfile.open(self.folder / "first.tar") as tar:
            tar.extractall(self.folder / "first")
        for name, environment in (("again.tar", {}), ("more.tar", {"VMSUITE_MODULE_PATH": given})):
            subprocess.run([self.folder / "first" / "run", "bundle", "-o", name], cwd=self.folder, timeout=PATIENCE, check=True,
                           env={"PATH": "/usr/bin:/bin"} | environment, capture_output=True)
        self.assertEqual((self.folder / "again.tar").read_bytes(), (self.folder / "first.tar").read_bytes())
        with tarfile.open(self.folder / "more.tar") as tar:
            self.assertIn("modules/testgood.so", tar.getnames())

    @unittest.skipIf(SANITIZER != "none", "a sanitizer's runtime wants to be the first library")
    def test_it_runs_from_anywhere(self):
        self.run_program("bundle")
        target = self.folder / "elsewhere"
        with tarfile.open(self.folder / "vmsuite-bundle.tar") as tar:
            self.assertTrue(all(member.isfile() or member.isdir() for member in tar))
            tar.extractall(target)
        done = subprocess.run([target / "run", "run", "--suite", "quick", "--only", "cpu*", "--trials", "1", "--runs", "1",
                               "--label", "build=https://user:secret@host/", "-o", "out"], cwd=self.folder, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True,
                              timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        record = self.record("out")
        self.assertEqual(record["labels"], {"build": "https://user:secret@host/"})
        self.assertTrue(record["modules"][0]["shipped"])
        self.assertIn(str(target), os.path.realpath(record["modules"][0]["path"]))

    @unittest.skipIf(SANITIZER != "none", "a sanitizer's runtime wants to be the first library")
    def test_what_is_killed_is_removed_by_the_next(self):
        self.configuration(benchmark("testslow", params={"seconds": "60s"}), name="slow", suite={"trials": 1})
        run = self.start("run", "slow.json", "--on", "far=exec:env")
        self.addCleanup(end, run)
        wait_for(lambda: any(path.name.startswith(".vmsuite-scratch") for path in self.scratch.iterdir()),
                 "the agent's folder")
        below = descendants(run.pid)
        for number in (signal.SIGSTOP, signal.SIGKILL):  # none has the time to tidy up
            for pid in [run.pid, *below]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
        left = self.left()
        self.assertEqual(sum(name.startswith("vmsuite-place.") for name in left), 1, left)
        self.configuration(benchmark("testgood"))
        self.run_program("run", "here.json", "--on", "far=exec:env", "-o", "out")
        self.assertEqual(self.left(), [])


class Limits(Places):
    def limited(self, *arguments):
        """Runs with a place that has a limit, if there can be one here."""
        before = groups()
        try:
            process = self.start("run", "here.json", *arguments)
            _, err = process.communicate(timeout=PATIENCE)
        finally:
            end(process)
        if re.search("control group .* cannot|no folder can be made in /sys/fs/cgroup|there is no control group", err):
            self.skipTest(err.strip().splitlines()[0])
        self.assertEqual(process.returncode, 0, err)
        await_groups(before)

    def test_a_quota_is_seen_inside(self):
        self.configuration(benchmark("testgood"))
        self.limited("--on", "cgroup:cpu=50%")
        facts = {fact["fact"]: fact["value"] for fact in self.record()["environment"]["before"]["facts"]}
        self.assertEqual(facts["cgroup.cpu_limit"], 0.5)

    def test_a_peer_in_a_group_of_its_own(self):
        """Where network cases met a load, the record says that the peer has another part of the machine."""
        self.configuration(benchmark("testecho"))
        for flags, n in (([], 0), (["other-load"], 3)):
            place = self.relay(f"met-{n}", to_driver=f"""
                message = json.loads(data)
                if message["type"] == "taken":
                    message["trial"]["flags"] = {flags!r}
                return message""")
            self.limited("--on", "here=" + place, "--peer", "cgroup:weight=200", "--output", f"out-{n}")
            record = self.record(f"out-{n}")
            facts = {fact["key"]: fact["value"] for fact in record["cases"][0]["facts"]}
            self.assertEqual((facts["peer_machine"], facts["peer_cpu_weight"]), ("this one", "200"))
            self.assertRegex(facts["peer_cpu_group"], r"/vmsuite-place-\*$")
            self.assertEqual(facts["peer_cpu_group_other"], "yes")
            said = [warning for warning in record["warnings"] if "the peer shares this machine's processors" in warning]
            self.assertEqual([f": {n} trials of network cases" in warning for warning in said], [True] * (n > 0), record["warnings"])

    def test_a_group_that_was_left_is_removed_by_the_next(self):
        self.configuration(benchmark("testgood"))
        root = pathlib.Path("/sys/fs/cgroup")
        if not (root / "cgroup.controllers").exists():  # version 1: below the own group, where that is seen here
            own = [line.split(":", 2)[2] for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines()
                   if "cpu" in line.split(":")[1].split(",")]
            root = root / "cpu"
            root = root / own[0].lstrip("/") if own and (root / own[0].lstrip("/")).is_dir() else root
        old, young = (root / f"vmsuite-place-{name * 8}" for name in "oy")
        try:
            for group in (old, young):
                group.mkdir()
                self.addCleanup(lambda group=group: group.is_dir() and group.rmdir())
            os.utime(old, (1, 1))
        except OSError as error:
            self.skipTest(f"skipped: no control group can be made here: {error}")
        process = self.start("run", "here.json", "--on", "cgroup:cpu=50%")
        _, err = process.communicate(timeout=PATIENCE)
        if process.returncode == 2:
            self.skipTest("skipped: " + err.strip().splitlines()[0])
        self.assertFalse(old.exists(), err)
        self.assertTrue(young.exists())

    def test_a_network_namespace(self):
        name = f"vmsuite-{os.getpid()}"
        made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
        if made.returncode != 0:
            self.skipTest(f"no network namespace: {made.stderr.strip()}")
        self.addCleanup(subprocess.run, ["ip", "netns", "delete", name], check=False)
        subprocess.run(["ip", "-n", name, "link", "set", "lo", "up"], check=True)
        self.configuration(benchmark("testecho"))
        self.run_program("run", "here.json", "--on", f"netns:{name}")
        self.assertEqual(self.record()["cases"][0]["path"], "loopback")


if __name__ == "__main__":
    main()
