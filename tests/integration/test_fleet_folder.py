# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of a fleet where other users have their hands in it."""
import json
import os
import signal
import unittest

from harness import PATIENCE, Case, benchmark, end, main, wait_for
from slurm_tools import FIRST, make_tools

NOBODY = 65534


class FleetFolder(Case):
    def setUp(self):
        super().setUp()
        tools = make_tools(self, "n1")
        self.umask, self.gate, self.waits = tools / f"umask.{FIRST}", tools / "gate", tools / "waits"
        self.configuration(benchmark("testgood"))

    def submit(self, folder, status, **options):
        _, err = self.run_program("fleet", "submit", "--nodes", "n1", "--config", "here.json", "--program", "/bin/true", folder,
                                  status=status, **options)
        self.assertEqual(self.umask.exists(), status == 0, err)
        return err

    def test_jobs_write_what_nobody_else_may(self):
        self.submit(self.folder / "fleet", 0, umask=0)
        self.assertEqual(self.umask.read_text().strip(), "0022")
        for path in (self.folder / "fleet").rglob("*"):
            self.assertFalse(path.stat().st_mode & 0o022, path)

    def test_a_parent_that_ignores_its_children(self):
        """Who is started so would never hear how a tool ended."""
        self.submit(self.folder / "fleet", 0, preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))

    def test_a_folder_that_all_may_write_to(self):
        fleet = self.folder / "fleet"
        for mode in (0o777, 0o1777):
            fleet.mkdir(exist_ok=True)
            fleet.chmod(mode)
            self.assertIn("others may write to", self.submit(fleet, 2))
            self.assertEqual(list(fleet.iterdir()), [])

    def test_two_submits_at_once(self):
        """The second is refused while the first waits for sbatch, and submits no job twice later."""
        os.mkfifo(self.gate)
        first = self.start("fleet", "submit", "--nodes", "n1", "--config", "here.json", "--program", "/bin/true", "fleet")
        self.addCleanup(end, first)
        wait_for(self.waits.exists, "the first to submit")
        _, err = self.run_program("fleet", "submit", "fleet", status=2)
        self.assertIn("another `vmsuite fleet submit` is at work there", err)
        self.gate.write_text("go\n")
        _, err = first.communicate(timeout=PATIENCE)
        self.assertIn("1 of 1 nodes submitted", err)

    @unittest.skipUnless(os.geteuid() == 0, "skipped: only root can be another user, too")
    def test_roots_jobs_and_another_users_folder(self):
        theirs = self.folder / "theirs"
        theirs.mkdir()
        os.chown(theirs, NOBODY, NOBODY)
        (theirs / "inner").mkdir()
        (self.folder / "link").symlink_to(theirs)
        for fleet in (theirs, theirs / "inner", theirs / "new", self.folder / "link"):
            self.assertIn(f"{theirs} belongs to another user", self.submit(fleet, 2))

    @unittest.skipUnless(os.geteuid() == 0, "skipped: only root can be another user, too")
    def test_a_fleet_that_waits_for_root(self):
        """A whole fleet of theirs, whose program is theirs: its jobs are not root's."""
        fleet = self.folder / "fleet"
        self.submit(fleet, 0)
        self.umask.unlink()
        description = json.loads((fleet / "fleet.json").read_text()) | {"program": "/tmp/evil"}
        (fleet / "fleet.json").write_text(json.dumps(description))
        (fleet / "jobs" / "n1").unlink()
        os.chown(fleet, NOBODY, NOBODY)
        process = self.start("fleet", "submit", fleet)
        _, err = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 2, err)
        self.assertIn("belongs to another user: jobs that run from there would do as others please", err)
        self.assertFalse(self.umask.exists())


if __name__ == "__main__":
    main()
