# SPDX-License-Identifier: GPL-3.0-or-later
"""What is promised of files, held against the calls that were made, by a log of them: what is said to be safe was synced
under its name before anything depends on it, what is private is nobody else's, and what is removed is gone."""
import os
import re

from call_log import Observed
from harness import benchmark, end, main, wait_for


class Promises(Observed):
    def setUp(self):
        super().setUp()
        self.results = self.folder / "vmsuite-results"

    def assert_replaced(self, calls, path):
        """A file came to its name whole: written without that name, synced, linked and renamed, and then the folder."""
        at = next(i for i, call in enumerate(calls) if call.name == "rename" and call.rest == [str(path)])
        temporary = calls[at].path
        before = [call for call in calls[:at] if call.pid == calls[at].pid]
        link = next((call for call in reversed(before) if call.name == "link" and call.rest == [temporary]), None)
        # The descriptor of a file that has no name is called after its folder.
        written = re.compile(re.escape(str(path.parent)) + (r"/#\d+ \(deleted\)$" if link else "/.vmsuite-"))
        names = [call.name for call in before if written.match(call.path)]
        self.assertIn("write", names)
        self.assertEqual(names[-1], "fsync")
        behind = [call for call in calls[at + 1:] if call.pid == calls[at].pid]
        self.assertEqual((behind[0].name, behind[0].path), ("fsync", str(path.parent)))
        self.assertNotIn(str(path), [call.path for call in calls if call.name in ("open", "write")])
        return at

    def test_a_run(self):
        self.run_program("run", self.configuration(benchmark("testgood"), benchmark("testgood", params={"value": 5})))
        calls = self.calls()
        record = next(self.results.glob("*.json"))
        made = next(call for call in calls if call.name == "mkdir" and call.path.endswith("vmsuite-results"))
        self.assertEqual(self.about(calls, "^" + re.escape(str(self.folder)) + "$"), ["fsync"])  # it has a new name
        journal = [call for call in calls if call.path.endswith(".jsonl")]
        self.assertEqual((journal[0].name, journal[0].rest[0]), ("open", "creat,excl,nofollow,"))
        # The header, then each of six trials: synced before the next, and the journal's name after the header.
        self.assertEqual([call.name for call in journal[1:]], ["write", "fsync"] * 7 + ["unlink"])
        self.assertEqual({call.pid for call in journal}, {made.pid})
        header = calls.index(journal[2])
        named = [call for call in calls[header + 1:] if call.pid == made.pid and call.name == "fsync"][0]
        self.assertEqual(named.path, str(self.results))
        # The journal goes once the record is safe.
        at = self.assert_replaced(calls, record)
        self.assertGreater(calls.index(journal[-1]), at + 1)
        self.assertGreater(at, calls.index(journal[-2]))

    def test_a_resumed_journal_is_cut_safely(self):
        """A torn line goes for good before the next one is written."""
        path = self.configuration(benchmark("testgood"), benchmark("testhang", deadline=1),
                                  suite={"order": "sequential", "trials": 1})
        run = self.start("run", path)
        self.addCleanup(end, run)
        wait_for(lambda: any(journal.read_text().count("\n") == 2 for journal in self.results.glob("*.jsonl")), "a trial")
        run.kill()
        run.wait()
        journal = next(self.results.glob("*.jsonl"))
        with open(journal, "a") as file:
            file.write('{"case": 2, "tri')
        self.log.write_text("")
        self.run_program("run", path, "--resume", status=1)
        names = [call.name for call in self.calls() if call.path == str(journal)]
        self.assertEqual(names[:3], ["open", "ftruncate", "fsync"])
        self.assertEqual(names[3:], ["write", "fsync", "unlink"])

    def test_outputs(self):
        self.run_program("run", self.configuration(benchmark("testgood")), "--runs", "2")
        record, other = self.results.glob("*.json")
        store = self.folder / "history.db"
        self.run_program("store", "import", "--store", store, record, other)
        for name, arguments in (("rows.csv", ["export", record, "--format", "csv", "--output"]),
                                ("page.html", ["report", record, "--output"]),
                                ("verdict.json", ["compare", record, other, "--format", "json", "--output"]),
                                ("history.csv", ["store", "query", "--store", store, "--format", "csv", "--output"]),
                                ("samples.csv", ["store", "export", "--store", store, "--format", "csv", "--output"]),
                                ("bundle.tar", ["bundle", "--output"])):
            with self.subTest(name):
                path = self.folder / name
                for _ in range(2):  # made, then replaced
                    self.log.write_text("")
                    self.run_program(*arguments, path)
                    self.assert_replaced(self.calls(), path)
        self.log.write_text("")
        self.run_program("report", "--store", store, "-o", self.folder / "site")
        for page in (self.folder / "site").iterdir():
            self.assert_replaced(self.calls(), page)

    def test_without_files_that_have_no_name(self):
        """Where a file system has none, one with a name stands for it: it is renamed, or goes."""
        self.environment["VMSUITE_NO_TMPFILE"] = "1"
        self.run_program("run", self.configuration(benchmark("testgood")))
        record, = self.results.iterdir()
        calls = self.calls()
        self.assert_replaced(calls, record)
        made = {call.path for call in calls if call.name == "open" and "/.vmsuite-" in call.path}
        self.assertTrue(made)
        for path in made:
            self.assertIn(self.about(calls, re.escape(path) + "$")[-1], ("rename", "unlink"))
        (self.folder / "broken.json").write_text(record.read_text()[:-100])
        self.run_program("export", record, "broken.json", "--format", "csv", "--output", self.folder / "rows.csv", status=2)
        self.assertEqual([path.name for path in self.folder.iterdir() if "rows" in path.name or ".vmsuite-" in path.name], [])

    def test_a_store_is_durable(self):
        """What an import said is there: what undoes it is safe before the file changes, and the file before that goes. The same
        for each transaction, of which two records are one."""
        store = self.folder / "history.db"
        self.run_program("run", self.configuration(benchmark("testgood")), "--runs", "2")
        self.log.write_text("")
        self.run_program("store", "import", "--store", store, *self.results.glob("*.json"))
        calls = [call for call in self.calls() if re.search(r"/history\.db(-journal)?$", call.path)]
        names = [("journal " if call.path.endswith("-journal") else "") + call.name.replace("fdatasync", "fsync")
                 for call in calls]
        self.assertEqual(names[0], "open")
        self.assertEqual(calls[0].rest[0], "creat,excl,nofollow,")
        commits = " ".join(names).split("journal unlink")
        self.assertEqual(len(commits), 1 + 2)  # the tables, and the records
        for commit in commits[:-1]:
            self.assertRegex(commit, "journal write.* journal fsync .*write.* fsync $")
            before, _, behind = commit.partition(" journal fsync ")
            self.assertNotRegex(before.replace("journal write", ""), r"\bwrite")  # of the store itself
            self.assertTrue(re.sub("journal [a-z]+", "", behind).split()[-1] == "fsync", commit)
        self.assertNotIn("write", commits[-1])

    def test_what_a_run_adds_to_a_store_is_a_record_first(self):
        store = self.folder / "history.db"
        self.run_program("run", self.configuration(benchmark("testgood")), "--store", store)
        calls = self.calls()
        record = next(call for call in calls if call.name == "rename" and call.rest[0].endswith(".json"))
        written = [i for i, call in enumerate(calls) if call.name == "write" and call.path.endswith("history.db")]
        self.assertGreater(written[-1], calls.index(record))

    def test_scratch_is_private_and_goes(self):
        self.run_program("run", self.configuration(benchmark("block", params={"file_size": "1MiB"})))
        calls = self.calls()
        made = [call for call in calls if call.name == "mkdir" and call.path != str(self.results)]
        self.assertTrue(made)
        for call in made:
            with self.subTest(call.path):
                self.assertEqual(call.rest, ["700"])
                self.assertEqual(self.about(calls, re.escape(call.path) + "$")[-1], "rmdir")
                self.assertFalse(os.path.exists(call.path))
        # A module has its scratch folder by descriptor.
        files = [call for call in calls if call.name == "open" and call.path.startswith("/proc/self/fd/4/")]
        self.assertTrue(files)
        for call in files:
            if "creat" in call.rest[0]:
                self.assertEqual(call.rest[0], "creat,excl,nofollow,")
                self.assertEqual(int(call.rest[1], 8) & 0o077, 0)
            self.assertIn("unlink", self.about(calls, re.escape(call.path) + "$"))

    def test_disks_are_flushed_as_promised(self):
        """Each write is durable, or the last one is followed by the flush, before the file goes."""
        for sync in ("fdatasync", "fsync", "dsync"):
            with self.subTest(sync):
                self.log.write_text("")
                params = {"file_size": "64KiB", "block_size": "16KiB", "operation": "write", "sync": sync}
                self.run_program("run", self.configuration(benchmark("block", params=params), suite={"trials": 1}),
                                 "--output", sync)
                calls = [call for call in self.calls() if call.path.endswith("/block.data")]
                measured = calls[len(calls) - 1 - [call.name for call in calls][::-1].index("open"):]
                names = [call.name for call in measured]
                self.assertEqual(names[:5], ["open"] + ["write"] * 4)
                self.assertEqual("dsync" in measured[0].rest[0], sync == "dsync")
                if sync != "dsync":
                    self.assertEqual(names[5], sync)


if __name__ == "__main__":
    main()
