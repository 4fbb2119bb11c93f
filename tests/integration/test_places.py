# SPDX-License-Identifier: GPL-3.0-or-later
"""`vmsuite run --on PLACE`: records, order, lost and lying places, and that nothing is left anywhere."""
import collections
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tarfile
import textwrap
import time
import unittest

from harness import PATIENCE, PROGRAM, SANITIZER, Case, benchmark, descendants, end, is_alive, main, wait_for


class Places(Case):
    def setUp(self):
        super().setUp()
        self.scratch = self.folder / "scratch"
        self.scratch.mkdir()
        self.environment["TMPDIR"] = str(self.scratch)

    def left(self):
        return [path.name for path in self.scratch.iterdir()]

    def by_name(self, output="vmsuite-results"):
        found = collections.defaultdict(list)
        for record in self.records(output):
            found[record["configuration"]].append(record)
        return found

    def wrapper(self, name, text):
        """A program that a place is reached through: Python, with what follows it in sys.argv[1:]."""
        path = self.folder / name
        path.write_text(f"#!{sys.executable}\nimport os, subprocess, sys, struct, json, time\n" + textwrap.dedent(text))
        path.chmod(0o755)
        return f"exec:{path}"

    def relay(self, name, to_agent="return data", to_driver="return data", words=1):
        """A wrapper through which both directions pass: each function has the bytes and a counter of frames. The command stands
        behind so many words."""
        return self.wrapper(name, f"""
            import threading
            state = {{}}
            def to_agent(data):
                {to_agent}
            def to_driver(data):
                {to_driver}
            agent = subprocess.Popen(sys.argv[{words}:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            def pump():
                while True:
                    data = os.read(0, 65536)
                    if not data:
                        agent.stdin.close()
                        return
                    agent.stdin.write(to_agent(data))
                    agent.stdin.flush()
            threading.Thread(target=pump, daemon=True).start()
            def read(n):
                data = b""
                while len(data) < n:
                    part = agent.stdout.read(n - len(data))
                    if not part:
                        sys.exit(0)
                    data += part
                return data
            while True:
                head = read(5)
                body = read(struct.unpack(">I", head[:4])[0] - 1)
                state["n"] = state.get("n", 0) + 1
                data = to_driver(body)
                out = data if isinstance(data, bytes) else json.dumps(data).encode()
                os.write(1, struct.pack(">I", len(out) + 1) + b"J" + out)
            """)


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
                             ("nspawn:/nosuch", "No such file"), ("local:x", "nothing behind"),
                             ("cgroup:", "names no limit"), ("cgroup:cpu=0%", "percent"), ("cgroup:cpus=1", "did you mean"),
                             ("podman:x,network", "value"), ("a/b=local", "name")):
            _, err = self.run_program("run", "here.json", "--on", place, status=2)
            self.assertRegex(err, words, place)
        self.assertFalse((self.folder / "vmsuite-results").exists())

    def test_list(self):
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


class Lost(Places):
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

    def test_a_place_that_stays_lost_does_not_stop_the_others(self):
        mark = self.folder / "mark"
        place = self.relay("gone", to_driver=f"""
                if os.path.exists({str(mark)!r}):
                    os._exit(9)
                if b'"taken"' in data:
                    state["taken"] = state.get("taken", 0) + 1
                    if state["taken"] == 2:
                        open({str(mark)!r}, "w").close()
                        os._exit(9)
                return data""")
        self.configuration(benchmark("testgood"), suite={"trials": 4})
        arguments = ["run", "here.json", "--on", "local", "--on", "gone=" + place]
        _, err = self.run_program(*arguments, status=130)
        self.assertIn("is given up", err)
        self.assertIn("--resume", err)
        found = self.by_name()
        self.assertEqual(found["local"][0]["status"], "ok")
        self.assertEqual([trial["status"] for trial in found["gone"][0]["cases"][0]["trials"]], ["ok", "lost"])
        self.assertEqual(found["gone"][0]["cases"][0]["status"], "lost")
        for path in (self.folder / "vmsuite-results").glob("*.json"):
            self.run_program("check", path)
        # It comes back: the run goes on where it was, and what is done stays.
        mark.unlink()
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


# What an agent says instead of the answer to a trial, as Python that changes `message`, and what is said of it. Its trials
# are of testgood: one figure, "speed".
LIES = {
    "another_case": ('message["case"] = 2', "another trial"),
    "another_trial": ('message["trial"]["trial"] += 1', "another trial"),
    "an_earlier_trial": ('message["trial"]["trial"] = 0', "another trial"),
    "null": ('metrics[0]["value"] = None', "not a number"),
    "nan": ('return data.replace(b\'"trial":\', b\'"start_s": NaN, "trial":\')', "not valid JSON"),
    "a_member_twice": ('return data.replace(b\'"trial":\', b\'"case": 1, "trial":\')', "not valid JSON"),
    "infinity": ('return re.sub(rb\'"value": ?[0-9.]+\', b\'"value": 1e999\', data)', "not valid JSON"),
    "a_text": ('metrics[0]["value"] = "7"', "a trial that is none"),
    "figures_twice": ("metrics *= 2", "twice"),
    "figures_without_end": ("metrics *= 100000", "frame of|twice"),
    "an_unknown_metric": ('metrics[0]["metric"] = "../../speed"', "a trial that is none"),
    "no_figures": ("metrics.clear()", "ok, with 0 figures"),
    "a_reason_of_success": ('trial["reason"] = "so"', "and a reason"),
    "failure_with_figures": ('trial.update(status="failed", reason="so")', "failed, with 1 figures"),
    "failure_without_reason": ('trial.update(status="failed"); metrics.clear()', "and no reason"),
    "lost": ('trial.update(status="lost", reason="so"); metrics.clear()', "stopped"),
    "interrupted": ('trial.update(status="interrupted", reason="so"); metrics.clear()', "stopped"),
    "an_unknown_status": ('trial["status"] = "fine"', "a trial that is none"),
    "less_than_no_time": ('trial["duration_s"] = -1', "without a time"),
    "no_time": ('message["start_s"] = None', "start_s"),
    "an_unknown_path": ('message["path"] = "pigeon"', 'the path "pigeon"'),
    "no_facts": ('message["facts"] = [{"key": "a"}]', "the place reported"),
    "more": ('message["more"] = 1', "further"),
    "less": ('del message["facts"]', '"facts" is missing'),
    "another_message": ('message = {"type": "closed", "environment": {}, "facts_s": 0, "changes": []}', "not asked"),
    "a_drivers_message": ('message = {"type": "take", "case": 1, "trial": 1}', "which there is not"),
    "an_unknown_message": ('message = {"type": "shell", "command": "id"}', "which there is not"),
    "no_message": ("message = [message]", "not a JSON object"),
    "an_error": ('message = {"type": "error", "text": "\\x1b[2Jgone"}', "gone"),
    "trouble_with_no_case": ('message = {"type": "trouble", "case": 9, "status": "crashed", "reason": "so"}', "a case that there is not"),
    "trouble_that_is_none": ('message = {"type": "trouble", "case": 1, "status": "ok", "reason": "so"}', "a case that there is not"),
    "answers_twice": ("send(message)", "another trial"),
    "a_frame_too_large": ("end(b'\\x7f\\xff\\xff\\xff' + b'J' * 100)", "frame"),
    "a_frame_of_another_kind": ("end(b'\\0\\0\\0\\3X{}')", "frame"),
    "a_list": ("end(b'\\0\\0\\0\\3J[]')", "not a JSON object"),
    "an_empty_frame": ("end(b'\\0\\0\\0\\0J')", "frame"),
}
# What it says instead of "opened": then nothing is measured anywhere.
OPENING_LIES = {
    "another_version": ('hello', 'message["version"] = "9.8.7"', r"version 9\.8\.7 of vmsuite .* this is version \d"),
    "another_protocol": ('hello', 'message["protocol"] += 1', "protocol 2"),
    "no_hello": ('hello', 'message = {"type": "closed", "environment": {}, "facts_s": 0, "changes": []}', "not an agent"),
    "half_a_fact": ('opened', 'message["environment"]["facts"] = [{"fact": "x"}]', "described its machine"),
    "a_machine_of_more": ('opened', 'message["environment"]["more"] = 1', "described its machine"),
    "another_workload": ('opened', 'message["modules"][0]["workload_version"] = 999', "workload version 999"),
    "no_module": ('opened', 'message["modules"].clear()', "no module testgood there"),
    "no_file": ('opened', 'message["modules"][0]["sha256"] = "x" * 64', "which file"),
    "warnings_without_end": ('opened', 'message["warnings"] = ["so"] * 201', "warned of too much"),
    "a_warning_of_nothing": ('opened', 'message["warnings"] = [7]', "warned of nothing"),
    "no_boot": ('opened', 'message["boot"] = None', '"boot" is of another kind'),
}
# What a peer's place says instead of "serving".
PEER_LIES = {
    "port_0": ('message["port"] = 0', "where its peer listens"),
    "port_70000": ('message["port"] = 70000', "where its peer listens"),
    "no_hosts": ('message["hosts"] = []', "where its peer listens"),
    "hosts_without_end": ('message["hosts"] *= 33', "where its peer listens"),
    "a_command": ('message["hosts"] = ["; id"]', "an address that is none"),
    "a_number": ('message["hosts"] = [1]', "an address that is none"),
    "another_message": ('message = {"type": "finished", "case": 1}', "not asked"),
}


class Lies(Places):
    """A place can spoil its own record, and nothing else."""

    def setUp(self):
        """What stands here as `ip` tells the lie that its network namespace is named after."""
        super().setUp()
        self.relay("ip", to_driver=f"""
                message = json.loads(data)
                with open({str(self.folder)!r} + f"/{{sys.argv[3]}}.lie") as file:
                    names = {{}}
                    exec(file.read(), names)
                return names["lie"](message, data)""", words=4)
        self.environment["PATH"] = f"{self.folder}:{os.environ['PATH']}"

    def liar(self, name, kind, change):
        """A place whose agent says something else instead of the messages of that type."""
        self.write(f"{name}.lie", textwrap.dedent(f"""
            import json, os, re, struct
            def send(message):
                text = json.dumps(message).encode()
                os.write(1, struct.pack(">I", len(text) + 1) + b"J" + text)
            def end(text):
                os.write(1, text)
                os._exit(0)
            def lie(message, data):
                if message["type"] != {kind!r}:
                    return data
                trial = message.get("trial", {{}})
                metrics = trial.get("metrics", [])
                {change}
                return message
            """))
        return f"netns:{name}"

    def test_answers_to_a_trial(self):
        """All liars in one run: each costs its own place, and says why; honest places lose nothing."""
        self.configuration(benchmark("testgood"), suite={"trials": 3})
        liars = [argument for name, (change, _) in LIES.items() for argument in
                 ("--on", f"{name}={self.liar(name, 'taken', change)}")]
        out, err = self.run_program("run", "here.json", "--on", "local", *liars, "--on", "far=exec:env A=b", status=130)
        self.assertNotIn("\x1b", out + err)
        found = self.by_name()
        for name in ("local", "far"):
            self.assertEqual(found[name][0]["status"], "ok")
            self.assertEqual([trial["status"] for trial in found[name][0]["cases"][0]["trials"]], ["ok"] * 3)
        for name, (_, words) in LIES.items():
            with self.subTest(name):
                said = re.findall(rf"the place {name}=\S+ was lost in trial (\d) of testgood: (.*)", err)
                self.assertEqual(len(said), 1, "who breaks the rules is not asked again")
                self.assertRegex(said[0][1], words)
                record, = found[name]
                case, = record["cases"]
                self.assertEqual((record["status"], case["status"]), ("interrupted", "lost"))
                honest = int(said[0][0]) - 1  # what was answered before the lie
                self.assertEqual([trial["status"] for trial in case["trials"]], ["ok"] * honest + ["lost"])
                self.assertEqual(honest, name == "answers_twice")
                self.assertEqual(case["trials"][-1]["metrics"], [])
        for path in (self.folder / "vmsuite-results").glob("*.json"):
            self.run_program("check", path)
        wait_for(lambda: not self.left(), "the end of what the agents left")

    def test_answers_at_the_end(self):
        """What was measured stands, and the record says what was lost."""
        self.configuration(benchmark("testgood"))
        lies = {"no_machine": 'message["environment"] = {}', "no_changes": 'message["changes"] = "none"',
                "changes_without_end": 'message["changes"] = ["so"] * 201', "no_message": 'message = {"type": "hello"}'}
        self.run_program("run", "here.json", "--on", "local", *[argument for name, change in lies.items() for argument in
                                                                ("--on", f"{name}={self.liar(name, 'closed', change)}")])
        for name, (record,) in self.by_name().items():
            self.assertEqual([trial["status"] for trial in record["cases"][0]["trials"]], ["ok"] * 3)
            said = [warning for warning in record["warnings"] if "was lost at the end" in warning]
            self.assertEqual(len(said), name in lies, name)

    def test_floods(self):
        # Words without end on stderr are drained, and do not block the agent.
        place = self.wrapper("loud", """
            child = subprocess.Popen(sys.argv[1:])
            for _ in range(2000):
                os.write(2, b"x" * 1000 + b"\\n")
            sys.exit(child.wait())
            """)
        self.configuration(benchmark("testgood"))
        self.run_program("run", "here.json", "--on", "loud=" + place)
        self.assertEqual(self.record()["status"], "ok")

    def refused_at_once(self, words, *arguments):
        _, err = self.run_program("run", "here.json", "--on", "local", *arguments, status=2)
        self.assertRegex(err, words)
        self.assertEqual(list((self.folder / "vmsuite-results").iterdir()), [])
        wait_for(lambda: not self.left(), "the end of what the agents left")

    def test_other_programs_are_refused(self):
        self.configuration(benchmark("testgood"))
        for place, words in ((self.wrapper("other", "sys.stderr.write('no entry\\n'); sys.exit(7)"),
                              "status 7; its last words: no entry"),
                             ("exec:/nosuch/program", "no program /nosuch/program"),
                             (self.wrapper("welcome", "print('Welcome to db1'); sys.stdout.flush(); time.sleep(100)"), "frame")):
            self.refused_at_once(words, "--on", "other=" + place)
        for name, (kind, change, words) in OPENING_LIES.items():
            with self.subTest(name):
                self.refused_at_once(words, "--on", "other=" + self.liar(name, kind, change))

    def test_the_peers_place(self):
        self.configuration(benchmark("testecho"))
        for name, (change, words) in PEER_LIES.items():
            with self.subTest(name):
                self.refused_at_once("the peer's place .*" + words, "--peer", self.liar(name, "serving", change))


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

    def test_names_are_in_order(self):
        self.run_program("bundle")
        with tarfile.open(self.folder / "vmsuite-bundle.tar") as tar:
            names = tar.getnames()
        self.assertEqual(names, sorted(names, key=str.encode))

    @unittest.skipIf(SANITIZER != "none", "a sanitizer's runtime wants to be the first library")
    def test_it_runs_from_anywhere(self):
        self.run_program("bundle")
        target = self.folder / "elsewhere"
        with tarfile.open(self.folder / "vmsuite-bundle.tar") as tar:
            self.assertTrue(all(member.isfile() or member.isdir() for member in tar))
            tar.extractall(target)
        done = subprocess.run([target / "run", "run", "--suite", "quick", "--only", "cpu*", "--trials", "1", "--runs", "1",
                               "-o", "out"], cwd=self.folder, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True,
                              timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        record = self.record("out")
        self.assertTrue(record["modules"][0]["shipped"])
        self.assertIn(str(target), os.path.realpath(record["modules"][0]["path"]))


class Limits(Places):
    def test_a_quota_is_seen_inside(self):
        self.configuration(benchmark("testgood"))
        try:
            process = self.start("run", "here.json", "--on", "cgroup:cpu=50%")
            _, err = process.communicate(timeout=PATIENCE)
        finally:
            end(process)
        if "control group" in err or "cannot" in err:
            self.skipTest(err.strip().splitlines()[0])
        self.assertEqual(process.returncode, 0, err)
        facts = {fact["fact"]: fact["value"] for fact in self.record()["environment"]["before"]["facts"]}
        self.assertEqual(facts["cgroup.cpu_limit"], 0.5)
        self.assertEqual(list(pathlib.Path("/sys/fs/cgroup").glob("**/vmsuite-place-*")), [])

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
