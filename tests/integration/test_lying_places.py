# SPDX-License-Identifier: GPL-3.0-or-later
"""Places whose agents lie: each lie costs its own place, and has its own sentence."""
import os
import re
import textwrap

from harness import benchmark, main, wait_for
from places import Places

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
    "a_text": ('metrics[0]["value"] = "7"', "a malformed trial"),
    "figures_twice": ("metrics *= 2", "twice"),
    "figures_without_end": ("metrics *= 100000", "frame of|twice"),
    "an_unknown_metric": ('metrics[0]["metric"] = "../../speed"', "a malformed trial"),
    "no_figures": ("metrics.clear()", "ok, with 0 figures"),
    "a_reason_of_success": ('trial["reason"] = "so"', "and a reason"),
    "failure_with_figures": ('trial.update(status="failed", reason="so")', "failed, with 1 figures"),
    "failure_without_reason": ('trial.update(status="failed"); metrics.clear()', "and no reason"),
    "lost": ('trial.update(status="lost", reason="so"); metrics.clear()', "stopped"),
    "interrupted": ('trial.update(status="interrupted", reason="so"); metrics.clear()', "stopped"),
    "an_unknown_status": ('trial["status"] = "fine"', "a malformed trial"),
    "less_than_no_time": ('trial["duration_s"] = -1', "without a time"),
    "no_time": ('message["start_s"] = None', "start_s"),
    "an_unknown_path": ('message["path"] = "pigeon"', 'the path "pigeon"'),
    "no_facts": ('message["facts"] = [{"key": "a"}]', "the place reported"),
    "more": ('message["more"] = 1', "unknown members"),
    "less": ('del message["facts"]', '"facts" is missing'),
    "another_message": ('message = {"type": "closed", "environment": {}, "facts_s": 0, "changes": []}', "other than what was asked"),
    "a_drivers_message": ('message = {"type": "take", "case": 1, "trial": 1}', "a message of unknown type"),
    "an_unknown_message": ('message = {"type": "shell", "command": "id"}', "a message of unknown type"),
    "no_message": ("message = [message]", "not a JSON object"),
    "an_error": ('message = {"type": "error", "text": "\\x1b[2Jgone"}', "gone"),
    "trouble_with_no_case": ('message = {"type": "trouble", "case": 9, "status": "crashed", "reason": "so"}', "a case that does not exist"),
    "trouble_that_is_none": ('message = {"type": "trouble", "case": 1, "status": "ok", "reason": "so"}', "a case that does not exist"),
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
    "half_a_fact": ('opened', 'message["environment"]["facts"] = [{"fact": "x"}]', "description of its machine"),
    "a_machine_of_more": ('opened', 'message["environment"]["more"] = 1', "description of its machine"),
    "another_workload": ('opened', 'message["modules"][0]["workload_version"] = 999', "workload version 999"),
    "no_module": ('opened', 'message["modules"].clear()', "no module testgood there"),
    "no_file": ('opened', 'message["modules"][0]["sha256"] = "x" * 64', "which file"),
    "warnings_without_end": ('opened', 'message["warnings"] = ["so"] * 201', "too many warnings"),
    "a_warning_of_nothing": ('opened', 'message["warnings"] = [7]', "a warning that is not a text"),
    "no_boot": ('opened', 'message["boot"] = None', '"boot" is of the wrong type'),
}
# What a peer's place says instead of "serving".
PEER_LIES = {
    "port_0": ('message["port"] = 0', "where its peer listens"),
    "port_70000": ('message["port"] = 70000', "where its peer listens"),
    "no_hosts": ('message["hosts"] = []', "where its peer listens"),
    "hosts_without_end": ('message["hosts"] *= 33', "where its peer listens"),
    "a_command": ('message["hosts"] = ["; id"]', "something that is not an address"),
    "a_number": ('message["hosts"] = [1]', "something that is not an address"),
    "another_message": ('message = {"type": "finished", "case": 1}', "other than what was asked"),
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
                             (self.wrapper("long", "sys.stderr.write('so' * 120 + ' busy\\n'); sys.exit(7)"),
                              "last words: (so){120} busy"),
                             (self.wrapper("tidy", "sys.stderr.write('welcome\\nno entry\\n\\ntidied up\\n'); sys.exit(7)"),
                              "last words: no entry; tidied up"),
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


if __name__ == "__main__":
    main()
