# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped CI job: it passes where nothing changed, fails where it got slower, and writes a summary."""
import subprocess

from harness import PROGRAM, SOURCE, Case, benchmark, main


class Gate(Case):
    def gate(self, *arguments, status):
        summary = self.folder / "summary.md"
        environment = dict(self.environment, PATH=f"{PROGRAM.parent}:{self.environment['PATH']}",
                           SUMMARY=str(summary), RUNS="2")
        done = subprocess.run([SOURCE / "results" / "ci" / "gate.sh", *map(str, arguments)], cwd=self.folder,
                              env=environment, capture_output=True, text=True)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr, summary.read_text() if summary.exists() else ""

    def test_same_slower_and_wrong_use(self):
        # A module that measures nothing: what is the same is the same beside any load.
        same = self.configuration(benchmark("testgood", params={"value": 1000}), name="same", suite={"trials": 10})
        self.run_program("run", same, "--output", "baseline")
        baseline = next((self.folder / "baseline").glob("*.json"))
        _, summary = self.gate(baseline, "--", same, status=0)
        self.assertIn("|", summary)
        # A baseline that was a hundred times as fast, and steady.
        faster = self.record("baseline")
        for trial in faster["cases"][0]["trials"]:
            trial["metrics"][0]["value"] = 100000 * (1 + 0.001 * trial["trial"])
            trial["flags"] = []
        self.gate(self.write("faster.json", faster), "--", same, status=1)
        out, _ = self.gate("absent.json", "--", same, status=2)
        self.assertIn("absent.json", out)


if __name__ == "__main__":
    main()
