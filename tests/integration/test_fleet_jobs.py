# SPDX-License-Identifier: GPL-3.0-or-later
"""What `vmsuite fleet` asks of Slurm, what its jobs do and what is made of that: with tools that note how they were called
in the place of Slurm's own."""
import json
import os
import subprocess
import unittest

from harness import PATIENCE, PROGRAM, SANITIZER, Case, benchmark, main
from slurm_tools import make_tools


class FleetJobs(Case):
    def setUp(self):
        super().setUp()
        self.tools, self.fleet = make_tools(self, "n1", "n2", "n3"), self.folder / "fleet"
        self.configuration(benchmark("testgood", trials=2))

    def said(self, name):
        return (self.tools / name).read_text().splitlines()

    def submit(self, *arguments, program=PROGRAM, status=0):
        return self.run_program("fleet", "submit", "--nodes", "n[1-3]", "--config", "here.json", "--program", program, *arguments,
                                self.fleet, status=status)[1]

    def arguments(self, node, program=PROGRAM, more=()):
        name = json.loads((self.fleet / "fleet.json").read_text())["name"]
        return [*more, "--parsable", "--no-requeue", "--exclusive", "--open-mode=append", "--nodes=1", "--ntasks=1",
                f"--job-name={name}", f"--comment={node}", f"--nodelist={node}", f"--output={self.fleet}/logs/{node}.log",
                f"{self.fleet}/job.sh", str(self.fleet), node, str(program), "run", "--quiet", f"--config={self.fleet}/configuration.json",
                f"--output={self.fleet}/records/{node}", f"--label=node={node}"]

    def job(self, number, status=0):
        """Runs a job as Slurm does: its script, with what follows it."""
        said = self.said(f"sbatch.{number}")
        script = said.index(f"{self.fleet}/job.sh")
        done = subprocess.run(["/bin/sh", *said[script:]], env=self.environment | {"SLURM_JOB_ID": str(number)}, cwd=self.folder,
                              capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, status, done.stderr)

    def states(self, status):
        out, _ = self.run_program("fleet", "status", self.fleet, status=status)
        return out.splitlines()

    def test_what_is_submitted(self):
        err = self.submit("--trials", "7", "--sbatch=--time=1:00:00", "--sbatch=--partition=all")
        self.assertIn("3 of 3 nodes submitted", err)
        self.assertEqual(self.said("scontrol.said"), ["show", "hostnames", "n[1-3]"])
        description = json.loads((self.fleet / "fleet.json").read_text())
        self.assertRegex(description["name"], r"^vmsuite-[0-9a-f]{8}$")
        self.assertEqual(description, {"schema": "vmsuite.fleet-jobs/1", "name": description["name"], "configuration": "here",
                                       "program": str(PROGRAM), "nodes": ["n1", "n2", "n3"]})
        self.assertEqual(self.said("squeue.said"), ["--noheader", "--states=all", "--format=%i|%T|%k|%r",
                                                    f"--name={description['name']}", f"--user={os.getuid()}"])
        for number, node in ((41, "n1"), (42, "n2"), (43, "n3")):
            self.assertEqual(self.said(f"sbatch.{number}"), self.arguments(node, more=["--time=1:00:00", "--partition=all"]))
            self.assertEqual((self.fleet / "jobs" / node).read_text(), f"{number}\n")
            self.assertTrue((self.fleet / "records" / node).is_dir())
        configuration = json.loads((self.fleet / "configuration.json").read_text())
        self.assertEqual((configuration["configuration"], configuration["suite"]["benchmarks"][0]["module"]), ("here", "testgood"))
        self.assertEqual(sorted(path.name for path in self.fleet.iterdir()),
                         ["configuration.json", "ended", "fleet.json", "job.sh", "jobs", "lock", "logs", "records"])

    def test_jobs_and_what_they_leave(self):
        self.submit("--trials", "3")
        self.job(41)
        self.assertEqual((self.fleet / "ended" / "n1").read_text(), "41 0\n")
        self.write("tools/queue", "42|PENDING|n2|Resources\n43|TIMEOUT|n3|None\n")
        self.assertEqual(self.states(1), ["n1 done", "n2 waiting: Resources", "n3 failed: its job ended as TIMEOUT: see logs/n3.log",
                                          "1 waiting, 1 done, 1 failed"])
        out, err = self.run_program("fleet", "collect", self.fleet, status=1)
        self.assertIn("node n2 gave no record: it is waiting: Resources\nnode n3 gave no record: its job ended as TIMEOUT", out)
        self.assertIn(f"report: {self.fleet}/report.html", err)
        comparison = json.loads((self.fleet / "comparison.json").read_text())
        self.assertEqual(comparison["hosts"], [{"name": "n1", "runs": [1]}])
        self.assertEqual(comparison["lost"], [{"host": "n2", "reason": "it is waiting: Resources"},
                                              {"host": "n3", "reason": "its job ended as TIMEOUT: see logs/n3.log"}])
        page = (self.fleet / "report.html").read_text()
        self.assertIn("<li>n2 gave no record: it is waiting: Resources</li>", page)
        # The record is labelled, and has as many trials as were asked for.
        path, = (self.fleet / "records" / "n1").glob("*.json")
        record = json.loads(path.read_text())
        self.assertEqual((record["labels"], len(record["cases"][0]["trials"])), ({"node": "n1"}, 3))
        # Only what is neither done nor on its way is submitted again.
        _, err = self.run_program("fleet", "submit", self.fleet)
        self.assertIn("1 of 3 nodes submitted", err)
        self.assertEqual(self.said("sbatch.44"), self.arguments("n3"))
        self.assertEqual((self.fleet / "jobs" / "n3").read_text(), "44\n")
        self.assertFalse((self.tools / "sbatch.45").exists())

    def test_all_are_done(self):
        self.submit()
        for number in (41, 42, 43):
            self.job(number)
        self.assertEqual(self.states(0), ["n1 done", "n2 done", "n3 done", "3 done"])
        # What cannot be written is said in this command's terms: it has no --output.
        (self.fleet / "report.html").mkdir()
        _, err = self.run_program("fleet", "collect", self.fleet, status=2)
        self.assertIn("report.html: Is a directory; name a file\n", err)
        (self.fleet / "report.html").rmdir()
        self.run_program("fleet", "collect", self.fleet)

    def test_a_job_goes_on_and_says_how_it_ended(self):
        program = self.write("odd program", f'#!/bin/sh\nprintf "%s\\n" "$@" >"{self.folder}/said"\nexit 5\n')
        program.chmod(0o755)
        self.submit(program=program)
        self.job(42, status=5)
        self.assertEqual((self.fleet / "ended" / "n2").read_text(), "42 5\n")
        run = self.arguments("n2")[14:]
        self.assertEqual((self.folder / "said").read_text().splitlines(), run)
        (self.fleet / "records" / "n2" / "here.journal.jsonl").write_text("")
        self.job(42, status=5)
        self.assertEqual((self.folder / "said").read_text().splitlines(), [*run, "--resume"])
        self.assertEqual(self.states(1)[1], "n2 failed: its run ended with exit status 5: see logs/n2.log")
        self.assertEqual(self.states(1)[0], "n1 lost: its job 41 is gone and left no record")
        _, err = self.run_program("fleet", "collect", self.fleet, status=1)
        self.assertIn("no node has given a record", err)

    def test_pairs(self):
        """A job for each direction, on both nodes, which begins at the client."""
        self.write("tools/hosts", "n1\nn2\n")
        self.assertIn("2 of 2 directions of pairs submitted", self.submit("--pairs"))
        self.assertIs(json.loads((self.fleet / "fleet.json").read_text())["pairs"], True)
        for number, client, server in ((41, "n1", "n2"), (42, "n2", "n1")):
            unit, said = f"{client}+{server}", self.said(f"sbatch.{number}")
            for word in ("--nodes=2", "--ntasks=2", f"--nodelist={client},{server}", f"--output={self.fleet}/logs/{unit}.log",
                         f"--output={self.fleet}/records/{unit}"):
                self.assertIn(word, said)
            self.assertEqual(said[-4:], [f"--label=node={client}", "--label=pair=n1+n2", f"--on=client=slurm:{client}",
                                         f"--peer=slurm:{server}"])
        self.assertEqual(self.run_program("fleet", "status", self.fleet, status=1)[0].splitlines()[0],
                         "n1+n2 lost: its job 41 is gone and left no record")

    def test_what_jobs_would_refuse(self):
        """It is refused before anything is submitted."""
        for pairs, suite, keys, words in ((["--pairs"], {}, {"budget": "20min"}, 'no "find" and no "budget"'),
                                          ([], {}, {"find": "5%"}, "each node or pair is one run"),
                                          ([], {"together": True, "trials": 2}, {}, "measures several places at the same time")):
            self.configuration(benchmark("testgood"), suite=suite, **keys)
            self.assertIn(words, self.submit(*pairs, status=2))
            self.assertFalse(self.fleet.exists())

    def test_sbatch_refuses(self):
        self.write("tools/refusal", "no such partition\n")
        err = self.submit(status=1)
        self.assertIn("no such partition", err)
        self.assertIn("what is submitted stays", err)
        self.assertEqual(list((self.fleet / "jobs").iterdir()), [])
        self.assertEqual(self.states(1)[0], "n1 missing: no job was submitted")

    def test_a_submit_that_is_killed_before_it_notes_its_job(self):
        """sbatch takes the job and kills who called it: nothing says whose the job is but the queue."""
        taken = self.tools / "taken"
        self.write("tools/sbatch", '#!/bin/sh\nfor word; do case $word in --comment=*) unit=${word#*=} ;; esac; done\n'
                   'n=$(($(cat "$TOOLS/number") + 1))\necho $n >"$TOOLS/number"\necho $unit >>"$TOOLS/taken"\n'
                   'echo "$n|PENDING|$unit|None" >>"$TOOLS/queue"\n[ $unit != n2 ] || [ $n != 42 ] || kill -9 $PPID\necho $n\n')
        process = self.start("fleet", "submit", "--nodes", "n[1-3]", "--config", "here.json", "--program", PROGRAM, self.fleet)
        process.communicate(timeout=PATIENCE)
        self.assertEqual((process.returncode, taken.read_text().split()), (-9, ["n1", "n2"]))
        self.assertFalse((self.fleet / "jobs" / "n2").exists())
        self.assertEqual(self.states(1), ["n1 waiting", "n2 waiting", "n3 missing: no job was submitted", "1 missing, 2 waiting"])
        _, err = self.run_program("fleet", "submit", self.fleet)
        self.assertIn("1 of 3 nodes submitted", err)
        self.assertEqual(taken.read_text().split(), ["n1", "n2", "n3"])
        self.assertEqual((self.fleet / "jobs" / "n2").read_text(), "42\n")
        # And once it is over, and gone from the queue.
        self.write("tools/queue", "")
        self.assertEqual(self.states(1)[1], "n2 lost: its job 42 is gone and left no record")

    def test_a_path_that_slurm_would_not_take_as_it_is(self):
        for name in ("of%j", "of\\j", "of\nj"):
            with self.subTest(name):
                _, err = self.run_program("fleet", "submit", "--nodes", "n[1-3]", "--config", "here.json", "--program", PROGRAM,
                                          self.folder / name, status=2)
                self.assertIn("they mean something else to Slurm", err)
                self.assertFalse((self.folder / name).exists())

    def test_a_description_that_is_none(self):
        self.submit()
        path = self.fleet / "fleet.json"
        whole = json.loads(path.read_text())
        for key, value, words in (("schema", "vmsuite.fleet-jobs/2", 'its "schema" is not "vmsuite.fleet-jobs/1"'),
                                  ("name", "a b", "it has no valid name, configuration or program"),
                                  ("name", "../x", "it has no valid name, configuration or program"),
                                  ("configuration", "a/b", "it has no valid name, configuration or program"),
                                  ("program", "vmsuite", "it has no valid name, configuration or program"),
                                  ("nodes", ["n1", "n2", "n1"], "its nodes: node n1 is in the list twice"),
                                  ("nodes", ["n1", 7], "its nodes: a node's name must be"),
                                  ("nodes", [], "its nodes: no node is named")):
            path.write_text(json.dumps(whole | {key: value}))
            _, err = self.run_program("fleet", "status", self.fleet, status=2)
            self.assertIn(words, err)

    @unittest.skipIf(SANITIZER != "none", "a bundle is not made of a sanitizer's runtime")
    def test_the_bundle_is_this_program(self):
        self.run_program("fleet", "submit", "--nodes", "n[1-3]", "--config", "here.json", self.fleet)
        program = self.fleet / "program" / "run"
        self.assertEqual(self.said("sbatch.41"), self.arguments("n1", program))
        ours, _ = self.run_program("--version")
        theirs = subprocess.run([program, "--version"], check=True, capture_output=True, text=True, timeout=60).stdout
        self.assertEqual(theirs, ours)


if __name__ == "__main__":
    main()
