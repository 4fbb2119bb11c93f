# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrong use: a sentence with file, place and mend, exit status 2, nothing run, nothing left."""
import json
import os
import resource
import subprocess
import unittest

from harness import PATIENCE, SOURCE, Case, benchmark, end, main

GOLDEN = SOURCE / "tests" / "golden" / "record.json"


class BadInput(Case):
    def refused(self, *arguments, says, status=2, **options):
        out, err = self.run_program(*arguments, status=status, **options)
        for words in says if isinstance(says, (list, tuple)) else [says]:
            self.assertIn(words, out + err)
        self.assertFalse((self.folder / "vmsuite-results").exists())

    def test_commands_and_options(self):
        self.refused("rnu", says='did you mean "run"?')
        self.refused("run", "--trails", "3", says="--help")
        self.refused("run", "--trials", "0", says="must be from 1 to 10000, not 0")
        self.refused("run", "--trials", "many", says="many")
        self.refused("run", "--progress", "loud", says="must be one of auto, plain, json, none, trials or marks")
        self.refused("run", "--output", "-", "--progress=json", says="leaves standard output")
        self.refused("run", "--output", "-", "--resume", says="--resume")
        self.refused("run", "--dry", says='unknown option --dry; did you mean "--dry-run"?')  # no name by a prefix
        self.refused("guest", "biuld", says='did you mean "build"?')
        self.refused("guest", "biuld", says="the subcommand must be one of build, ")
        self.refused("module", says="which subcommand: new, try or check?")
        self.refused("help", "gest", says='did you mean "guest"?')
        self.refused("list", "tcpp", says='did you mean "tcp"?')
        self.refused("check", says="which file?")
        self.refused("run", *["absent.json"] * 65, says="more than 64 configurations")
        self.refused("run", *["absent.json"] * 64, says="absent.json: no such file")
        self.refused("serve", "--bind", "0.0.0.0", says="token")

    def test_missing_files(self):
        self.refused("run", "no-such.json", says="no-such.json: no such file")
        self.refused("run", "--suite", "quik", says='did you mean "quick"?')
        self.refused("run", "xen-vp", says='did you mean "xen-pv"?')
        self.refused("run", "quick", says="no configuration of that name; it is the name of a suite")
        self.refused("run", "--suite", "here", says="no suite of that name; it is the name of a configuration")
        self.refused("run", "quick", "xen-vp", "suite",
                     says=["quick: no such file, and no configuration of that name; it is the name of a suite\n",
                           'xen-vp: no such file, and no configuration of that name; did you mean "xen-pv"?\n',
                           "suite: no such file, and no configuration of that name\n"])
        self.refused("check", "absent.json", says="absent.json: cannot be read")
        self.refused("fleet", "status", "x" * 300, says="File name too long")
        named = self.write("named.json", '{"configuration": "named",\n "suite": "quik"}')
        for command in ("check", "run"):
            self.refused(command, named, says='named.json:2: $.suite: quik: no such file, and no suite of that name; did you mean')
        self.refused("run", named, "--suite", "quikc", says='--suite: quikc: no such file')

    def test_what_is_empty(self):
        """As a shell's variable that is not set: no file of that name is looked for, and nothing is written to nowhere."""
        given = self.configuration(benchmark("testgood"))
        for arguments in (("--output", ""), ("--output=",), ("-o", ""), ("--output", "", "--dry-run")):
            self.refused("run", given, *arguments, says='--output needs a value, DIR, and "" is empty')
        for command, option in (("run", "suite"), ("run", "on"), ("run", "store"), ("compare", "policy"), ("trend", "store"),
                                ("report", "output"), ("env", "root"), ("serve", "bind"), ("fleet submit", "nodes")):
            self.refused(*command.split(), f"--{option}", "", says=f"--{option} needs a value, ")
        self.refused("compare", "", "", says="argument 1 is empty; it takes BASELINE OTHER...")
        self.refused("export", "absent.json", "", says="argument 2 is empty; it takes RECORD...")
        for command in ("check", "report", "export", "run", "list"):
            self.refused(command, "", says="argument 1 is empty; it takes ")

    def test_a_study_needs_no_option(self):
        path = self.write("wrong.json", '{"study": "s", "suite": "quick-small", "configurations": ["native", "nosuch"]}')
        for arguments in ((path,), ("--config", path)):
            self.refused("study", *arguments, "--dry-run", says="wrong.json:1: $.configurations[1]: nosuch: no such file")
        self.refused("study", path, "--config", path, says="is a second study beside --config")
        self.refused("study", path, "--kinds", "native", says="two ways to say what is studied")
        self.refused("study", "native", says="no study of that name; it is the name of a configuration")

    def test_mistakes_in_a_configuration(self):
        path = self.write("bad.json", '{"configuration": "bad",\n "suit": "quick",\n "suite": {"suite": "s", '
                                      '"benchmarks": [\n {"group": "g", "module": "testgod"}]}}')
        self.refused("run", path, says=['bad.json:2: $.suit: unknown key "suit"; did you mean "suite"?',
                                        'bad.json:4: $.suite.benchmarks[0].module: no module "testgod"; '
                                        'did you mean "testgood"?'])
        self.refused("check", path, says="bad.json:2:")

    def test_files_full_of_mistakes(self):
        """Of each file the first fifty are shown, in their order."""
        many = {f"key{i:04}": i for i in range(1000)}
        paths = [self.write(f"{name}.json", json.dumps({"configuration": name, "suite": "quick", **keys}, indent=1))
                 for name, keys in (("a", many), ("b", dict(list(many.items())[:51])), ("c", dict(list(many.items())[:50])))]
        record = json.loads(GOLDEN.read_text())
        record["cases"][0]["trials"] *= 300
        paths.append(self.write("d.json", record))
        out, _ = self.run_program("check", *paths, status=2)
        lines = out.splitlines()
        self.assertEqual(lines[:50], [f'{paths[0]}:{4 + i}: $.key{i:04}: unknown key "key{i:04}"' for i in range(50)])
        self.assertEqual(lines[50], f"{paths[0]}: and 950 more mistakes, not shown: correct these first")
        self.assertEqual(lines[101], f"{paths[1]}: and 1 more mistake, not shown: correct these first")
        self.assertEqual([line.split(":")[0] for line in lines[102:152]], [str(paths[2])] * 50)
        self.assertEqual([line.split(":")[0] for line in lines[152:]], [str(paths[3])] * 51)
        _, err = self.run_program("run", paths[0], status=2)
        self.assertEqual(len(err.splitlines()), 51)

    def test_mistakes_in_json(self):
        for text, says in (('{"configuration": "a",\n}', "bad.json:1: is not JSON: trailing comma"),
                           ('{\n// a comment\n}', "bad.json:2: is not JSON: comments are not JSON"),
                           ("", "bad.json:1: is not JSON: the file is empty"),
                           ("\ufeff{}", "byte-order mark"), ("{'configuration': 1}", "double quotes")):
            path = self.write("bad.json", text)
            self.refused("run", path, says=says)
            self.refused("check", path, says=says)
            self.refused("run", "--suite", path, says=says)
            self.refused("study", "--config", path, says=says)
            self.refused("compare", path, path, "--policy", path, says=says)

    def test_documents_of_another_kind(self):
        suite = self.write("suite.json", '{"suite": "s", "benchmarks": [{"group": "g", "module": "testgood"}]}')
        configuration = self.configuration(benchmark("testgood"))
        record = self.write("record.json", '{"schema": "vmsuite.record/1", "configuration": "c"}')
        self.refused("run", record, says=["is a record, not a configuration", "vmsuite compare"])
        self.refused("run", suite, says=["is a suite, not a configuration", "--suite"])
        self.refused("run", "--suite", configuration, says="is a configuration, not a suite")
        self.refused("study", "--config", suite, says="is a suite, not a study")
        self.refused("compare", record, record, "--policy", suite, says="is a suite, not a policy")

    def test_a_document_names_no_open_file(self):
        """Reading it would wait for whoever has the other end."""
        says = "is an open file of this program, which no document may name"
        ours, theirs = os.pipe()  # nobody writes to it
        self.addCleanup(os.close, ours)
        self.addCleanup(os.close, theirs)
        for name in ("/dev/stdin", f"/dev/fd/{ours}", f"/proc/self/fd/{ours}"):
            path = self.write("names.json", {"configuration": "names", "suite": name})
            self.refused("run", path, "--dry-run", says=says, pass_fds=[ours])
            self.refused("check", path, says=says, pass_fds=[ours])
            suite = {"suite": "s", "benchmarks": [benchmark("testgood")]}
            for keys in ({"suite": name, "configurations": ["here"]}, {"suite": suite, "configurations": [name]}):
                self.refused("study", "--config", self.write("study.json", {"study": "s", **keys}), "--dry-run",
                             says=says, pass_fds=[ours])
        # Its user may.
        with self.start("check", "/dev/stdin", stdin=subprocess.PIPE) as process:
            out, _ = process.communicate('{"suite": "s", "benchmarks": [{"group": "g", "module": "testgood"}]}',
                                         timeout=300)
        self.assertIn("valid", out)

    def test_little_that_unpacks_to_much(self):
        """A frame of zstd whose blocks are one byte and how often it comes, 128 KiB of four bytes."""
        bomb = self.folder / "bomb.json.zst"
        size = 128 << 10
        begin, block = b"\x28\xb5\x2f\xfd\x00\x50", (size << 3 | 2).to_bytes(3, "little") + b" "
        plain, last = (size << 3).to_bytes(3, "little") + size * b" ", (1 << 3 | 3).to_bytes(3, "little") + b" "
        for blocks, words in ((100000 * block, "bomb.json.zst: is packed more than 1000 to 1, as no record is"),
                              (400 * block, ""), (600 * block + plain, "")):
            bomb.write_bytes(begin + blocks + last)
            for arguments in (("check", bomb), ("compare", bomb, bomb), ("report", bomb, "-o", "out.html"), ("export", bomb),
                              ("run", bomb), ("store", "import", "--store", "h.db", bomb)):
                process = self.start(*arguments)
                out, err = process.communicate(timeout=PATIENCE)
                self.assertIn(process.returncode, (1, 2), arguments)
                if arguments[0] in ("check", "run"):  # which read no more of a document
                    self.assertIn("has more than 16 MiB, the most that is read of a document", out + err, arguments)
                    continue
                self.assertIn(words, out + err, arguments)
                self.assertEqual(words == "", "packed more" not in out + err)

    def test_a_document_that_unpacks_to_much(self):
        """No more of it is kept than is read of a document: what is kept goes to a file in TMPDIR."""
        size = 128 << 10
        block, last = (size << 3 | 2).to_bytes(3, "little") + b" ", (1 << 3 | 3).to_bytes(3, "little") + b" "
        (self.folder / "large.json.zst").write_bytes(b"\x28\xb5\x2f\xfd\x00\x50" + 1000 * block + last)
        blank = self.write("blank", 16 * size * " ")
        for arguments in (("check", "large.json.zst"), ("run", "large.json.zst"), ("study", "--config", "large.json.zst")):
            out, err = self.run_program(*arguments, status=2, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (32 << 20,) * 2))
            self.assertIn("has more than 16 MiB, the most that is read of a document", out + err)
        endless = subprocess.Popen(["sh", "-c", f"while cat {blank}; do :; done"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(end, endless)
        out, err = self.run_program("check", "/dev/stdin", status=2, stdin=endless.stdout)
        self.assertIn("has more than 16 MiB, the most that is read of a document", out + err)
        endless.stdout.close()

    def test_records_with_very_many_members(self):
        """Each is held against the others: it would take hours."""
        for place in (lambda case: case["params"], lambda case: case, lambda case: case["trials"][0]):
            for n, status in ((900, 0), (300000, 2)):
                record = json.loads(GOLDEN.read_text())
                place(record["cases"][0]).update({f"member{i}": i for i in range(n)})
                path = self.write("many.json", record)
                _, err = self.run_program("export", path, "--output", "out", status=status)
                self.assertEqual("more than 1000 members are too many for an object here" in err, n > 1000, err)

    def test_records_with_very_many_metrics(self):
        def many(name, n):
            """As many of the first case's last metric."""
            record = json.loads(GOLDEN.read_text())
            case = record["cases"][0]
            for one in [case] if name == "summary" else case["trials"]:
                last = one[name][-1]
                one[name] += [{**last, "metric": f"{last['metric']}{i}"} for i in range(n)]
            return self.write(f"many-{name}.json", record)

        for name in ("summary", "metrics"):
            for n, words in ((900, ""), (30000, "more than 1000 metrics are too many for a case")):
                path = many(name, n)
                for arguments in (("check", path), ("export", path, "--output", "out"), ("report", path, "-o", "out.html")):
                    process = self.start(*arguments)
                    out, err = process.communicate(timeout=PATIENCE)
                    self.assertIn(process.returncode, (0, 1, 2), err)
                    self.assertEqual("more than 1000 metrics" in out + err, bool(words), (arguments, n, err))

    def test_a_machine_with_very_many_facts(self):
        for n, status in ((900, 0), (30000, 2)):
            record = json.loads(GOLDEN.read_text())
            facts = record["environment"]["before"]["facts"]
            facts += [{**facts[-1], "fact": f"{facts[-1]['fact']}{i}"} for i in range(n)]
            _, err = self.run_program("report", self.write("many.json", record), "-o", "out.html", status=status)
            self.assertEqual('a machine has no more than 10000 "facts"' in err, n > 10000, err)

    def test_check_takes_every_kind(self):
        policy = self.write("policy.json", '{"schema": "vmsuite.policy/1", "fail_abov": "5%"}')
        self.refused("check", policy, says='did you mean "fail_above"?')
        study = self.write("study.json", '{"study": "s", "configurations": [], "round": 1}')
        self.refused("check", study, says='did you mean "rounds"?')

    def test_one_bad_of_two_configurations_runs_none(self):
        good = self.configuration(benchmark("testgood"), name="good")
        self.refused("run", good, self.write("bad.json", "{"), says="bad.json:1: is not JSON")

    def test_only_matches_nothing(self):
        self.refused("run", self.configuration(benchmark("testgood")), "--only", "x*", says='matches "x*"')
        self.refused("run", self.configuration(benchmark("testgood")), "--only", "testgood", "--only", "x*", says='matches "x*"')

    @unittest.skipIf(os.geteuid() == 0 and not os.path.ismount("/proc"), "skipped: no /proc")
    def test_output_that_cannot_be_made(self):
        self.refused("run", self.configuration(benchmark("testgood")), "--output", "/proc/none", says="/proc/none")

    def test_scratch_that_is_not_there(self):
        path = self.configuration(benchmark("testslow"))
        _, err = self.run_program("run", path, "--output", "out", "--scratch", "absent", status=2)
        self.assertIn("absent", err)
        self.assertEqual(list((self.folder / "out").iterdir()), [])

    def test_help_everywhere(self):
        for command in ([], ["run"], ["list"], ["check"], ["env"], ["serve"]):
            out, err = self.run_program(*command, "--help")
            self.assertIn("usage: vmsuite", out)
            self.assertEqual(err, "")

    def test_list_as_json(self):
        out, _ = self.run_program("list", "--json", "testgood", "tcp")
        modules = {module["module"]: module for module in json.loads(out)}
        self.assertEqual(set(modules), {"testgood", "tcp"})
        self.assertEqual(modules["testgood"]["params"][0]["default"], "1000")

    def test_dry_run_of_the_study(self):
        out, _ = self.run_program("run", "--suite", "santos-2008", "--dry-run")
        rows = [line.split() for line in out.splitlines() if " trials, " in line and "warm-up" in line]
        groups = [row[1] for row in rows]
        self.assertEqual({group: groups.count(group) for group in groups},
                         {"tcp-small": 6, "tcp-medium": 6, "tcp-large": 6, "udp-small": 6, "udp-medium": 6,
                          "memory": 1, "disk": 6, "cpu": 1})
        self.assertTrue(all(row[3] == "10" for row in rows))
        self.assertIn("38 cases, 380 trials", out)
        self.assertFalse((self.folder / "vmsuite-results").exists())


if __name__ == "__main__":
    main()
