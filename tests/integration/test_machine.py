# SPDX-License-Identifier: GPL-3.0-or-later
"""What the machine is: told by env, captured and read again, held against what a configuration expects, and what
disturbs a trial."""
import json
import os
import pathlib
import subprocess
import unittest

from harness import Case, benchmark, main


class Machine(Case):
    def here(self, *arguments):
        return json.loads(self.run_program("env", "--json", *arguments)[0])

    def test_env_says_on_what_evidence(self):
        machine = self.here()
        self.assertIn("virtualization", machine)
        facts = {fact["fact"]: fact for fact in machine["facts"]}
        self.assertEqual(len(facts), len(machine["facts"]), "each fact once")
        self.assertGreaterEqual(facts["cpu.count"]["value"], 1)
        for fact in facts.values():
            self.assertIn(fact["status"], ("ok", "not-applicable", "unknown", "error"))
            self.assertEqual(fact["value"] is None, fact["status"] != "ok", fact)
            self.assertEqual(fact["reason"] is None, fact["status"] == "ok", fact)
            self.assertTrue(fact["source"])
        named = [e for e in machine["evidence"] if e["role"] == "nearest"]
        self.assertEqual(len(named), 0 if machine["virtualization"] == "unknown" else 1, named)
        if named:
            self.assertIn(named[0]["saw"], facts["virtualization.nearest_evidence"]["value"])
        for evidence in machine["evidence"]:
            self.assertIn(evidence["strength"], ("kernel", "firmware", "cpuid", "device", "processor", None))
        out, _ = self.run_program("env")
        self.assertIn(machine["virtualization"], out)
        strengths = ["kernel", "firmware", "cpuid", "device", "processor", "container"]
        printed = [line.split()[0] for line in out.split("the strongest first\n")[1].split("\n\n")[0].splitlines()]
        self.assertEqual(len(printed), len(machine["evidence"]))
        self.assertEqual(printed, sorted(printed, key=strengths.index))

    def test_capture_reads_as_this_machine(self):
        capture = self.folder / "capture"
        _, err = self.run_program("env", "--capture", capture)
        self.assertIn(str(capture), err)
        here, there = self.here(), self.here("--root", capture)
        for key in ("virtualization", "container", "evidence"):
            self.assertEqual(here[key], there[key])
        _, err = self.run_program("env", "--capture", capture, status=1)
        self.assertIn("name a new folder", err)

    def test_wrong_use(self):
        for arguments in (["--root", "absent"], ["--rot", "x"], ["more"]):
            _, err = self.run_program("env", *arguments, status=2)
            self.assertIn("vmsuite env", err)

    def other(self):
        return "bhyve" if self.here()["virtualization"] != "bhyve" else "parallels"

    def test_mismatch_is_refused_before_anything_runs(self):
        path = self.configuration(benchmark("testgood"), expect={"virtualization": self.other(), "cpus": ">=1"})
        good = self.configuration(benchmark("testgood"), name="good")
        _, err = self.run_program("run", good, path, status=3)
        self.assertIn(f'expected virtualization "{self.other()}", but this machine\'s is', err)
        self.assertNotIn("expected cpus", err)
        self.assertFalse((self.folder / "vmsuite-results").exists())

    def test_allowed_mismatch_marks_every_trial(self):
        path = self.configuration(benchmark("testgood"), expect={"virtualization": self.other()})
        self.run_program("run", path, "--allow-mismatch")
        record = self.record()
        self.assertTrue(any("not what the configuration expects" in warning for warning in record["warnings"]))
        for trial in record["cases"][0]["trials"]:
            self.assertIn("mismatch", trial["flags"])

    def test_what_holds_is_run(self):
        machine = self.here()
        expect = {"virtualization": machine["virtualization"], "container": machine["container"],
                  "cpus": next(f["value"] for f in machine["facts"] if f["fact"] == "cpu.count")}
        self.run_program("run", self.configuration(benchmark("testgood"), expect=expect))
        for trial in self.record()["cases"][0]["trials"]:
            self.assertNotIn("mismatch", trial["flags"])
            self.assertGreaterEqual(trial["noise"]["involuntary_switches"], 0)

    def test_automatic_trials_say_why_they_ended(self):
        self.run_program("run", self.configuration(benchmark("testgood", trials="auto")))
        case = self.record()["cases"][0]
        why = {fact["key"]: fact["value"] for fact in case["facts"]}["trials"]
        self.assertTrue(why.startswith("auto: "), why)
        self.assertEqual(case["status"], "ok")
        self.assertEqual(len(case["trials"]), case["trials_wanted"])
        self.assertTrue(5 <= len(case["trials"]) <= 100)
        path = self.configuration(benchmark("testgood", trials="many"))
        _, err = self.run_program("run", path, status=2)
        self.assertIn('must be a whole number or "auto"', err)

    def test_disturbed_trials_are_repeated_and_kept(self):
        busy = [subprocess.Popen(["/bin/sh", "-c", "while :; do :; done"]) for _ in range(2 * os.cpu_count())]
        try:
            self.run_program("run", "--config", "here", "--only", "cpu", "--trials", "2", "--retry-noisy", "2")
        finally:
            for process in busy:
                process.kill()
                process.wait()
        record = self.record()
        trials = [trial for case in record["cases"] for trial in case["trials"]]
        # Whether the kernel shows it is the machine's affair; what was repeated is kept, and only then.
        for trial in trials:
            self.assertEqual("repeated" in trial["flags"], "attempts" in trial)
            for attempt in trial.get("attempts", []):
                self.assertEqual(attempt["trial"], trial["trial"])
                self.assertTrue(set(attempt["flags"]) - {"repeated"}, "only what was flagged is repeated")
        pressed = pathlib.Path("/proc/pressure/cpu").exists() and os.cpu_count() <= 8
        if pressed:
            self.assertTrue(any("cpu-stall" in trial["flags"] for trial in trials), "the load was not seen")

    def test_wrong_expectations_are_bad_input(self):
        path = self.configuration(benchmark("testgood"), expect={"virtualisation": "kvm", "cpus": 1.5})
        _, err = self.run_program("run", path, status=2)
        self.assertIn('did you mean "virtualization"?', err)
        self.assertIn("$.expect.cpus: must be text or a whole number", err)


if __name__ == "__main__":
    main()
