# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of each kind, given to each command that reads another: what the file is, and what to do with it."""
import gzip
import json
import subprocess
import sys

from harness import SOURCE, Case, benchmark, main

sys.path.insert(0, str(SOURCE / "tests" / "fixtures"))
import make_boots  # noqa: E402

RECORDS = "name the records that it was made of"
PLAIN = "is not JSON: a document begins with '{'"
# File: what it is, what is done with it; the same for whoever reads it but where a row below says otherwise.
KINDS = {
    "record.json": ("a record", "`vmsuite compare`"),
    "configuration.json": ("a configuration", "`vmsuite run` takes it"),
    "suite.json": ("a suite", "`vmsuite run --suite` takes it"),
    "study.json": ("a study", "`vmsuite study --config` takes it"),
    "policy.json": ("a policy", "`vmsuite compare --policy` takes it"),
    "comparison.json": ("a comparison", "`vmsuite compare --format json` wrote it"),
    "hosts.json": ("a comparison of hosts", "`vmsuite compare --by`"),
    "fleet.json": ("the description of a fleet", "`vmsuite fleet status` takes its folder"),
    "store.db": ("a store of records", "name it behind --store"),
    "run.journal.jsonl": ("the journal of a run", "`vmsuite run --resume`"),
    "samples.csv": ("a table of samples", RECORDS),
    "samples.jsonl": ("a table of samples", RECORDS),
    "verdicts.csv": ("a table of verdicts", RECORDS),
    "record.json.gz": ("a gzip file", "unpack it"),
    "bundle.tar": ("a tar archive", "unpack it"),
    "page.html": ("an HTML page", "`vmsuite report` writes such pages and reads records"),
    "junit.xml": ("an XML file", "reads records"),
    "program": ("a program or a module", "`vmsuite module try` takes a module"),
    "utf16.json": ("UTF-16", "save it as UTF-8"),
    "mark.json": ("byte-order mark", "save it as UTF-8 without one"),
    "nul.json": ("NUL bytes", "take another copy"),
    "folder": ("a folder", "name a file in it"),
    "empty.json": ("empty", ""),
    "other.json": ("JSON of another kind", "`vmsuite check FILE` says what it lacks"),
    "list.json": ("a record begins with '{'", "`vmsuite run` writes it"),
    "text.txt": ("a record begins with '{'", "`vmsuite run` writes it"),
}
# Of documents that people write the reader says what is wrong with their JSON.
DOCUMENTS = {"list.json": ("must hold a JSON object, { ... }, not an array", ""), "text.txt": (PLAIN, "")}
STORES = {"folder": ("a store is a file", ""), "list.json": ("JSON of another kind", "`vmsuite check FILE`"),
          "empty.json": ("there is no store", "`vmsuite store import` makes one"),
          "text.txt": ("not a store", "import the records into a new one")}
MODULES = {name: ("a module is a shared object whose name ends in .so", "") for name in KINDS}

# How a file is given, what the command takes, what it says of some files otherwise.
COMMANDS = (
    (("compare", "FILE", "record.json"), ("record.json",), {}),
    (("compare", "record.json", "FILE"), ("record.json",), {}),
    (("report", "FILE", "-o", "new.html"), ("record.json",), {}),
    (("export", "FILE", "--format", "csv"), ("record.json",), {}),
    (("store", "import", "FILE", "--store", "new.db"), ("record.json",), {}),
    (("run", "FILE", "--dry-run"), ("configuration.json",), {**DOCUMENTS, "other.json": ('unknown key "jobs"', "")}),
    (("run", "--suite", "FILE", "--dry-run"), ("suite.json",), {**DOCUMENTS, "other.json": ('unknown key "jobs"', "")}),
    (("study", "--config", "FILE", "--dry-run"), ("study.json",), {**DOCUMENTS, "other.json": ('unknown key "jobs"', "")}),
    (("compare", "record.json", "record.json", "--policy", "FILE"), ("policy.json",),
     {**DOCUMENTS, "other.json": ("not a policy", "vmsuite.policy/1")}),
    (("check", "FILE"), ("record.json", "configuration.json", "suite.json", "study.json", "policy.json", "comparison.json",
                         "hosts.json", "fleet.json"),
     {**DOCUMENTS, "other.json": ("is not a configuration", '"benchmarks"')}),
    (("trend", "--store", "FILE"), ("store.db",), STORES),
    (("store", "query", "--store", "FILE"), ("store.db",), STORES),
    (("report", "--store", "FILE", "-o", "pages"), ("store.db",), STORES),
    (("compare", "record.json", "second.json", "--store", "FILE"), ("store.db",), STORES),
    (("run", "--suite", "suite.json", "--store", "FILE"), ("store.db",),
     {**STORES, "folder": ("a store is a file", ""), "empty.json": None}), # which becomes a store
    (("module", "try", "FILE"), (), MODULES),
    (("module", "check", "FILE"), (), MODULES),
)


class WrongFiles(Case):
    def setUp(self):
        super().setUp()
        make_boots.main(self.folder / "boots")
        (self.folder / "boots" / "native-1.json").rename(self.folder / "record.json")
        (self.folder / "boots" / "xen-hvm-1.json").rename(self.folder / "second.json")
        suite = {"suite": "s", "trials": 1, "warmup": 0, "benchmarks": [benchmark("testgood")]}
        self.write("configuration.json", {"configuration": "c", "suite": suite})
        self.write("suite.json", suite)
        self.write("study.json", {"study": "s", "suite": "quick-small", "configurations": ["emulated-native"]})
        self.write("policy.json", {"schema": "vmsuite.policy/1", "fail_above": "5%"})
        self.write("run.journal.jsonl", '{"schema":"vmsuite.journal/1","version":"0"}\n{"event":"trial"}\n')
        self.write("hosts.json", {"schema": "vmsuite.fleet/1"})
        self.write("fleet.json", {"schema": "vmsuite.fleet-jobs/1"})
        self.write("empty.json", "")
        self.write("other.json", {"jobs": []})
        self.write("list.json", "[1]")
        self.write("text.txt", "some words\n")
        (self.folder / "folder").mkdir()
        record = (self.folder / "record.json").read_bytes()
        for name, content in (("record.json.gz", gzip.compress(record)), ("nul.json", bytes(len(record))),
                              ("utf16.json", record.decode().encode("utf-16")), ("mark.json", b"\xef\xbb\xbf" + record),
                              ("program", b"\177ELF\2\1\1" + bytes(100))):
            (self.folder / name).write_bytes(content)
        self.run_program("store", "import", "record.json", "--store", "store.db")
        self.run_program("report", "record.json", "-o", "page.html")
        for name in ("samples.csv", "samples.jsonl"):
            self.run_program("export", "record.json", "--format", name.split(".")[1], "-o", name)
        for name, form in (("comparison.json", "json"), ("junit.xml", "junit"), ("verdicts.csv", "csv")):
            self.run_program("compare", "record.json", "second.json", "--format", form, "-o", name)
        subprocess.run(["tar", "-cf", "bundle.tar", "suite.json"], cwd=self.folder, check=True)

    def say(self, command, name, what, todo):
        out, err = self.run_program(*(name if word == "FILE" else word for word in command), status=2)
        said = out + err
        self.assertIn(name, said)
        for words in (what, todo):
            self.assertIn(words, said)
        # `store import` sums up what it did.
        self.assertEqual([line for line in said.splitlines() if name not in line and not line.startswith("store: 0 ")], [])

    def test_each_command_says_what_it_was_given(self):
        for command, taken, otherwise in COMMANDS:
            for name, says in KINDS.items():
                says = otherwise.get(name, says)
                if name not in taken and says:
                    with self.subTest(command=command, file=name):
                        self.say(command, name, *says)
        for name in ("new.html", "new.db", "pages", "vmsuite-results"):
            self.assertFalse((self.folder / name).exists(), name)

    def test_each_command_takes_its_own(self):
        """Otherwise the matrix above would hold of commands that refuse everything."""
        taken = {tuple(command): names for command, names, _ in COMMANDS if {"--dry-run", "query", "check"} & set(command)}
        for command, names in taken.items():
            for name in names:
                with self.subTest(command=command, file=name):
                    self.run_program(*(name if word == "FILE" else word for word in command))

    def test_a_folder_that_cannot_be_read_is_not_an_empty_one(self):
        """What is listed, or brought to a place, would lack what is in it."""
        data = self.folder / "data"
        data.mkdir()
        self.environment["VMSUITE_DATA_PATH"] = str(data)
        loops = {kind: data / kind for kind in ("suites", "configurations", "policies")}
        for kind, loop in loops.items():
            self.run_program("list", kind)
            loop.symlink_to(loop)
            for arguments in (("list", kind), ("list", kind, "--json"), ("bundle", "-o", "tool")):
                _, err = self.run_program(*arguments, status=1)
                self.assertIn(f"{loop} cannot be read: Too many levels", err)
            loop.unlink()
            self.assertFalse((self.folder / "tool").exists())

    def test_one_record_is_not_compared(self):
        _, err = self.run_program("compare", "record.json", status=2)
        self.assertIn("a baseline and at least one other record are needed; `vmsuite report RECORD` shows one alone", err)


if __name__ == "__main__":
    main()
