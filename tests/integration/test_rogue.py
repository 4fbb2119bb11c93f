# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules that do to a run what they must not: each costs its one case, which says why, and leaves no process."""
import contextlib
import os
import pathlib
import signal
import time

from harness import PATIENCE, Case, benchmark, descendants, end, is_alive, main, wait_for

# Deed, the case's status, and what its reason says.
LOCAL = [
    ("forks_and_returns", "failed", "a second process of the module"),
    ("forks_in_prepare", "failed", "a second process of the module"),
    ("helper_reports", "failed", "a second process of the module"),
    ("writes", "failed", "wrote 7 bytes to descriptor 3"),
    ("writes_much", "failed", "bytes to descriptor 3"),
    ("closes_and_loops", "failed", "closed descriptor 3"),
    ("closes_and_exits", "crashed", "ended by itself with status 4"),
    ("helper_holds_crash", "crashed", "its process was killed by signal 11"),
    ("leaves_session", "ok", None),
    ("leaves_daemon", "ok", None),
    ("crashes_in_cleanup", "crashed", "its clean-up was killed by signal 11"),
    ("hangs_in_cleanup", "timeout", "its clean-up had not ended after 5 s"),
    ("exits_in_cleanup", "crashed", "its clean-up ended by itself with status 5"),
    ("samples_twice", "failed", '^the module reported metric "speed" twice$'),
    ("says_and_samples_twice", "failed", 'the second one failed .*"speed" twice'),
    ("samples_no_number", "failed", '^the module reported a value for metric "speed" that is not a finite number$'),
    ("samples_infinity", "failed", '^the module reported a value for metric "speed" that is not a finite number$'),
    ("samples_unknown", "failed", "^the module reported a metric that is not in its table$"),
    ("samples_in_wrong_shape", "failed", '^the module reported metric "speed" in the wrong shape$'),
    ("samples_in_prepare", "failed", "^the module reported a figure outside a trial$"),
    ("samples_in_cleanup", "ok", None),
    ("samples_and_fails", "failed", "^the work went wrong$"),
    ("no_figure", "failed", "the module reported no figure"),
    ("stops_itself", "timeout", "deadline of 2 s"),
    ("exits", "crashed", "ended by itself with status 0"),
    ("ignores_sigterm", "timeout", "deadline of 2 s"),
    ("logs_without_end", "timeout", "deadline of 2 s"),
    ("prints_without_end", "timeout", "deadline of 2 s"),
    ("kills_its_parent", "crashed", "together with the process that watched it"),
    ("hangs_in_prepare", "timeout", "deadline of 2 s"),
    ("samples_negative", "failed", '^the module reported -1 for metric "speed", a rate, which cannot be negative$'),
    ("facts_without_end", "failed", "^the module reported more than 1024 facts$"),
    ("facts_in_prepare", "failed", "^the module reported more than 1024 facts$"),
    ("stops_its_parent", "timeout", "deadline of 2 s"),
]
# What the peer's half does, and what the record says of it.
AT_PEER = [
    ("desert", None),
    ("helper_holds_crash", "the peer's half was killed by signal 9"),
    ("closes_and_loops", "closed the descriptor"),
    ("writes", "wrote to the descriptor"),
    ("samples", "which only its measure may"),
]


def processes_that_name(text):
    """Living processes with that text in their command line: what a run has forked has the run's own."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if text.encode() in path.read_bytes() and is_alive(int(path.parent.name)):
                found.append(int(path.parent.name))
        except OSError:
            pass
    return found


def open_files(pid):
    """What its descriptors lead to; nothing of a process or descriptor that has just gone."""
    links, folder = [], f"/proc/{pid}/fd"
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for name in os.listdir(folder):
            with contextlib.suppress(FileNotFoundError):
                links.append(os.readlink(f"{folder}/{name}"))
    return links


class Rogue(Case):
    def measure(self, *benchmarks, status=1, suite=None):
        path = self.configuration(benchmark("testgood"), *benchmarks, suite={"trials": 2, **(suite or {})})
        _, err = self.run_program("run", path, status=status)
        self.assertEqual(processes_that_name(str(self.folder)), [])
        self.assertEqual(self.left_behind(), [])
        record_path = next((self.folder / "vmsuite-results").glob("*.json"))
        self.run_program("check", record_path)
        record = self.record()
        self.assertEqual(record["cases"][0]["status"], "ok")
        return record, err

    def test_each_costs_one_case(self):
        """All at once and in turn: what one does touches no other."""
        record, _ = self.measure(benchmark("testrogue", params={"deed": [deed for deed, *_ in LOCAL]}, deadline=2))
        cases = {case["params"]["deed"]: case for case in record["cases"] if case["module"] == "testrogue"}
        for deed, status, reason in LOCAL:
            with self.subTest(deed):
                self.assertEqual(cases[deed]["status"], status, cases[deed]["reason"])
                if reason:
                    self.assertRegex(cases[deed]["reason"], reason)
                for trial in cases[deed]["trials"]:
                    self.assertEqual(len(trial["metrics"]), trial["status"] == "ok")

    def test_a_clean_up_has_as_long_as_a_trial(self):
        record, _ = self.measure(benchmark("testrogue", params={"deed": "hangs_in_cleanup"}, deadline=6))
        self.assertRegex(record["cases"][1]["reason"], "its clean-up had not ended after 6 s")

    def test_at_the_peer(self):
        record, _ = self.measure(benchmark("testecho", params={"peer_does": [deed for deed, _ in AT_PEER],
                                                               "messages": 1}, deadline=5))
        for case in record["cases"][1:]:
            deed = case["params"]["peer_does"]
            with self.subTest(deed):
                self.assertNotEqual(case["status"], "ok")  # none of them echoes
                self.assertNotEqual(case["status"], "timeout")
                reason = dict(AT_PEER)[deed]
                if reason:
                    self.assertIn(reason, case["reason"])

    def test_estimate(self):
        """It is said that nothing is known, and the other modules' estimates are there."""
        for deed, words in (("hangs_in_estimate", "did not end"), ("crashes_in_estimate", "signal 11")):
            with self.subTest(deed):
                path = self.configuration(benchmark("testrogue", params={"deed": deed}),
                                          benchmark("testhold", params={"memory": "1GB"}), name=deed)
                out, _ = self.run_program("run", path, "--dry-run")
                self.assertRegex(out, f"estimate of module testrogue for case 1 .*{words}")
                self.assertIn("1.0 GB of memory", out)
                self.run_program("run", path, "--output", deed)
                self.assertRegex(" ".join(self.record(deed)["warnings"]), f"estimate of module testrogue .*{words}")

    def test_estimates_without_measure(self):
        """They wrap to nothing nowhere, neither in the sum nor in the time that a trial is given."""
        path = self.configuration(benchmark("testrogue", params={"deed": "estimates_without_measure"}),
                                  benchmark("testgood", deadline=1e300), suite={"trials": 2})
        out, _ = self.run_program("run", path, "--dry-run")
        self.assertIn("18446744 TB of traffic", out)
        self.assertIn("estimated: 55555 h 33 min", out)
        _, err = self.run_program("run", path)
        self.assertIn("2 cases, 4 trials: about 55555 h 33 min", err)
        self.assertEqual([case["deadline_s"] for case in self.record()["cases"]], [1e8, 1e8])

    def test_log_is_kept_with_the_trial(self):
        record, _ = self.measure(benchmark("testrogue", params={"deed": "logs"}), status=0)
        self.assertEqual([trial.get("log") for trial in record["cases"][1]["trials"]],
                         [["warning: while preparing", "info: while measuring"], ["info: while measuring"]])
        self.assertNotIn("log", record["cases"][0]["trials"][0])

    def test_no_descriptor_is_inherited(self):
        """Neither journal nor locks nor other cases' sockets: 0 to 2 and the runner's one."""
        path = self.configuration(*[benchmark("testrogue", group=group, params={"deed": "descriptors"})
                                    for group in ("a", "b", "c")],
                                  benchmark("testecho", params={"messages": 1}))
        # One more that the caller has left open.
        with open("/dev/null") as spare:
            self.run_program("run", path, pass_fds=[spare.fileno()])
        for case in self.record()["cases"][:3]:
            for trial in case["trials"]:
                self.assertEqual(trial["metrics"][0]["value"], 4)

    def test_the_peer_inherits_neither_journal_nor_lock(self):
        self.configuration(benchmark("testecho", params={"messages": 3, "pause": "1s"}))
        process = self.start("run", "here.json")
        self.addCleanup(end, process)
        wait_for(lambda: len(descendants(process.pid)) >= 6, "case, peer, session, trial and their keepers")
        for pid in descendants(process.pid):
            self.assertEqual([link for link in open_files(pid) if str(self.folder) in link], [])

    def test_a_killed_run_leaves_no_process(self):
        """kill -9 of the run, while a helper in a session of its own lives."""
        self.configuration(benchmark("testrogue", group="a", params={"deed": "leaves_daemon"}),
                           benchmark("testslow", group="b", params={"seconds": "1s"}), suite={"trials": 50})
        process = self.start("run", self.folder / "here.json")
        self.addCleanup(end, process)
        wait_for(lambda: len(descendants(process.pid)) >= 5, "the cases, their keepers and the helper")
        process.kill()
        process.communicate(timeout=PATIENCE)
        wait_for(lambda: not processes_that_name(str(self.folder)), "the end of all that it started")

    def test_stopped_past_the_deadline(self):
        """The run is stopped, not the trial: what the trial reported in time counts."""
        self.configuration(benchmark("testslow", params={"seconds": "1s"}, deadline=2), suite={"trials": 1})
        process = self.start("run", "here.json")
        self.addCleanup(end, process)
        wait_for(lambda: len(descendants(process.pid)) >= 2, "the case")
        time.sleep(0.3)
        process.send_signal(signal.SIGSTOP)
        time.sleep(4)
        process.send_signal(signal.SIGCONT)
        process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 0)
        self.assertEqual(self.record()["cases"][0]["status"], "ok")

    def test_clean_up_that_crashed_survives_a_resume(self):
        self.configuration(benchmark("testrogue", group="a", params={"deed": "crashes_in_cleanup"}),
                           benchmark("testslow", group="b", params={"seconds": "1s"}),
                           suite={"trials": 3, "order": "sequential"})
        process = self.start("run", "here.json")
        self.addCleanup(end, process)
        output = self.folder / "vmsuite-results"
        wait_for(lambda: any("case_status" in path.read_text() for path in output.glob("*.journal.jsonl")),
                 "the crash in the journal")
        process.kill()
        process.communicate(timeout=PATIENCE)
        self.run_program("run", "here.json", "--resume", status=1)
        case = self.record()["cases"][0]
        self.assertEqual((case["status"], len(case["trials"])), ("crashed", 3))
        self.assertRegex(case["reason"], "its clean-up was killed by signal 11")

    def test_children_ignored_by_the_parent(self):
        """A caller that ignores SIGCHLD hands that on."""
        self.configuration(benchmark("testgood"), benchmark("testcrash"))
        process = self.start("run", "here.json", preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
        process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 1)
        self.assertEqual([case["status"] for case in self.record()["cases"]], ["ok", "crashed"])


if __name__ == "__main__":
    main()
