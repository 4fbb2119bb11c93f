# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole studies of tiny guests: one that fails among others, one that is interrupted and gone on with, and the
deterministic gate. Exit 77: skipped, the reason is told."""
import json
import pathlib
import signal
import subprocess

import guests
import harness

SUITE = {"suite": "tiny", "trials": 2, "warmup": 0, "benchmarks": [
    {"group": "cpu", "module": "linpack",
     "params": {"n": 100, "precision": "single", "solver": "reference", "isa": "baseline", "seconds": "20ms"}},
    {"group": "calls", "module": "cpu", "params": {"what": "system_call", "samples": 100}}]}


def guest(name, options=None, **settings):
    settings["options"] = " ".join([guests.NO_TIMER_CHECK, *filter(None, [options])])
    return {"configuration": name, "expect": {"virtualization": "qemu"},
            "guest": {"launcher": "qemu-tcg", "network": "none", "deadline": "400s", **guests.KERNEL, **settings}}


class Study(guests.Case):
    def path(self, *names):
        return pathlib.Path(self.folder, *names)

    def write(self, *configurations, **keys):
        path = self.path("tiny.json")
        path.write_text(json.dumps({"study": "tiny", "suite": SUITE, "seed": 1, "clocks": ["real-time"],
                                    "configurations": configurations, **keys}))
        return path

    def start_study(self, *arguments):
        process = subprocess.Popen([harness.PROGRAM, "study", *map(str, arguments)], env=self.environment,
                                   cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(harness.end, process)
        return process

    def study(self, *arguments, status=0):
        process = self.start_study(*arguments)
        out, err = process.communicate(timeout=guests.PATIENCE)
        self.assertEqual(process.returncode, status, out + err)
        return out, err

    def records(self):
        return sorted(self.path("out", "real-time").glob("*.json"))

    def test_a_guest_that_fails_does_not_end_the_study(self):
        path = self.write(guest("virtio"), guest("imitated", devices="emulated"),
                          guest("panics", options="rdinit=/nowhere root=/dev/none"), rounds=2)
        plan, _ = self.study("--config", path, "--dry-run")
        self.assertIn("3 configurations", plan)
        self.assertIn("real time: 2 rounds", plan)
        _, err = self.study("--config", path, "--output", "out", status=1)
        self.assertIn("kernel panic: ", err)
        self.assertIn("panics           real time            0 of 2 boots measured, the others FAILED", err)
        self.assertEqual([record.name.split("-")[0] for record in self.records()], ["imitated"] * 2 + ["virtio"] * 2, err)
        comparison = json.loads((self.path("out", "real-time-comparison.json")).read_text())
        self.assertEqual([(side["configuration"], side["runs"]) for side in comparison["sides"]],
                         [("virtio (emulated hardware)", 2), ("imitated (emulated hardware)", 2)])
        self.assertTrue(all(side["emulated_hardware"] for side in comparison["sides"]))
        for name in ("real-time-comparison.txt", "real-time-comparison.md", "real-time-report.html"):
            self.assertIn("imitated (emulated hardware)", (self.path("out", name)).read_text())
        lives = self.path("out", "real-time-boots.txt").read_text()
        for name in ("virtio", "imitated"):
            self.assertRegex(lives, rf"stop, from .*:\n(?:.*\n)?  {name} +[0-9.]*[1-9][0-9.]* s \(", "it takes no 0.0 s")
        self.check_resume(path)

    def check_resume(self, path):
        """Only what is not there whole is booted again."""
        cut, *kept = self.records()
        cut.write_text(cut.read_text()[:-100])
        _, err = self.study("--config", path, "--output", "out", status=2)
        self.assertIn("continue it with --resume", err)
        _, err = self.study("--config", path, "--suite", "machine", "--output", "out", "--resume", status=2)
        self.assertIn("was begun with another suite", err)
        _, err = self.study("--output", "out", "--resume", status=1)
        self.assertEqual(err.count(": ok after"), 1, err)
        self.assertIn("imitated         real time            2 of 2 boots measured (1 before)", err)
        self.assertEqual(len(self.records()), 5)
        for record in kept:
            self.assertTrue(record.exists())

    def test_an_interrupted_study_keeps_its_records(self):
        path = self.write(guest("one"), guest("two"), rounds=1)
        process = self.start_study("--config", path, "--output", "out")
        for line in process.stderr:
            if line.startswith("[2/2]"):
                process.send_signal(signal.SIGINT)
                break
        _, err = process.communicate(timeout=guests.PATIENCE)
        self.assertEqual(process.returncode, 130, err)
        self.assertIn("--resume --output out", err)
        first = self.records()
        self.assertEqual(len(first), 1)
        _, err = self.study("--config", path, "--output", "out", "--resume")
        self.assertEqual(err.count(": ok after"), 1, err)
        self.assertEqual(len(self.records()), 2)
        self.assertIn(first[0], self.records())
        self.check_nothing_left()

    def test_the_deterministic_gate(self):
        path = self.write(guest("plain"), clocks=["instructions"])
        self.study("--config", path, "--output", "base", "--deterministic")
        baseline = json.loads((self.path("base", "baseline.json")).read_text())
        figures = {figure["metric"]: figure for figure in baseline["configurations"][0]["figures"]}
        self.assertIsNotNone(figures["system_call"]["tolerance"])
        self.assertIsNone(figures["residual"]["tolerance"])
        out, _ = self.study("--config", path, "--output", "out", "--deterministic", "--baseline",
                            "base/baseline.json")
        self.assertIn("deterministic gate passed", out)
        # Another option of the guest's kernel does other work in each system call.
        path = self.write(guest("plain", options="randomize_kstack_offset=off"), clocks=["instructions"])
        out, _ = self.study("--config", path, "--output", "other", "--deterministic", "--baseline",
                            "base/baseline.json", status=1)
        self.assertIn("CHANGED  plain: calls system_call", out)
        self.assertIn("randomize_kstack_offset=off", out)
        _, err = self.study("--config", path, "--suite", "quick", "--output", "no", "--deterministic",
                            "--baseline", "base/baseline.json", status=2)
        self.assertIn("is of suite \"tiny\"", err)
        self.assertFalse((self.path("no")).exists())

    def test_mistakes_are_told_before_anything_is_booted(self):
        path = self.write(guest("one", vcpus=0), guest("two", launcher="qemu-tgc"))
        _, err = self.study("--config", path, "--output", "out", status=2)
        self.assertIn("$.configurations[0].guest.vcpus: must be from 1 to 256, not 0", err)
        self.assertIn('not "qemu-tgc"; did you mean', err)
        self.assertIn("not \"qemu-tgc\"; did you mean \"qemu-tcg\"?",
                      self.study("--kinds", "qemu-tgc", status=2)[1])
        self.assertIn("--kinds, or a study's file", self.study(status=2)[1])
        self.assertIn("measures several places at the same time",
                      self.study("--kinds", "here", "--suite", "neighbours", status=2)[1])
        self.assertFalse((self.path("out")).exists())


if __name__ == "__main__":
    guests.main()
