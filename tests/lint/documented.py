# SPDX-License-Identifier: GPL-3.0-or-later
"""Help, manual pages and completion say the same as the option tables, each option and command in each of them.

usage: documented.py PROGRAM DESCRIBE MANUAL_FOLDER
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM, DESCRIBE, MANUAL = map(os.path.abspath, sys.argv[1:4])
SCHEMAS = pathlib.Path(__file__).parents[2] / "results" / "schema"
# The tables: {command: {option: (letter, argument)}} and {command: operands}.
TABLE, OPERANDS = {}, {}


def output(*command, **more):
    return subprocess.run(command, check=True, capture_output=True, text=True, **more).stdout


def read_tables():
    for line in output(DESCRIBE, "options").splitlines():
        command, option, letter, argument = line.split("\t")
        if option:
            TABLE[command][option] = (letter, argument)
        else:
            TABLE[command], OPERANDS[command] = {}, argument


def subcommands(command):
    return [name for name in TABLE if name.startswith(command + " ")]


def commands():
    return [name for name in TABLE if " " not in name]


class Documented(unittest.TestCase):
    maxDiff = None

    def expected(self, command):
        return {option: row for option, row in TABLE[command].items()} | {"--help": ("h", "")}

    def test_the_tables_hold_something(self):
        self.assertIn("--output", TABLE["run"])
        self.assertGreater(len(TABLE), 15)

    def test_help(self):
        for command in TABLE:
            text = output(PROGRAM, *command.split(), "--help")
            self.assertEqual(text, output(PROGRAM, "help", *command.split()))
            self.assertEqual(text, output(PROGRAM, *command.split(), "-h"))
            self.assertLessEqual(max(map(len, text.splitlines())), 80, command)
            rows = re.findall(r"^  (?:-(\w), )?(--[\w-]+)(?: (\S+))?(?:  |$)", text, re.M)
            found = {option: (letter, argument) for letter, option, argument in rows}
            self.assertEqual(found, {} if subcommands(command) else self.expected(command), command)
            self.assertTrue(all(f"  {name} " in text for name in subcommands(command)), text)

    def test_help_of_the_program(self):
        text = output(PROGRAM, "--help")
        self.assertEqual(re.findall(r"^  ([a-z]+)  ", text, re.M), commands())

    def page(self, name):
        return pathlib.Path(MANUAL, name).read_text(encoding="utf-8")

    def test_manual(self):
        for command in commands():
            page = self.page(f"vmsuite-{command}.1")
            parts = re.split(r"^\.Ss (\S+ [a-z-]+).*\n", page, flags=re.M)
            texts = {command: parts[0]} | dict(zip(parts[1::2], parts[2::2]))
            self.assertEqual(list(texts), [command] + subcommands(command))
            for name, text in texts.items():
                rows = re.findall(r"^\.It (?:Fl (\w) , )?Fl -(\S+)(?: Ar (\S+))?$", text, re.M)
                found = {f"--{option}": (letter, argument) for letter, option, argument in rows}
                self.assertEqual(found, {} if subcommands(name) else self.expected(name), name)

    def test_manual_of_the_program(self):
        page = self.page("vmsuite.1")
        self.assertEqual(re.findall(r"^\.It Xr vmsuite-(\S+) 1$", page, re.M), commands())
        statuses = re.findall(r"^\.It (\d+)$", page, re.M)
        self.assertEqual(statuses, ["0", "1", "2", "3", "4", "130"])

    def test_manual_names_no_option_that_does_not_exist(self):
        for command in commands():
            known = {option[2:] for name in [command] + subcommands(command) for option in self.expected(name)}
            for option in re.findall(r"\bFl -([a-z-]+)", self.page(f"vmsuite-{command}.1")):
                self.assertIn(option, known, command)

    def test_manual_of_each_module(self):
        for module in json.loads(output(PROGRAM, "list", "--json")):
            page = self.page(f"vmsuite-{module['module']}.7")
            rows = module["params"] + module["metrics"]
            names = [row["name"] for row in rows] + [fact["fact"] for fact in module["facts"]]
            self.assertEqual(re.findall(r"^\.It Cm (\S+)$", page, re.M), names)

    def test_manual_of_the_record(self):
        schema = json.loads((SCHEMAS / "record.schema.json").read_text(encoding="utf-8"))
        names = re.findall(r"^\.It Cm (\S+)$", self.page("vmsuite-record.5"), re.M)
        self.assertEqual(names[:len(schema["properties"])], list(schema["properties"]))
        for definition in schema["$defs"].values():
            self.assertLessEqual(set(definition.get("properties", {})), set(names))

    @unittest.skipUnless(shutil.which("groff"), "no groff")
    def test_pages_are_sound(self):
        pages = sorted(pathlib.Path(MANUAL).glob("*.[1-9]"))
        self.assertGreaterEqual(len(pages), len(commands()) + 1)
        for page in pages:
            done = subprocess.run(["groff", "-mdoc", "-Tascii", "-z", page], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""), page)
            if shutil.which("mandoc"):
                done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], capture_output=True, text=True)
                self.assertEqual(done.stdout, "", page)

    def test_examples_fit_a_line_of_80_columns(self):
        room, found = 78 - 11, 0  # what man(1) leaves, and the indent
        for page in sorted(pathlib.Path(MANUAL).glob("*.[1-9]")):
            for block in re.findall(r"^\.Sh EXAMPLES$(.*?)^\.Sh", page.read_text(encoding="utf-8"), re.M | re.S):
                for line in block.replace("\\-", "-").splitlines():
                    found += not line.startswith(".")
                    self.assertLessEqual(len(line.removeprefix(".Dl ").strip('"')), room, f"{page.name}: {line}")
        self.assertGreater(found, 5)

    def test_values_keep_their_letters(self):
        for command, text in (("run", "auto, plain "), ("store", "csv or jsonl."), ("export", "higher or lower: "),
                              ("compare", "table, markdown, "), ("study", "real-time, instructions: ")):
            self.assertIn("\n" + text, self.page(f"vmsuite-{command}.1"))
        self.assertIn("\nrandom: ", self.page("vmsuite-suite.5"))

    def test_commands_are_not_hyphenated(self):
        self.assertIn("\\%`vmsuite list", self.page("vmsuite-run.1"))
        self.assertIn("\\%postgresql://", self.page("vmsuite-run.1"))

    def test_defaults_are_shown(self):
        """One that begins as a request of roff does is text, too."""
        self.assertIn("\nThe default is\n.Dq \\&. .\n", self.page("vmsuite-env.1"))

    # Completion is asked as a shell does: the words of a line, the last of which is completed.
    def bash(self, *words):
        quoted = " ".join(f"'{word}'" for word in (PROGRAM,) + words)
        script = f"source '{MANUAL}/vmsuite'; COMP_WORDS=({quoted}); COMP_CWORD={len(words)}; _vmsuite; " \
                 'printf "%s\\n" "${COMPREPLY[@]}"'
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "a-record.json").touch()
            pathlib.Path(folder, "a-folder").mkdir()
            return [line for line in output("bash", "-c", script, cwd=folder).splitlines() if line]

    def test_bash_offers_commands_and_options(self):
        self.assertEqual(self.bash(""), commands() + ["--help", "--version"])
        self.assertEqual(self.bash("comp"), ["compare"])
        for command in TABLE:
            if subcommands(command):
                names = [name.split()[1] for name in subcommands(command)]
                self.assertEqual(self.bash(command, ""), names + ["--help"])
            else:
                self.assertEqual(self.bash(*command.split(), "--"), list(self.expected(command)), command)

    def test_bash_offers_values(self):
        self.assertEqual(self.bash("run", "--progress", "p"), ["plain"])
        self.assertEqual(self.bash("run", "--progress", "=", "j"), ["json"])
        self.assertEqual(self.bash("run", "--progress", "="), ["auto", "plain", "json", "none", "trials", "marks"])
        self.assertEqual(self.bash("run", "xen-p"), ["xen-pv"])
        self.assertEqual(self.bash("run", "--suite", "quick-"), ["quick-small", "quick-study"])
        self.assertEqual(self.bash("run", "--trials", ""), [])
        self.assertEqual(self.bash("run", "-o", "a"), ["a-folder"])
        self.assertEqual(sorted(self.bash("check", "a-")), ["a-folder", "a-record.json"])
        self.assertEqual(self.bash("list", "su"), ["suites"])
        self.assertEqual(self.bash("guest", "job", "xen-p"), ["xen-pv"])
        self.assertEqual(self.bash("help", "gu"), ["guest"])

    def test_zsh(self):
        text = self.page("_vmsuite")
        if shutil.which("zsh"):
            output("zsh", "-n", f"{MANUAL}/_vmsuite")
        for command in (name for name in TABLE if not subcommands(name)):
            block = text.split(f"    '{command}') _arguments", 1)[1].split(";;", 1)[0]
            found = {f"--{name}" for name in re.findall(r"--([a-z][a-z-]*)(?:\}'|'|=|\[|=\[)", block)}
            self.assertEqual(found, set(self.expected(command)), command)
        for command in commands():
            self.assertIn(f"'{command}:", text)

    @unittest.skipUnless(shutil.which("zsh"), "no zsh")
    def test_zsh_runs(self):
        stubs = "_arguments() { print -rl -- \"$@\" }; _files() { print files }; _describe() { print -rl -- $rows }; "
        words = f"words=(vmsuite guest build --iso x); CURRENT=4; source '{MANUAL}/_vmsuite'"
        self.assertIn("--iso=", output("zsh", "-fc", stubs + words))
        words = f"words=(vmsuite run ''); CURRENT=3; source '{MANUAL}/_vmsuite'"
        self.assertIn("--retry-noisy=", output("zsh", "-fc", stubs + words))

    def test_fish(self):
        rows = set()
        for line in self.page("vmsuite.fish").splitlines():
            row = re.match(r"complete -c vmsuite -n '__fish_seen_subcommand_from (\S+?)"
                           r"(?:; and __fish_seen_subcommand_from (\S+))?' -l (\S+)(?: -s (\S))?", line)
            if row:
                command, subcommand, option, letter = row.groups()
                rows.add((f"{command} {subcommand}" if subcommand else command, f"--{option}", letter or ""))
        wanted = {(command, option, letter) for command in TABLE if not subcommands(command)
                  for option, (letter, _) in self.expected(command).items()}
        self.assertEqual(rows, wanted)

    # What may follow an option: {(command, option): "files", "folders", "", a list's name or the words themselves}.
    def values_of_bash(self):
        kinds = {"compgen -f": "files", "compgen -d": "folders", ":": ""}
        found = {}
        for names, action in re.findall(r"^    ('[a-z -]+ --.*?)\) (_vmsuite_names \w+|compgen -[fdW].*|:) ;;$",
                                        self.page("vmsuite"), re.M):
            command, _, option = names.split("'")[1].rpartition(" --")
            words = re.match(r"compgen -W '(.*)' -- \"\$cur\"$", action)
            found[command, option] = words[1] if words else kinds.get(action.partition(" --")[0], action)
        return {key: value.removeprefix("_vmsuite_names ") for key, value in found.items()}

    def values_of_zsh(self):
        found = {}
        for command, block in re.findall(r"^    '([a-z -]+)'\) _arguments (.*?);;$", self.page("_vmsuite"), re.M | re.S):
            for option, action in re.findall(r"--([a-z-]+)(?:\}'|)=?\[.*:(\(.*\)|_files -/|_files|\{.*\}| )' \\$", block, re.M):
                kinds = {"_files": "files", "_files -/": "folders", " ": ""}
                found[command, option] = kinds.get(action, action[1:-1].removeprefix("_vmsuite_names "))
        return found

    def values_of_fish(self):
        found = {}
        for line in self.page("vmsuite.fish").splitlines():
            row = re.search(r"from ([a-z-]+)(?:; and __fish_seen_subcommand_from ([a-z-]+))?' -l ([a-z-]+)(?: -s .)? -r (-[fF])"
                            r"(?: -a '(.*?)')? -d", line)
            if row:
                command, subcommand, option, files, words = row.groups()
                value = words or {"-F": "files", "-f": ""}[files]
                value = "folders" if value == "(__fish_complete_directories)" else value
                found[f"{command} {subcommand}" if subcommand else command, option] = re.sub(r"^\(__vmsuite_names (\w+)\)$", r"\1", value)
        return found

    def test_shells_offer_the_same_values(self):
        bash = self.values_of_bash()
        self.assertEqual(bash["run", "progress"], "auto plain json none trials marks")
        self.assertEqual((bash["run", "suite"], bash["run", "output"], bash["run", "store"], bash["run", "trials"]),
                         ("suites", "folders", "files", ""))
        wanted = {(command, name[2:]) for command, options in TABLE.items() for name, (_, argument) in options.items() if argument}
        self.assertEqual(set(bash), wanted)
        self.assertEqual(self.values_of_zsh(), bash)
        self.assertEqual(self.values_of_fish(), bash)

    @unittest.skipUnless(shutil.which("fish"), "no fish")
    def test_fish_runs(self):
        def complete(line):
            with tempfile.TemporaryDirectory() as home:
                script = f"source {MANUAL}/vmsuite.fish; complete -C '{line}'"
                text = output("fish", "--no-config", "-c", script, env=os.environ | {"HOME": home})
            return [row.split("\t")[0] for row in text.splitlines()]

        self.assertEqual(complete("vmsuite comp"), ["compare"])
        self.assertEqual(complete("vmsuite run --retr"), ["--retry-noisy"])
        self.assertEqual(complete("vmsuite run --progress p"), ["plain"])
        self.assertIn("--iso", complete("vmsuite guest build --"))


read_tables()
unittest.main(argv=[sys.argv[0]])
