# SPDX-License-Identifier: GPL-3.0-or-later
"""The wall clock is set while a run goes on, between a run and its --resume, and stands in other centuries."""
import datetime
import json
import os
import signal

from harness import BUILD, Case, benchmark, end, main, wait_for

LIBRARY = BUILD / "tests" / "fakes" / "libfake-clock.so"
DAY = 86400
YEAR = 365 * DAY


class Clocks(Case):
    def setUp(self):
        super().setUp()
        self.plain = self.environment

    def set_clock(self, *shifts):
        options = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
        self.environment = dict(self.plain, LD_PRELOAD=str(LIBRARY), ASAN_OPTIONS=options,
                                VMSUITE_FAKE_CLOCK=":".join(map(str, shifts)))

    def assert_sound(self, record, longest=60):
        self.assertEqual(record["status"], "ok")
        self.assertGreaterEqual(record["duration_s"], 0)
        self.assertLess(record["duration_s"], longest)
        for case in record["cases"]:
            for trial in case["trials"]:
                self.assertGreaterEqual(trial["start_s"], 0)
                self.assertGreaterEqual(trial["duration_s"], 0)
                self.assertLessEqual(trial["start_s"] + trial["duration_s"], record["duration_s"] + 1e-6)
        path = next((self.folder / "vmsuite-results").glob("*.json"))
        self.environment = self.plain
        self.run_program("check", path)

    def test_back_and_forth_at_every_reading(self):
        self.set_clock(0, -DAY, 30 * DAY, -5 * DAY)
        self.configuration(benchmark("testslow", params={"seconds": "20ms"}), benchmark("testecho"))
        self.run_program("run", "here.json")
        self.assert_sound(self.record())

    def interrupt(self):
        """A run that ends after some trials; their ends by the journal, and its file."""
        self.configuration(benchmark("testslow", params={"seconds": "50ms"}), suite={"trials": 20})
        process = self.start("run", "here.json")
        self.addCleanup(end, process)
        output = self.folder / "vmsuite-results"

        def lines():
            return [line for path in output.glob("*.journal.jsonl") for line in path.read_text().splitlines()]

        wait_for(lambda: len(lines()) > 5, "trials")
        process.send_signal(signal.SIGKILL)
        process.communicate()
        trials = [json.loads(line) for line in lines()[1:]]
        return max(trial["start_s"] + trial["duration_s"] for trial in trials), next(output.glob("*.journal.jsonl"))

    def resume(self, last_s):
        self.run_program("run", "here.json", "--resume")
        record = self.record()
        self.assertGreaterEqual(record["duration_s"], last_s)
        starts = sorted((trial["order"], trial["start_s"]) for trial in record["cases"][0]["trials"])
        self.assertEqual([start for _, start in starts], sorted(start for _, start in starts))
        self.assert_sound(record)

    def test_set_back_before_a_resume(self):
        last_s, _ = self.interrupt()
        self.set_clock(-DAY)
        self.resume(last_s)

    def test_set_forth_before_a_resume(self):
        last_s, _ = self.interrupt()
        self.set_clock(30 * DAY)
        self.resume(last_s)

    def test_the_newest_of_two_is_resumed(self):
        """By the clock of the boot: the older run has the later time of day in its name."""
        self.set_clock(30 * DAY)
        _, first = self.interrupt()
        hidden = first.rename(first.with_suffix(".aside"))
        self.set_clock(0)
        last_s, second = self.interrupt()
        hidden.rename(first)
        self.assertGreater(first.name, second.name)
        self.resume(last_s)
        self.assertFalse(second.exists())
        self.assertTrue(first.exists())

    def test_booted_before_a_resume(self):
        """Then the clock of the boot says nothing, and the journal's own times count."""
        last_s, journal = self.interrupt()
        header, *rest = journal.read_text().splitlines()
        header = dict(json.loads(header), boot_id="00000000-0000-4000-8000-000000000000", boot_s=1e9)
        journal.write_text("\n".join([json.dumps(header), *rest]) + "\n")
        self.resume(last_s)

    def test_other_centuries(self):
        """2043 was once the last year in which a peer's message was taken; 2262 is that of 64-bit nanoseconds."""
        now = datetime.datetime.now(datetime.timezone.utc).year
        for year in (1930, 2050, 2200, 2300):
            with self.subTest(year):
                output = self.folder / "vmsuite-results"
                for path in output.glob("*.json") if output.exists() else ():
                    path.unlink()
                self.set_clock((year - now) * YEAR)
                self.configuration(benchmark("testecho"))
                self.run_program("run", "here.json")
                record = self.record()
                self.assertLess(abs(int(record["started_at"][:4]) - year), 3)
                clock = record["cases"][0]["trials"][0]["clock"]
                if year < 2262:
                    self.assertLess(abs(clock["offset_s"]), 1)
                else:
                    self.assertIsNone(clock["offset_s"])
                self.assert_sound(record)

    def test_check_refuses_what_lasted_less_than_nothing(self):
        self.configuration(benchmark("testgood"))
        self.run_program("run", "here.json")
        for spoil in ((lambda record: record), (lambda record: record["cases"][0]["trials"][1])):
            record = self.record()
            spoil(record)["duration_s"] = -86397
            out, _ = self.run_program("check", self.write("spoilt.txt", record), status=2)
            self.assertRegex(out, r'duration_s\b.*-86397\b.*: a duration is not negative')


if __name__ == "__main__":
    main()
