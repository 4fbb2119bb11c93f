# SPDX-License-Identifier: GPL-3.0-or-later
"""Adds one of each extension as a stranger would, from a patch, to a copy of the sources: a module with its test, a
command, an export format, a hypervisor, a launcher. Builds the copy once, and uses each.

What an extension costs is asserted, too: one row in one existing file, beside new files of its own.

usage: test_extension.py SOURCE_FOLDER"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(sys.argv[1]).resolve()
PATCHES = pathlib.Path(__file__).resolve().parent
COPIED = ("core", "docs", "modules", "results", "runner", "tests", "meson.build", "meson_options.txt")
# Per kind: the file with the table, and the new files.
COSTS = {
    "command": ("runner/cli/meson.build", {"runner/cli/example.c"}),
    "format": ("results/export/meson.build", {"results/export/example.c"}),
    "hypervisor": ("core/virtualization/hypervisors.c", set()),
    "launcher": ("runner/guest/launchers/meson.build", {"runner/guest/launchers/launch_example.c"}),
    # The folder is the module's own, and its test is found by its name.
    "module": ("modules/meson.build", {"modules/example/example.c", "modules/example/meson.build",
                                       "tests/modules/test_example.c"}),
}


def read_patch(kind):
    """{file: (is new, lines added, lines removed)}"""
    files = {}
    text = (PATCHES / f"{kind}.patch").read_text(encoding="utf-8")
    for part in re.split(r"^diff --git ", text, flags=re.M)[1:]:
        name = re.match(r"a/(\S+) b/\1\n", part)[1]
        lines = part[re.search(r"^@@", part, re.M).start():].splitlines()
        files[name] = ("\nnew file mode" in part, sum(line.startswith("+") for line in lines),
                       sum(line.startswith("-") for line in lines))
    return files


def copy_sources(target):
    def leave_out(folder, names):
        return [name for name in names if name == "__pycache__" or (pathlib.Path(folder, name) / "build.ninja").exists()
                or pathlib.Path(folder, name) == SOURCE / "tests" / "data"]

    for name in COPIED:
        path = SOURCE / name
        if path.is_dir():
            shutil.copytree(path, target / name, ignore=leave_out, symlinks=True)
        else:
            shutil.copy(path, target)


class Cost(unittest.TestCase):
    def test_each_extension_is_one_row_beside_files_of_its_own(self):
        self.assertEqual({path.stem for path in PATCHES.glob("*.patch")}, set(COSTS))
        for kind, (table, own) in COSTS.items():
            files = read_patch(kind)
            self.assertEqual({name for name, (is_new, _, _) in files.items() if is_new}, own, kind)
            changed = {name: counts for name, (is_new, *counts) in files.items() if not is_new}
            self.assertEqual(changed, {table: [1, 0]}, f"{kind}: one line more in {table}, and nothing else")


class Extension(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.copy = pathlib.Path(tempfile.mkdtemp(prefix="vmsuite-extension-", dir="/var/tmp"))
        cls.addClassCleanup(shutil.rmtree, cls.copy, True)
        # Without debugging information objects do not depend on the folder's name, so that ccache knows them again.
        cls.environment = dict(os.environ, CCACHE_NOHASHDIR="1", VMSUITE_MODULE_PATH=str(cls.copy / "build/modules"),
                               VMSUITE_DATA_PATH=str(cls.copy / "runner"), PATH=f"{cls.copy / 'tools'}:{os.environ['PATH']}")
        # A KVM that does not work would be waited for: ten seconds.
        (cls.copy / "tools").mkdir()
        (cls.copy / "tools" / "qemu-system-x86_64").symlink_to("/bin/false")
        copy_sources(cls.copy)
        for kind in COSTS:
            cls.call("patch", "--strip=1", "--forward", "--fuzz=3", "--input", PATCHES / f"{kind}.patch")
        cls.call("meson", "setup", "build", "--buildtype=plain")
        log = cls.call("ninja", "-C", "build", "product", "tests/modules/test_module_example",
                       "runner/manual/vmsuite-example.1")
        warnings = re.findall(r"^.*example\.c:.*warning.*$", log, re.M)
        assert not warnings, warnings

    @classmethod
    def call(cls, *command, status=0):
        """What the command printed, on either stream; ends the test where its exit status is another."""
        done = subprocess.run(command, cwd=cls.copy, env=cls.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert done.returncode == status, f"{command} ended with {done.returncode}:\n{done.stdout[-4000:]}"
        return done.stdout

    def vmsuite(self, *arguments, status=0):
        return self.call("build/runner/vmsuite", *arguments, status=status)

    def write(self, name, content):
        (self.copy / name).write_text(json.dumps(content), encoding="utf-8")
        return name

    def configuration(self, name, **members):
        return self.write(f"{name}.json", {"configuration": name, "suite": {"suite": "s", "trials": 2, "benchmarks": [
            {"group": "g", "module": "example", "params": {"number": 7}}]}, **members})

    def test_module_and_format(self):
        self.assertIn("example ", self.vmsuite("list"))
        self.assertIn("What is reported.", self.vmsuite("list", "example"))
        self.vmsuite("run", self.configuration("numbers"), "--output", "numbers")
        record, = (self.copy / "numbers").glob("*.json")
        trials = json.loads(record.read_text())["cases"][0]["trials"]
        self.assertEqual([(metric["metric"], metric["value"]) for trial in trials for metric in trial["metrics"]],
                         [("number", 7)] * 2)
        self.assertEqual(self.vmsuite("export", record, "--format", "example"), "numbers/g number 7.0\n")
        self.assertIn("of vmsuite export: a line a metric", self.vmsuite("list", "formats"))
        self.assertIn("example a line a metric", " ".join(self.vmsuite("export", "--help").split()))

    def test_the_modules_test_is_found(self):
        self.assertIn("1/1", self.call("meson", "test", "-C", "build", "--no-rebuild", "--suite", "modules", "example"))

    def test_command(self):
        self.assertEqual(self.vmsuite("example", "world"), "hello, world\n")
        self.assertEqual(self.vmsuite("example", "world", "--greeting=bye"), "bye, world\n")
        self.assertIn('did you mean "--greeting"', self.vmsuite("example", "world", "--greetin=x", status=2))
        self.assertIn('did you mean "example"', self.vmsuite("exmaple", status=2))
        self.assertIn("greet somebody", self.vmsuite("--help"))
        self.assertIn("What to say first", (self.copy / "build/runner/manual/vmsuite-example.1").read_text())
        self.assertIn("example", self.call("build/runner/manual/describe", "bash"))

    def test_hypervisor(self):
        firmware = self.copy / "machine/sys/class/dmi/id"
        firmware.mkdir(parents=True)
        (firmware / "sys_vendor").write_text("Examplevisor\n")
        machine = json.loads(self.vmsuite("env", "--json", "--root", "machine"))
        self.assertEqual(machine["virtualization"], "examplevisor")
        self.vmsuite("check", self.configuration("there", expect={"virtualization": "examplevisor"}))
        self.assertIn('did you mean "examplevisor"',
                      self.vmsuite("check", self.configuration("typo", expect={"virtualization": "exampelvisor"}),
                                   status=2))

    def test_launcher(self):
        self.assertRegex(self.vmsuite("guest", "list"), r"example +not usable: there is no example hypervisor here")
        self.assertIn("flavour, default plain", self.vmsuite("guest", "list", "example"))
        guest = self.configuration("guest", guest={"launcher": "example", "flavour": "sweet"})
        self.vmsuite("check", guest)
        self.assertIn("there is no example hypervisor here", self.vmsuite("run", guest, status=2))
        self.assertIn("sour guests cannot be had",
                      self.vmsuite("check", self.configuration("sour", guest={"launcher": "example", "flavour": "sour"}),
                                   status=2))
        self.assertIn("example", self.vmsuite("check", self.configuration("typo", guest={"launcher": "exampel"}), status=2))


missing = [tool for tool in ("patch", "meson", "ninja") if not shutil.which(tool)]
if missing:
    print(f"skipped: there is no {missing[0]} here")
    sys.exit(77)
unittest.main(argv=[sys.argv[0]], verbosity=2)
