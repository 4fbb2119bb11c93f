# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens around a run: it is killed and resumed 200 times, another one wants its folder, its results turn
read-only, its disk fails under the journal, its scratch is removed."""
import json
import os
import shutil
import signal
import subprocess
import unittest

from harness import BUILD, PATIENCE, SANITIZER, Case, benchmark, descendants, end, is_alive, main, wait_for

FAKE_DISK = BUILD / "tests" / "fakes" / "libfake-disk.so"


class Adversity(Case):
    def setUp(self):
        super().setUp()
        self.output = self.folder / "vmsuite-results"

    def journal_lines(self):
        return [line for path in self.output.glob("*.journal.jsonl") for line in path.read_text().splitlines()]

    def test_two_hundred_resumes(self):
        """Each trial is measured once and stands as it was, whenever the run was killed. Sanitizers look at forty."""
        self.configuration(benchmark("testslow", params={"seconds": "4ms"}), suite={"trials": 1500, "seed": 1})
        resume, kills = [], 0
        for _ in range(200 if SANITIZER == "none" else 40):
            before = len(self.journal_lines())
            if before > 1200:  # beside a load each kill comes late: some trials are left to measure
                break
            kills += 1
            process = self.start("run", "here.json", "--quiet", *resume)
            self.addCleanup(end, process)
            wait_for(lambda: len(self.journal_lines()) > before + 1 or process.poll() is not None, "trials")
            self.assertIsNone(process.poll())
            process.kill()
            process.communicate(timeout=PATIENCE)
            resume = ["--resume"]
        self.assertGreaterEqual(kills, 10)
        kept = {trial["trial"]: trial for trial in map(json.loads, self.journal_lines()[1:-1])}
        self.run_program("run", "here.json", "--resume")
        record = self.record()
        trials = record["cases"][0]["trials"]
        self.assertEqual([trial["trial"] for trial in trials], list(range(1, 1501)))
        for trial in trials:
            if trial["trial"] in kept:
                self.assertEqual(trial["metrics"], kept[trial["trial"]]["metrics"])
        starts = [trial["start_s"] for trial in trials]
        self.assertEqual(starts, sorted(starts))
        self.assertLessEqual(starts[-1], record["duration_s"])
        self.assertEqual(self.left_behind(), [])

    def test_resume_of_a_run_that_lives(self):
        self.configuration(benchmark("testslow", params={"seconds": "100ms"}), suite={"trials": 20})
        process = self.start("run", "here.json")
        self.addCleanup(end, process)
        wait_for(lambda: len(self.journal_lines()) > 1, "a trial")
        _, err = self.run_program("run", "here.json", "--resume", status=2)
        self.assertIn("another run is writing the journal", err)
        process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 0)
        self.assertEqual(len(self.record()["cases"][0]["trials"]), 20)

    def mount(self):
        if os.geteuid() != 0:
            raise unittest.SkipTest("skipped: mounting needs root")
        self.output.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "none", self.output], capture_output=True, text=True)
        if done.returncode != 0:
            raise unittest.SkipTest(f"skipped: no tmpfs can be mounted: {done.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", self.output])

    def remount(self, how):
        subprocess.run(["mount", "-o", f"remount,{how}", self.output], check=True)

    def test_read_only_results(self):
        """Nothing is measured that could not be kept."""
        self.mount()
        self.remount("ro")
        self.configuration(benchmark("testgood"))
        _, err = self.run_program("run", "here.json", status=2)
        self.assertIn("Read-only file system", err)
        self.remount("rw")
        self.assertEqual(list(self.output.iterdir()), [])

    def assert_resumes(self, err, words, trials):
        self.assertIn(words, err)
        self.assertEqual(self.records(), [])
        for line in self.journal_lines():
            json.loads(line)
        self.run_program("run", "here.json", "--resume", "--scratch", self.folder)
        record = self.record()
        self.assertEqual((record["status"], len(record["cases"][0]["trials"])), ("ok", trials))
        self.assertEqual(self.left_behind(), [])

    def test_results_turn_read_only(self):
        """The run's open journal keeps a remount from happening; a file that cannot be changed is as good."""
        self.mount()
        self.configuration(benchmark("testslow", params={"seconds": "50ms"}), suite={"trials": 30})
        process = self.start("run", "here.json", "--scratch", self.folder)
        self.addCleanup(end, process)
        wait_for(lambda: len(self.journal_lines()) > 3, "trials")
        # Whole blocks are gone: ENOSPC for the journal's next line, and for the record.
        self.remount(f"size={sum(path.stat().st_blocks for path in self.output.iterdir()) * 512}")
        _, err = process.communicate(timeout=PATIENCE)
        if process.returncode == 0:
            self.skipTest("the lines that were left fitted")
        self.assertEqual(process.returncode, 1)
        self.remount("size=64m")
        self.assert_resumes(err, "No space left on device", 30)

    def test_disk_error_under_the_journal(self):
        self.configuration(benchmark("testgood"), suite={"trials": 10})
        for fault in ("eio:5", "enospc:5", "erofs:5"):
            with self.subTest(fault):
                shutil.rmtree(self.output, ignore_errors=True)
                options = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
                plain, self.environment = self.environment, dict(self.environment, LD_PRELOAD=str(FAKE_DISK),
                                                                 VMSUITE_FAKE_DISK=fault, ASAN_OPTIONS=options)
                _, err = self.run_program("run", "here.json", status=1)
                self.environment = plain
                # What had been measured is in a record, which says that it is not all.
                record = self.record()
                self.assertNotEqual(record["status"], "ok")
                for path in self.output.glob("*.json"):
                    path.unlink()
                words = {"eio": "Input/output error", "enospc": "No space left", "erofs": "Read-only"}
                self.assert_resumes(err, words[fault.split(":", 1)[0]], 10)

    def test_scratch_is_removed_under_the_run(self):
        """Its case says so, the others go on, and the run ends."""
        place = self.folder / "scratch"
        place.mkdir()
        self.configuration(benchmark("block", params={"file_size": "16MiB"}, deadline=20), benchmark("testgood"),
                           benchmark("testslow", params={"seconds": "300ms"}), suite={"trials": 5, "order": "sequential"})
        process = self.start("run", "here.json", "--scratch", place)
        self.addCleanup(end, process)
        wait_for(lambda: any(place.glob("*/case-*")), "the case's folder")
        for folder in place.iterdir():
            shutil.rmtree(folder, ignore_errors=True)
        below = descendants(process.pid)
        _, err = process.communicate(timeout=PATIENCE)
        self.assertIn(process.returncode, (0, 1), err)
        self.assertFalse(any(is_alive(pid) for pid in below))
        cases = self.record()["cases"]
        if process.returncode == 1:
            self.assertTrue(cases[0]["reason"])
        self.assertEqual(cases[1]["status"], "ok")
        if cases[2]["status"] != "ok":  # it wants a scratch folder of its own
            self.assertIn(str(place), cases[2]["reason"])
        self.assertEqual(self.left_behind(), [])

    @unittest.skipUnless(os.geteuid() == 0, "needs root, and a neighbour")
    def test_neighbour_moves_the_scratch_folder(self):
        """Who may rename what stands in a shared place puts a folder of links where the run's was: what they lead to is
        not written, and the run goes on in its own."""
        self.folder.chmod(0o711)
        place, victim = self.folder / "shared", self.folder / "victim"
        place.mkdir()
        place.chmod(0o777)
        victim.mkdir()
        (victim / "left").write_text("precious")
        before = victim.stat().st_mtime_ns
        self.configuration(benchmark("testslow", params={"seconds": "300ms"}),
                           benchmark("testslow", group="again", params={"seconds": "10ms"}),
                           benchmark("block", params={"file_size": "1MiB"}),
                           suite={"trials": 3, "order": "sequential"})
        process = self.start("run", "here.json", "--scratch", place)
        self.addCleanup(end, process)
        wait_for(lambda: any(place.glob("*/case-1/left")), "the first trial")
        subprocess.run(["sh", "-ec", "own=$(ls -d .vmsuite-scratch-*); mv $own aside; mkdir -m 755 $own; "
                        "for n in 1 2 3 4; do ln -s ../../victim $own/case-$n; done"], cwd=place, user=65534, check=True)
        _, err = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 0, err)
        self.assertEqual([case["status"] for case in self.record()["cases"]], ["ok"] * 3)
        self.assertEqual((victim / "left").read_text(), "precious")
        self.assertEqual([path.name for path in victim.iterdir()], ["left"])
        self.assertEqual(victim.stat().st_mtime_ns, before)

    def test_terminal_that_goes_away(self):
        """SIGHUP ends the run in order, as SIGTERM does."""
        self.configuration(benchmark("testslow", params={"seconds": "50ms"}), suite={"trials": 50})
        process = self.start("run", "here.json")
        self.addCleanup(end, process)
        wait_for(lambda: len(self.journal_lines()) > 2, "trials")
        process.send_signal(signal.SIGHUP)
        process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 130)
        self.run_program("run", "here.json", "--resume")


if __name__ == "__main__":
    main()
