# SPDX-License-Identifier: GPL-3.0-or-later
"""From `vmsuite module new` to a record, and what `module check` says of modules that keep the rules and that do not."""
import os
import subprocess
import unittest

from harness import PLUGINS, SOURCE, Case, main


class Sdk(Case):
    def build(self, name="mine"):
        """Builds a new module as its meson.build does, without Meson's own seconds."""
        self.run_program("module", "new", name)
        path = self.folder / name / f"{name}.so"
        subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror",
                        f"-I{SOURCE / 'core' / 'include'}", "-o", path, path.with_suffix(".c")], check=True)
        return path

    def test_from_new_to_a_record(self):
        path = self.build()
        self.assertIn("vmsuite-mine", (path.parent / "meson.build").read_text())
        written = {file.name: file.read_text() for file in path.parent.iterdir() if file.suffix != ".so"}
        self.assertEqual(sorted(written), ["meson.build", "mine.c", "test_mine.c"])
        self.assertNotIn("template", "".join(written.values()))
        out, _ = self.run_program("module", "try", path, "size=64KiB", "size=1MiB", "--trials", "2")
        self.assertRegex(out, r"mine size 64KiB +fill .*\n +mine size 1MiB +fill ")
        record = self.record()
        self.assertEqual([case["params"]["size"] for case in record["cases"]], [65536, 1048576])
        self.assertEqual({len(case["trials"]) for case in record["cases"]}, {2})
        out, _ = self.run_program("module", "check", path)
        self.assertRegex(out, r"^ok +loads: ABI 1\.\d+, workload version 1, parameters: 2, metrics: 1\n")
        self.assertIn("mine: all rules hold", out)
        self.assertEqual(len(self.records()), 1)

    def example(self, source, compiler):
        path = self.folder / f"{source.partition('.')[0]}.so"
        try:
            subprocess.run([*compiler, "-shared", "-fPIC", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror",
                            f"-I{SOURCE / 'core' / 'include'}", "-o", path, SOURCE / "docs" / "examples" / source], check=True)
        except FileNotFoundError:
            raise unittest.SkipTest(f"skipped: there is no {compiler[0]}") from None
        return path

    def test_a_two_sided_example(self):
        path = self.example("echo.c", [os.environ.get("CC", "cc")])
        out, _ = self.run_program("module", "check", path)
        self.assertIn("echo: all rules hold", out)
        self.run_program("module", "try", path, "turns=1", "turns=50")
        case = self.record()["cases"][1]
        self.assertEqual((case["status"], case["path"], case["params"]), ("ok", "loopback", {"turns": 50}))

    def test_an_example_in_cpp(self):
        path = self.example("sorting.cpp", [os.environ.get("CXX", "c++"), "-std=c++17"])
        out, _ = self.run_program("module", "check", path)
        self.assertIn("sorting: all rules hold", out)
        self.run_program("module", "try", path, "numbers=1000")
        self.assertEqual(self.record()["cases"][0]["status"], "ok")

    def test_new_overwrites_nothing(self):
        (self.folder / "mine").mkdir()
        _, err = self.run_program("module", "new", "mine", status=2)
        self.assertIn("File exists; name a folder that is not there", err)
        self.assertEqual(list((self.folder / "mine").iterdir()), [])
        for name in ("Mine", "1st", "a b", "../up", "", "a" * 64):
            _, err = self.run_program("module", "new", name, status=2)
            self.assertIn("is not a name for a module", err)
        self.assertEqual([path.name for path in self.folder.iterdir() if path.name != "plugins"], ["mine"])

    def test_what_breaks_a_rule(self):
        for name, says in (("testcrash", r"failed +case 1: crashed: "), ("testnonsense", r"failed +case 1: failed: "),
                           ("testfail", r"failed +case 1: failed: ")):
            out, _ = self.run_program("module", "check", PLUGINS / f"{name}.so", status=1)
            self.assertRegex(out, says)
            self.assertIn(f"{name}: not all rules hold", out)
        out, _ = self.run_program("module", "check", PLUGINS / "testunsupported.so", status=0)
        self.assertRegex(out, r"note +case 1: unsupported: ")
        _, err = self.run_program("module", "check", PLUGINS / "badtable.so", status=2)
        self.assertIn("the default does not fit", err)

    def test_wrong_use(self):
        for arguments, says in ((["nothing.so"], "No such file"), ([PLUGINS.parent / "fake_host.c"], "No such file"),
                                ([__file__], "a shared object whose name ends in .so"),
                                ([PLUGINS / "testgood.so", "value"], 'is not a parameter; write NAME=VALUE'),
                                ([PLUGINS / "testgood.so", "valeu=1"], 'did you mean "value"')):
            for command in ("try", "check"):
                _, err = self.run_program("module", command, *arguments, status=2)
                self.assertIn(says, err)
        self.assertFalse((self.folder / "vmsuite-results").exists())


if __name__ == "__main__":
    main()
