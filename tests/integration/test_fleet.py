# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet on a real Slurm cluster of three nodes, one of which is lost in mid-run."""
import json
import os
import unittest

import slurm_cluster
from harness import PROGRAM, SANITIZER, Case, benchmark, main, wait_for


@unittest.skipIf(SANITIZER != "none", "a sanitizer's runtime wants to be the first library")
class Fleet(Case):
    def setUp(self):
        slurm_cluster.need()
        super().setUp()
        self.cluster = slurm_cluster.Cluster(["n1", "n2", "n3"])
        self.addCleanup(self.cluster.end)
        self.environment = dict(self.cluster.environment, VMSUITE_MODULE_PATH=self.environment["VMSUITE_MODULE_PATH"])
        self.fleet = self.folder / "fleet"

    def vmsuite(self, *arguments, **options):
        return self.run_program(*arguments, prefix=self.cluster.prefix(), **options)

    def states(self, status=None):
        """What `fleet status` says of each node: {node: [phase, words]}."""
        process = self.start("fleet", "status", self.fleet, prefix=self.cluster.prefix())
        out, err = process.communicate(timeout=300)
        self.assertIn(process.returncode, (0, 1) if status is None else (status,), out + err)
        lines = [line.split(" ", 1) for line in out.splitlines()[:-1]]
        return {node: rest.split(": ", 1) for node, rest in lines}

    def test_a_lost_node_is_named_and_the_rest_used(self):
        # The node that is killed has far more to do than the others, so that it is in the midst of it however late that is.
        self.configuration(benchmark("testslow", params={"seconds": "50ms"}), benchmark("linpack", params={"seconds": "10ms"}))
        program = self.write("program", f"""#!/bin/sh
[ "$SLURMD_NODENAME" = n3 ] && set -- "$@" --trials 10000
exec {PROGRAM} "$@"
""")
        program.chmod(0o755)
        self.vmsuite("fleet", "submit", "--nodes", "n[1-3]", "--config", "here.json", "--program", program,
                     "--sbatch=--job-name=other", self.fleet)
        wait_for(lambda: list((self.fleet / "records" / "n3").glob("*.journal.jsonl")), "the journal of n3")
        self.cluster.kill("n3")
        wait_for(lambda: all((self.fleet / "ended" / node).exists() for node in ("n1", "n2")), "two nodes to end")
        wait_for(lambda: self.states()["n3"][0] == "lost", "n3 to be lost")
        states = self.states(1)
        self.assertEqual([states[node][0] for node in ("n1", "n2", "n3")], ["done", "done", "lost"])
        self.assertIn("NODE_FAIL", states["n3"][1])
        out, _ = self.vmsuite("fleet", "collect", self.fleet, status=1)
        self.assertIn("node n3 gave no record: Slurm lost the node (NODE_FAIL)", out)
        comparison = json.loads((self.fleet / "comparison.json").read_text())
        self.assertEqual([host["name"] for host in comparison["hosts"]], ["n1", "n2"])
        self.assertEqual([lost["host"] for lost in comparison["lost"]], ["n3"])
        self.assertIn("n3", (self.fleet / "report.html").read_text())

    def test_submit_takes_what_is_missing(self):
        """A run that ends at once without a record: failed, and submitted again, while the other node's record stays."""
        self.configuration(benchmark("linpack", params={"seconds": "10ms"}))
        self.vmsuite("fleet", "submit", "--nodes", "n[1-2]", "--config", "here.json", self.fleet)
        wait_for(lambda: all((self.fleet / "ended" / node).exists() for node in ("n1", "n2")), "both nodes to end")
        wait_for(lambda: self.states()["n1"][0] == "done" and self.states()["n2"][0] == "done", "both records")
        (kept,) = (self.fleet / "records" / "n1").glob("*.json")
        (spoilt,) = (self.fleet / "records" / "n2").glob("*.json")
        record = json.loads(spoilt.read_text())
        record["labels"]["node"] = "n1"
        spoilt.write_text(json.dumps(record))
        # Slurm may say for a while that a job is completing, which is running to us where there is no record.
        wait_for(lambda: self.states()["n2"][0] == "failed", "n2 to fail")
        self.assertEqual(self.states(1)["n2"], ["failed", "its record is labelled with another node"])
        _, err = self.vmsuite("fleet", "submit", self.fleet)
        self.assertIn("1 of 2 nodes submitted", err)
        wait_for(lambda: self.states()["n2"][0] == "done", "the second record of n2")
        self.assertEqual([path.name for path in (self.fleet / "records" / "n1").glob("*.json")], [kept.name])
        self.vmsuite("fleet", "collect", self.fleet)
        _, err = self.vmsuite("fleet", "submit", "--nodes", "n3", self.fleet, status=2)
        self.assertIn("goes on as it was begun", err)

    def test_a_node_is_a_place_and_another_its_peer(self):
        self.configuration(benchmark("testecho"))
        out, err = self.run_program("run", "here.json", "--on", "a=slurm:n1", "--peer", "slurm:n2",
                                    prefix=(*self.cluster.prefix(), "salloc", "--quiet", "--nodes=2", "--nodelist=n1,n2"))
        record = self.record()
        self.assertEqual(record["status"], "ok", out + err)
        self.assertEqual(record["places"]["place"], "a")
        self.check_pairs()

    def check_pairs(self):
        """Each direction of a pair is a job with a record of its own; compared, they are one."""
        self.vmsuite("fleet", "submit", "--pairs", "--nodes", "n1,n2", "--config", "here.json", self.fleet)
        names = ["n1+n2", "n2+n1"]
        wait_for(lambda: all((self.fleet / "ended" / name).exists() for name in names), "both directions to end")
        wait_for(lambda: [self.states()[name] for name in names] == [["done"]] * 2, "both records")
        for name in names:
            (path,) = (self.fleet / "records" / name).glob("*.json")
            record = json.loads(path.read_text())
            self.assertEqual((record["status"], record["labels"]), ("ok", {"node": name[:2], "pair": "n1+n2"}))
        self.vmsuite("fleet", "collect", self.fleet)
        comparison = json.loads((self.fleet / "comparison.json").read_text())
        self.assertEqual([host["name"] for host in comparison["hosts"]], ["n1+n2"])
        path.write_text(json.dumps(dict(record, labels={"node": "n2", "pair": "n2+n3"})))
        wait_for(lambda: self.states()["n2+n1"][0] == "failed", "n2+n1 to fail")
        self.assertEqual(self.states(1)["n2+n1"], ["failed", "its record is labelled with another pair"])
        out, _ = self.vmsuite("fleet", "collect", self.fleet, status=1)
        self.assertIn("pair n2+n1 gave no record", out)

    def test_refusals(self):
        self.configuration(benchmark("linpack"))
        for arguments, words in (
                (["--nodes", "n1 n2", self.fleet], "nodes are listed as Slurm lists them"),
                (["--nodes", "-w", self.fleet], "nodes are listed as Slurm lists them"),
                (["--nodes", "n[1-2],n1", self.fleet], "is in the list twice"),
                (["--nodes", "n[1-3]", "--pairs", self.fleet], "n3, the last of 3, has no partner"),
                (["--nodes", "n1", "--sbatch", "id", self.fleet], "takes an option in one word"),
                (["--nodes", "n1", "--program", "vmsuite", self.fleet], "an absolute path"),
                (["--nodes", "n1", self.folder / "a%b"], "must have no"),
                ([self.fleet], "--nodes must say which")):
            _, err = self.vmsuite("fleet", "submit", *arguments, status=2)
            self.assertIn(words, err)
        _, err = self.vmsuite("fleet", "status", self.folder, status=2)
        self.assertIn("holds no fleet", err)
        _, err = self.run_program("run", "here.json", "--on", "slurm:-w", status=2)
        self.assertIn("a node's name must be", err)


if __name__ == "__main__":
    main()
