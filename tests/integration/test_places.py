# SPDX-License-Identifier: GPL-3.0-or-later
"""`vmsuite run --on PLACE`: records, order, lost and lying places, and that nothing is left anywhere."""
import collections
import json
import os
import pathlib
import shutil
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

    def relay(self, name, to_agent="return data", to_driver="return data"):
        """A wrapper through which both directions pass: each function has the bytes and a counter of frames."""
        return self.wrapper(name, f"""
            import threading
            state = {{}}
            def to_agent(data):
                {to_agent}
            def to_driver(data):
                {to_driver}
            agent = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
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


class Lies(Places):
    """A place can spoil its own record, and nothing else."""

    def run_beside(self, place, **suite):
        self.configuration(benchmark("testgood"), suite={"trials": 3, **suite})
        out, err = self.run_program("run", "here.json", "--on", "local", "--on", "liar=" + place, status=130)
        found = self.by_name()
        self.assertEqual([trial["status"] for trial in found["local"][0]["cases"][0]["trials"]], ["ok"] * 3)
        self.assertEqual(found["local"][0]["status"], "ok")
        self.assertEqual(found["liar"][0]["cases"][0]["status"], "lost")
        for path in (self.folder / "vmsuite-results").glob("*.json"):
            self.run_program("check", path)
        shutil.rmtree(self.folder / "vmsuite-results")
        return err

    def lie(self, change):
        return self.relay("liar", to_driver=f"""
                message = json.loads(data)
                if message["type"] == "taken":
                    {change}
                return message""")

    def test_figures_that_cannot_be(self):
        for change, words in (('message["case"] = 2', "another trial"), ('message["trial"]["metrics"][0]["value"] = None', "not a number"),
                              ('message["trial"]["metrics"] *= 2', "twice"), ('message["trial"]["status"] = "lost"', "stopped"), ('message["more"] = 1', "further"),
                              ('message = {"type": "closed", "environment": {}, "facts_s": 0, "changes": []}', "not asked"),
                              ('message = {"type": "error", "text": "\\x1b[2Jgone"}', "gone")):
            with self.subTest(change=change):
                err = self.run_beside(self.lie(change))
                self.assertRegex(err, words)
                self.assertNotIn("\x1b", err)

    def test_what_is_no_frame(self):
        for data in ("b'\\x7f\\xff\\xff\\xff' + b'J' * 100", "b'\\0\\0\\0\\3J[]'"):
            with self.subTest(data=data):
                place = self.relay("liar", to_driver=f"""
                if b'"taken"' in data:
                    os.write(1, {data})
                    time.sleep(100)
                return data""")
                self.run_beside(place)

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

    def refused_at_once(self, place, words):
        self.configuration(benchmark("testgood"))
        _, err = self.run_program("run", "here.json", "--on", "local", "--on", "other=" + place, status=2)
        self.assertRegex(err, words)
        self.assertEqual(list((self.folder / "vmsuite-results").iterdir()), [])
        self.assertEqual(self.left(), [])

    def test_other_programs_are_refused(self):
        self.refused_at_once(self.wrapper("other", "sys.stderr.write('no entry\\n'); sys.exit(7)"),
                             "status 7; its last words: no entry")
        self.refused_at_once("exec:/nosuch/program", "no program /nosuch/program")
        self.refused_at_once(self.wrapper("other", "print('Welcome to db1'); sys.stdout.flush(); time.sleep(100)"),
                             "frame")
        self.refused_at_once(self.relay("other", to_driver="""
                message = json.loads(data)
                if message["type"] == "hello":
                    message["version"] = "9.8.7"
                return message"""), r"version 9\.8\.7 of vmsuite .* this is version \d")
        self.refused_at_once(self.relay("other", to_driver="""
                message = json.loads(data)
                if message["type"] == "opened":
                    message["environment"]["facts"] = [{"fact": "x"}]
                return message"""), "described its machine")
        self.refused_at_once(self.relay("other", to_driver="""
                message = json.loads(data)
                if message["type"] == "opened":
                    message["modules"][0]["workload_version"] = 999
                return message"""), "workload version 999")


class Bundle(Places):
    def test_the_same_files_make_the_same_bytes(self):
        sums = [self.run_program("bundle", "-o", name)[1] for name in ("a.tar", "b.tar")]
        self.assertEqual(sums[0], sums[1])
        self.assertEqual((self.folder / "a.tar").read_bytes(), (self.folder / "b.tar").read_bytes())

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
