# SPDX-License-Identifier: GPL-3.0-or-later
"""A full disk under the journal, the record or the scratch: a clear error, and nothing torn."""
import json
import os
import subprocess
import unittest

from harness import Case, benchmark, main


class FullDisk(Case):
    def small_disk(self, size="256k"):
        if os.geteuid() != 0:
            raise unittest.SkipTest("skipped: mounting a small tmpfs needs root")
        place = self.folder / "small"
        place.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", place], capture_output=True,
                              text=True)
        if done.returncode != 0:
            raise unittest.SkipTest(f"skipped: no tmpfs can be mounted: {done.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", place])
        return place

    def test_scratch_is_full(self):
        place = self.small_disk()
        self.configuration(benchmark("block", params={"file_size": "1MiB"}), benchmark("testgood"))
        self.run_program("run", "here.json", "--scratch", place, status=1)
        cases = self.record()["cases"]
        self.assertEqual(cases[0]["status"], "failed")
        self.assertIn("space", cases[0]["reason"].lower())
        self.assertEqual(cases[1]["status"], "ok")
        self.assertEqual(os.listdir(place), [])

    def test_journal_does_not_fit(self):
        place = self.small_disk()
        self.configuration(benchmark("testgood", trials=2000))
        _, err = self.run_program("run", "here.json", "--output", place, "--scratch", self.folder, status=1)
        self.assertIn("No space left on device", err)
        self.assert_whole(place)
        # The line that did not fit is taken back, and none before it.
        header, *trials = next(place.glob("*.journal.jsonl")).read_text().splitlines(keepends=True)
        self.assertTrue(trials and trials[-1].endswith("\n"))
        subprocess.run(["mount", "-o", "remount,size=64m", place], check=True)
        self.run_program("run", "here.json", "--output", place, "--scratch", self.folder, "--resume")
        record = self.record(place)
        self.assertEqual(record["run_id"], json.loads(header)["run_id"])
        self.assertEqual([trial["trial"] for trial in record["cases"][0]["trials"]], list(range(1, 2001)))
        for line, trial in zip(trials, record["cases"][0]["trials"]):
            self.assertEqual(json.loads(line)["metrics"], trial["metrics"])

    def test_record_does_not_fit(self):
        place = self.small_disk("400k")
        self.configuration(benchmark("testgood", trials=1000))
        _, err = self.run_program("run", "here.json", "--output", place, "--scratch", self.folder, status=1)
        self.assertIn("space", err)
        self.assert_whole(place)
        # Room is made: the run's end is all that is left to do.
        subprocess.run(["mount", "-o", "remount,size=64m", place], check=True)
        self.run_program("run", "here.json", "--output", place, "--scratch", self.folder, "--resume")
        self.assertEqual(len(self.record(place)["cases"][0]["trials"]), 1000)
        self.assertEqual(self.left_behind(place), [])

    def assert_whole(self, place):
        """No torn record; the journal is kept, and its lines but the last are whole."""
        self.assertEqual(self.records(place), [])
        journal = next(place.glob("*.journal.jsonl")).read_text().splitlines()
        for line in journal[:-1]:
            json.loads(line)
        self.assertEqual([path.suffix for path in place.iterdir()], [".jsonl"])


if __name__ == "__main__":
    main()
