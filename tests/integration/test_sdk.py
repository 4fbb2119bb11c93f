# SPDX-License-Identifier: GPL-3.0-or-later
"""From `vmsuite module new` to a record, and what `module check` says of modules that keep the rules and that do not."""
import os
import subprocess
import unittest

from harness import PLUGINS, PROGRAM, SOURCE, Case, main


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
        for name in ("Mine", "1st", "a b", "../up", "a" * 64):
            _, err = self.run_program("module", "new", name, status=2)
            self.assertIn("is not a name for a module", err)
        _, err = self.run_program("module", "new", "", status=2)
        self.assertIn("argument 1 is empty; it takes NAME", err)
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

    def compiled(self, name, source):
        path = self.folder / f"{name}.so"
        subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-fvisibility=hidden", "-x", "c", "-", "-o", path,
                        f"-I{SOURCE / 'core' / 'include'}"], input=source, text=True, check=True)
        return path

    def test_each_row_of_the_tables_is_judged(self):
        estimate = "note    the estimate: missing; --dry-run cannot say what the module needs, and its deadline is a guess\n"
        work = "part of the work, as the table has it, but not reported with these parameters"
        path = self.compiled("rows", ROWS)
        for name, (size, says) in {"two": (1, "ok      fact late: given\n"), "one": (0, f"note    fact late: {work}\n")}.items():
            out, _ = self.run_program("module", "check", path, f"size={size}", "--trials", str(size + 1), status=1 - size)
            self.assertEqual(out, f"""\
ok      loads: ABI 1.1, workload version 7, parameters: 1, metrics: 3
ok      case 1: {size + 1} of {size + 1} trials
ok      metric first: reported
{"note    metric second: in the table, but not reported with these parameters" if size == 0 else "ok      metric second: reported"}
note    metric third: in the table, but not reported with these parameters
ok      fact early: given
{says}note    fact never: {work}
ok      the estimate: there
{"ok      headline: reported" if size else NO_HEADLINE}
rows: {"all" if size else "not all"} rules hold
""", name)
        out, _ = self.run_program("module", "check", PLUGINS / "testgood.so", "value=7", "value=8", status=1)
        self.assertEqual(out, f"""\
ok      loads: ABI 1.1, workload version 1, parameters: 1, metrics: 1
ok      case 1: 3 of 3 trials
ok      case 2: 3 of 3 trials
ok      metric speed: reported
{estimate}{NO_HEADLINE}
testgood: not all rules hold
""")

    def test_new_leaves_nothing_where_it_cannot_write(self):
        """A file system that is full: its folder is removed again."""
        script = "ulimit -f 0; exec \"$@\""
        done = subprocess.run(["sh", "-c", script, "sh", PROGRAM, "module", "new", "mine"], cwd=self.folder, env=self.environment,
                              capture_output=True, text=True)
        self.assertEqual((done.returncode, (self.folder / "mine").exists()), (2, False), done.stderr)

    def test_the_files_folder_goes_first(self):
        """A module of the same name elsewhere is not the one that is measured, and names with ':' cannot be said."""
        path = self.compiled("testgood", ROWS.replace('"rows"', '"testgood"'))
        out, _ = self.run_program("module", "check", path, "size=1")
        self.assertIn("workload version 7", out)
        odd = self.folder / "a:b"
        odd.mkdir()
        _, err = self.run_program("module", "check", path.rename(odd / path.name), status=2)
        self.assertIn("a folder whose name contains ':'; move the file", err)

    def test_wrong_use(self):
        for arguments, says in ((["nothing.so"], "No such file"), ([PLUGINS.parent / "fake_host.c"], "No such file"),
                                ([__file__], "a shared object whose name ends in .so"),
                                ([PLUGINS / "testgood.so", "value"], 'is not a parameter; write NAME=VALUE'),
                                ([PLUGINS / "testgood.so", "valeu=1"], 'did you mean "value"')):
            for command in ("try", "check"):
                _, err = self.run_program("module", command, *arguments, status=2)
                self.assertIn(says, err)
        self.assertFalse((self.folder / "vmsuite-results").exists())


NO_HEADLINE = "failed  headline: no metric that was reported has the role, so that no case can be judged"
# With size=1 the second metric, its headline, is reported; some facts are given at once, some in a trial, some never.
ROWS = """
#include <vmsuite/module.h>
static const struct vms_param params[] = {{.name = "size", .kind = VMS_COUNT, .fallback = "1", .help = "A size."}};
static const struct vms_metric metrics[] = {
    {.name = "first", .unit = VMS_RATIO, .better = VMS_LOWER, .help = "Always."},
    {.name = "second", .unit = VMS_RATIO, .better = VMS_LOWER, .role = VMS_ROLE_HEADLINE, .help = "With a size."},
    {.name = "third", .unit = VMS_RATIO, .better = VMS_LOWER, .help = "Never."},
};
static const struct vms_fact facts[] = {
    {"early", VMS_ROLE_WORK, "At once."}, {"plain", VMS_ROLE_PLAIN, "Never, which is well."},
    {"late", VMS_ROLE_WORK, "In a trial."}, {"never", VMS_ROLE_WORK, "Never."},
};
static int prepare(const struct vms_host *host, const union vms_value *values, void **state, struct vms_error *error) {
    (void)values, (void)state, (void)error;
    return host->fact(host->context, "early", "yes");
}
static int measure(const struct vms_host *host, const union vms_value *values, void *state, struct vms_error *error) {
    (void)state, (void)error;
    if (values[0].count > 0 && (host->sample(host->context, 1, 1) < 0 || host->fact(host->context, "late", "yes") < 0))
        return -1;
    return host->sample(host->context, 0, 1);
}
static void estimate(const union vms_value *values, struct vms_estimate *ret) { (void)values, ret->seconds = 0.01; }
const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI, .name = "rows", .summary = "Has rows of all kinds.", .resource = VMS_CPU, .workload_version = 7,
    .metrics = metrics, .n_metrics = 3, .params = params, .n_params = 1, .facts = facts, .n_facts = 4,
    .prepare = prepare, .measure = measure, .estimate = estimate};
"""


if __name__ == "__main__":
    main()
