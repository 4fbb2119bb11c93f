# SPDX-License-Identifier: GPL-3.0-or-later
"""Ctrl-C, SIGTERM and kill -9: finished trials are kept, nothing is left behind, --resume finishes the run."""
import contextlib
import json
import os
import pathlib
import random
import signal
import time

from harness import Case, benchmark, descendants, end, is_alive, main, wait_for


class Interrupt(Case):
    def setUp(self):
        super().setUp()
        self.configuration(benchmark("testslow", group="a", params={"seconds": ["30ms", "40ms"]}),
                           benchmark("testslow", group="b", params={"seconds": "20ms"}),
                           suite={"trials": 8, "seed": 3})
        self.output = self.folder / "vmsuite-results"

    def journal_lines(self):
        return sum(len(path.read_text().splitlines()) for path in self.output.glob("*.journal.jsonl"))

    def interrupt(self, number):
        process = self.start("run", "here.json")
        wait_for(lambda: self.journal_lines() > 5, "trials")
        below = descendants(process.pid)
        process.send_signal(number)
        _, err = process.communicate(timeout=300)
        self.assertEqual(process.returncode, 130, err)
        self.assertTrue(below)
        wait_for(lambda: not any(is_alive(pid) for pid in below), "the end of the cases' processes")
        record = self.record()
        trials = [trial for case in record["cases"] for trial in case["trials"]]
        self.assertEqual(record["status"], "interrupted")
        self.assertGreaterEqual(sum(trial["status"] == "ok" for trial in trials), 4)
        self.assertIn("--resume", err)
        self.assertEqual([name.split(".", 1)[1] for name in self.left_behind()], ["journal.jsonl"])
        return record

    def test_ctrl_c_and_resume(self):
        first = self.interrupt(signal.SIGINT)
        self.run_program("run", "here.json", "--resume")
        record = self.record()
        self.assertEqual(record["run_id"], first["run_id"])
        self.assert_complete(record)
        # What had been measured stands as it was.
        for before, after in zip(first["cases"], record["cases"]):
            kept = {trial["trial"]: trial for trial in after["trials"]}
            for trial in before["trials"]:
                if trial["status"] == "ok":
                    self.assertEqual(kept[trial["trial"]], trial)

    def test_sigterm(self):
        self.interrupt(signal.SIGTERM)

    def assert_complete(self, record):
        self.assertEqual(record["status"], "ok")
        self.assertEqual([len(case["trials"]) for case in record["cases"]], [8, 8, 8])
        self.assertEqual(sorted(trial["order"] for case in record["cases"] for trial in case["trials"]),
                         list(range(1, 25)))
        self.assertEqual(self.left_behind(), [])

    def processes(self):
        """Living processes that work in the test's folder: a run's, wherever they hang when it was killed."""
        found = []
        for link in pathlib.Path("/proc").glob("[0-9]*/cwd"):
            with contextlib.suppress(OSError):
                if pathlib.Path(os.readlink(link)).is_relative_to(self.folder) and is_alive(int(link.parent.name)):
                    found.append(int(link.parent.name))
        return found

    def test_kill_at_ten_random_moments(self):
        chance = random.Random(20261122)
        resume = []
        for _ in range(10):
            process = self.start("run", "here.json", *resume)
            self.addCleanup(end, process)
            time.sleep(chance.uniform(0.02, 0.6))
            process.kill()
            process.communicate(timeout=300)
            wait_for(lambda: not self.processes(), "the end of the cases' processes")
            for path in self.output.glob("*.json") if self.output.exists() else ():
                json.loads(path.read_text())  # a record that is there is whole
            resume = ["--resume"] if self.output.exists() and any(self.output.glob("*.journal.jsonl")) else []
            if self.output.exists() and not resume:
                for path in self.output.glob("*.json"):
                    path.unlink()  # it was quicker than the kill, though maybe not with its scratch folder
        self.run_program("run", "here.json", *resume)
        self.assert_complete(self.record())

    def test_resume_with_another_suite_is_refused(self):
        self.interrupt(signal.SIGINT)
        self.configuration(benchmark("testslow", group="c"))
        _, err = self.run_program("run", "here.json", "--resume", status=2)
        self.assertIn("another suite", err)
        self.assertEqual(self.record()["status"], "interrupted")

    def test_nothing_to_resume(self):
        _, err = self.run_program("run", "here.json", "--resume", status=2)
        self.assertIn("nothing to resume", err)

    def test_two_runs_at_once(self):
        first = self.start("run", "here.json")
        wait_for(lambda: self.journal_lines() > 1, "the first run")  # else it may be over before the second begins
        second = self.start("run", "here.json")
        for process in (first, second):
            _, err = process.communicate(timeout=300)
            self.assertEqual(process.returncode, 0, err)
        records = self.records()
        self.assertEqual(len({record["run_id"] for record in records}), 2)
        self.assertTrue(any("other run" in warning for record in records for warning in record["warnings"]))
        self.assertEqual(self.left_behind(), [])


if __name__ == "__main__":
    main()
