# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job with modules that behave and modules that do not."""
import fcntl
import json
import os
import pty
import re
import statistics
import struct
import subprocess
import termios

from harness import PROGRAM, Case, benchmark, main


class Run(Case):
    def test_good(self):
        self.configuration(benchmark("testgood", params={"value": [10, 20]}), name="good")
        out, err = self.run_program("run", "good.json")
        record = self.record()
        self.assertRegex(out, r"testgood value 10 +speed +10\.00 /s")
        self.assertIn("record: vmsuite-results/good-", err)
        self.assertEqual(record["configuration"], "good")
        self.assertEqual(record["status"], "ok")
        self.assertEqual([case["params"]["value"] for case in record["cases"]], [10, 20])
        for case in record["cases"]:
            self.assertEqual([trial["trial"] for trial in case["trials"]], [1, 2, 3])
            self.assertEqual(case["summary"][0]["mean"], case["params"]["value"])
        self.assertEqual(sorted(trial["order"] for case in record["cases"] for trial in case["trials"]),
                         [1, 2, 3, 4, 5, 6])
        self.assertEqual(self.left_behind(), [])

    def test_one_bad_module_costs_one_case(self):
        bad = {"testcrash": "crashed", "testabort": "crashed", "testhang": "timeout", "testnonsense": "failed",
               "testfail": "failed", "testunsupported": "unsupported"}
        self.configuration(benchmark("testgood"),
                           *[benchmark(name, deadline=1) for name in bad])
        _, err = self.run_program("run", "here.json", status=1)
        cases = {case["module"]: case for case in self.record()["cases"]}
        self.assertEqual({name: case["status"] for name, case in cases.items()}, {"testgood": "ok", **bad})
        self.assertEqual(len(cases["testgood"]["trials"]), 3)
        for name in bad:
            self.assertTrue(cases[name]["reason"], name)
        self.assertRegex(cases["testcrash"]["reason"], "signal 11|ended by itself")
        self.assertRegex(cases["testabort"]["reason"], "status 3")
        self.assertIn("deadline of 1 s", cases["testhang"]["reason"])
        self.assertIn("finite", cases["testnonsense"]["reason"])
        self.assertIn("failed as it was told to", cases["testfail"]["reason"])
        # A failed trial has no value; the good ones beside it are kept.
        values = {trial["status"]: trial["metrics"] for trial in cases["testfail"]["trials"]}
        self.assertEqual(values["failed"], [])
        self.assertEqual(self.left_behind(), [])

    def test_the_idle_machine_is_watched_between_trials(self):
        """After five seconds there is time for it: here before the second case, beside before the first and after the last."""
        self.configuration(benchmark("testslow", params={"seconds": "5.5s"}), benchmark("testgood"),
                           suite={"trials": 1, "order": "sequential"})
        self.run_program("run", "here.json")
        environment = self.record()["environment"]
        found = {moment: {fact["fact"]: fact["value"] for fact in environment[moment]["facts"]}
                 for moment in ("before", "after")}
        self.assertEqual([found[moment]["load.watches"] for moment in ("before", "after")], [1, 2])
        self.assertGreaterEqual(found["after"]["load.watched_s"], 0.1)
        self.assertLess(found["after"]["load.stalled"], 1)

    def test_unsupported_alone_is_no_failure(self):
        self.configuration(benchmark("testunsupported"), benchmark("testgood"))
        self.run_program("run", "here.json")

    def test_record_to_stdout(self):
        self.configuration(benchmark("testgood"))
        out, _ = self.run_program("run", "here.json", "--output", "-")
        self.assertEqual(json.loads(out)["cases"][0]["module"], "testgood")
        self.assertFalse((self.folder / "vmsuite-results").exists())

    def test_table_to_stdout(self):
        """The table is for pipes; warnings and the record's name are not, and programs have stdout to themselves."""
        self.configuration(benchmark("testgood"))
        out, err = self.run_program("run", "here.json")
        self.assertIn("testgood", out)
        self.assertNotIn("record: ", out)
        self.assertIn("record: ", err)
        self.assertNotIn("mean, 95% interval", err)
        self.assertEqual(self.run_program("run", "here.json", "--quiet")[0], "")
        out, err = self.run_program("run", "here.json", "--progress", "json")
        for line in out.splitlines():
            json.loads(line)
        self.assertIn("mean, 95% interval", err)
        _, err = self.run_program("run", "here.json", "--details")
        self.assertNotIn("--details", err)

    def test_packed_record_is_read_by_all_commands(self):
        self.configuration(benchmark("testgood", params={"value": [10, 20]}))
        self.run_program("run", "here.json", "--compress", "--output", "a")
        self.run_program("run", "here.json", "--output", "b")
        packed, plain = next((self.folder / "a").glob("*.json.zst")), next((self.folder / "b").glob("*.json"))
        self.assertEqual(list((self.folder / "a").iterdir()), [packed])
        self.assertEqual(packed.read_bytes()[:4], b"\x28\xb5\x2f\xfd")
        self.run_program("check", packed)
        lines = self.run_program("export", "--format", "jsonl", packed)[0].splitlines()
        self.assertEqual(sorted(json.loads(line)["value"] for line in lines), [10.0] * 3 + [20.0] * 3)
        self.run_program("compare", packed, plain)
        self.run_program("report", packed, plain, "-o", "report.html")
        packed.write_bytes(packed.read_bytes()[:-20])
        _, err = self.run_program("export", "--format", "jsonl", packed, status=1)
        self.assertIn("cut short", err)
        self.run_program("run", "here.json", "--compress", "--output", "-", status=2)

    def test_progress_as_json_lines(self):
        self.configuration(benchmark("testgood"))
        out, _ = self.run_program("run", "here.json", "--progress=json", "--trials", "2")
        lines = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([line["event"] for line in lines], ["begin", "trial", "trial", "end"])
        self.assertEqual((lines[0]["cases"], lines[0]["trials"]), (1, 2))
        self.assertGreater(lines[0]["estimate_s"], 0)
        self.assertEqual(lines[-1]["status"], "ok")

    def test_quiet(self):
        self.configuration(benchmark("testgood"))
        self.assertEqual(self.run_program("run", "here.json", "--quiet"), ("", ""))

    def on_terminal(self, *arguments, columns=100):
        """What the program writes to a terminal, and its exit status."""
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = subprocess.Popen([PROGRAM, *map(str, arguments)], env=self.environment, cwd=self.folder,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs)
        os.close(theirs)
        seen = b""
        while True:
            try:
                piece = os.read(ours, 4096)
            except OSError:  # nobody writes any more
                break
            if not piece:
                break
            seen += piece
        return seen.decode(), process.wait(60)

    def test_live_line(self):
        """It names what goes on, its clock moves, and the time left is there from the start and falls."""
        self.configuration(benchmark("testrogue", params={"deed": "hangs_in_prepare"}, deadline=3),
                           benchmark("testslow", params={"seconds": "2s"}),
                           suite={"trials": 2, "warmup": 1, "order": "sequential"})
        seen, status = self.on_terminal("run", "here.json")
        self.assertEqual(status, 1)
        lines = seen.split("\r\x1b[K")
        for words in ("preparing cpu, 1 s", "preparing cpu, 2 s", "warm-up 1 of 1, 1 s", "trial 1 of 2, 1 s",
                      "trial 2 of 2, 1 s"):
            self.assertTrue(any(words in line for line in lines), (words, lines))
        self.assertRegex(lines[1], r"^\[1/4\] [1-9][0-9]* s left; case 1 of 2 testrogue: ")
        left = [int(re.match(r"\[\d/4\] (\d+) s left", line).group(1)) for line in lines if " s left" in line]
        self.assertLess(left[-1], left[0])
        narrow, _ = self.on_terminal("run", "here.json", columns=40)
        self.assertTrue(all(len(line) < 40 for line in narrow.split("\r\x1b[K")[1:-1]))

    def test_dry_run_tells_what_it_costs(self):
        self.configuration(benchmark("testhold", params={"memory": "2GB"}))
        out, _ = self.run_program("run", "here.json", "--dry-run")
        self.assertRegex(out, r"1 case, 3 trials; estimated: \d+ s, 0 B of disk and 2\.0 GB of memory at the most, 0 B of traffic")

    def test_dry_run_foresees_what_is_refused(self):
        """A case that its module refuses here is named with the reason, and the run says the same."""
        self.configuration(benchmark("testgood"), {"group": "memory", "module": "stream", "params": {"memory_limit": "64KiB"}},
                           {"group": "fits", "module": "stream", "params": {"array_size": "1MiB", "memory_limit": "3MiB"}})
        reason = (r"three arrays of \d+ bytes need \d+ bytes, and less would be measured in the caches; "
                  r"memory_limit is 65536: give a larger one")
        out, _ = self.run_program("run", "here.json", "--dry-run")
        self.assertEqual(re.findall(r"^Case .* will not be measured here: .*$", out, re.M),
                         re.findall(rf"^Case 2 \(memory, stream\) will not be measured here: {reason}\.$", out, re.M))
        self.assertIn("will not be measured", out)
        self.assertIn("3.1 MB of memory at the most", out)
        self.run_program("run", "here.json", "--progress", "none")
        good, memory, fits = self.record()["cases"]
        self.assertEqual([case["status"] for case in (good, memory, fits)], ["ok", "unsupported", "ok"])
        self.assertRegex(memory["reason"], reason)

    def test_quick_is_bounded(self):
        """Whatever the caches of this machine are: 1 GB of memory and a minute."""
        out, _ = self.run_program("run", "--suite", "quick", "--dry-run")
        seconds, memory, unit = re.search(r"estimated: (\d+) s, .* and ([\d.]+) ([MG])B of memory at the most", out).groups()
        self.assertLessEqual(int(seconds), 60)
        self.assertLessEqual(float(memory) * {"M": 1e6, "G": 1e9}[unit], 1e9)
        self.assertIn("memory_limit=1GB", out)

    def test_plain_progress_is_a_line_per_case(self):
        self.configuration(benchmark("testgood", params={"value": [1, 2, 3]}))
        _, err = self.run_program("run", "here.json")
        self.assertRegex(err, r"case 1 of 3, testgood \(testgood\): 3 of 3 trials ok, last 1(\.000)? ")
        self.assertEqual(sum(line.startswith("case ") for line in err.splitlines()), 3)
        self.assertRegex(err.splitlines()[0], r"^3 cases, 9 trials: about \d+ s$")

    def test_order_follows_the_seed(self):
        self.configuration(benchmark("testgood", params={"value": list(range(1, 9))}))
        orders = []
        for output, seed in (("a", 5), ("b", 5), ("c", 6)):
            self.run_program("run", "here.json", "--output", output, "--seed", seed)
            orders.append([[trial["order"] for trial in case["trials"]] for case in self.record(output)["cases"]])
        self.assertEqual(orders[0], orders[1])
        self.assertNotEqual(orders[0], orders[2])

    def test_sequential(self):
        self.configuration(benchmark("testgood", params={"value": [1, 2]}), suite={"order": "sequential"})
        self.run_program("run", "here.json")
        self.assertEqual([[trial["order"] for trial in case["trials"]] for case in self.record()["cases"]],
                         [[1, 2, 3], [4, 5, 6]])

    def test_only_and_trials(self):
        self.configuration(benchmark("testgood", group="one"), benchmark("testgood", group="two"))
        self.run_program("run", "here.json", "--only", "o*", "--trials", "1")
        record = self.record()
        self.assertEqual([(case["group"], len(case["trials"])) for case in record["cases"]], [("one", 1)])

    def test_affinity(self):
        self.configuration(benchmark("testgood", cpus="0"), benchmark("testgood", group="none", cpus="1023"))
        self.run_program("run", "here.json", status=1)
        cases = self.record()["cases"]
        self.assertEqual(cases[0]["status"], "ok")
        self.assertIn("processors 1023", cases[1]["reason"])

    def test_waiting_processes_leave_memory_to_the_next(self):
        """What holds little is kept between its trials; of four that hold more than the machine has, none is."""
        self.configuration(benchmark("testhold", group="small", params={"memory": ["1KiB", "2KiB"]}),
                           benchmark("testhold", group="large", params={"memory": ["1TiB", "2TiB", "3TiB", "4TiB"]}))
        self.run_program("run", "here.json")
        for case in self.record()["cases"]:
            values = [trial["metrics"][0]["value"] for trial in case["trials"]]
            if case["group"] == "small":
                self.assertEqual(values, [1, 2, 3])
            else:
                self.assertLess(max(values), 3)  # the last of a round may be the first of the next

    def test_several_configurations(self):
        self.configuration(benchmark("testgood"), name="one")
        self.configuration(benchmark("testgood"), name="two")
        self.run_program("run", "--config", "one.json", "--config", "two.json")
        self.assertEqual([record["configuration"] for record in self.records()], ["one", "two"])

    def test_summary_against_python(self):
        """n, mean, sd and CV as Python's statistics module has them, to 1e-9."""
        self.configuration(benchmark("testslow", params={"seconds": "5ms"}), suite={"trials": 10})
        self.run_program("run", "here.json")
        case = self.record()["cases"][0]
        values = [trial["metrics"][0]["value"] for trial in case["trials"]]
        summary = case["summary"][0]
        mean, sd = statistics.fmean(values), statistics.stdev(values)
        self.assertEqual(summary["n"], 10)
        self.assertAlmostEqual(summary["mean"] / mean, 1, delta=1e-9)
        self.assertAlmostEqual(summary["sd"] / sd, 1, delta=1e-9)
        self.assertAlmostEqual(summary["cv"] / (sd / mean), 1, delta=1e-9)

    def test_check_knows_a_record_that_was_changed(self):
        self.configuration(benchmark("testgood"))
        self.run_program("run", "here.json")
        path = next((self.folder / "vmsuite-results").glob("*.json"))
        self.run_program("check", path)
        record = json.loads(path.read_text())
        record["cases"][0]["trials"][0]["metrics"][0]["value"] += 1
        out, _ = self.run_program("check", self.write("changed.json", record), status=2)
        self.assertIn('summary[0]: "mean" is not what the values give', out)


if __name__ == "__main__":
    main()
