# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever stands under an output's name, and whatever becomes of stdout: all of it arrives, or an error is said."""
import contextlib
import csv
import io
import itertools
import json
import os
import pathlib
import pty
import resource
import subprocess
import time
import unittest

from harness import BUILD, PATIENCE, PROGRAM, SANITIZER, SOURCE, Case, benchmark, controls, main

GOLDEN = SOURCE / "tests" / "golden" / "record.json"
FORMULAS = ('=HYPERLINK("http://x")', "+1", "-a", "@sum", "\tx")
HOSTILE = "x\x1b]0;title\x07\nGate passed\u009b31m<script>|=1+1\u202egpj"


class Output(Case):
    def setUp(self):
        super().setUp()
        other = json.loads(GOLDEN.read_text())
        other["run_id"] = other["run_id"][:-1] + ("0" if other["run_id"][-1] != "0" else "1")
        self.other = self.write("other.json", other)
        self.without_kvm()

    def run_with(self, *arguments, stdout, **options):
        done = subprocess.run([PROGRAM, *map(str, arguments)], env=self.environment, cwd=self.folder, stdout=stdout,
                              stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=PATIENCE, text=True, **options)
        return done.returncode, done.stderr

    def commands(self):
        configuration = self.configuration(benchmark("testgood"))
        return [("list",), ("list", "--json"), ("check", configuration), ("run", configuration, "--dry-run"),
                ("guest", "list"), ("env",), ("--help",), ("run", "--help"), ("compare", GOLDEN, self.other),
                ("export", GOLDEN), ("export", GOLDEN, "--format", "jsonl"), ("report", GOLDEN, "-o", "-"),
                ("run", configuration, "--output", "-")]

    def test_no_line_ends_in_a_blank(self):
        kinds = ("study", "--kinds", "native,kvm,xen-pvh,qemu-tcg", "--dry-run")
        for command in [*self.commands(), kinds, ("compare", GOLDEN, self.other, "--why"), ("list", "stream")]:
            out, _ = self.run_program(*command)
            self.assertEqual([line for line in out.splitlines() if line != line.rstrip(" ")], [], command)

    def test_a_full_device_is_an_error(self):
        with open("/dev/full", "w") as full:
            for command in self.commands():
                status, err = self.run_with(*command, stdout=full)
                self.assertNotEqual(status, 0, command)
                self.assertIn("No space left on device", err, command)
                self.assertEqual(err.count("cannot write"), 1, err)  # it is said once
                self.assertNotIn(" -:", err)

    def test_a_closed_stdout_is_an_error(self):
        for command in self.commands():
            status, err = self.run_with(*command, stdout=None, preexec_fn=lambda: os.close(1))
            self.assertNotEqual(status, 0, command)

    def test_a_record_that_stdout_refuses_is_kept(self):
        self.environment["TMPDIR"] = str(self.folder / "tmp")
        (self.folder / "tmp").mkdir()
        configuration = self.configuration(benchmark("testgood"))
        with open("/dev/full", "w") as full:
            status, err = self.run_with("run", configuration, "--output", "-", stdout=full)
        self.assertEqual(status, 1)
        kept = list((self.folder / "tmp").iterdir())
        self.assertEqual(len(kept), 1, kept)
        self.assertIn(str(kept[0]), err)
        self.assertEqual(json.loads(kept[0].read_text())["schema"], "vmsuite.record/1")

    def test_a_slow_reader_that_does_not_wait_gets_all(self):
        whole, _ = self.run_program("list", "--json")
        read, write = os.pipe()
        os.set_blocking(write, False)
        with subprocess.Popen([PROGRAM, "list", "--json"], env=self.environment, stdout=write) as process:
            os.close(write)
            text = b""
            while block := os.read(read, 512):
                text += block
                time.sleep(0.0005)
        os.close(read)
        self.assertEqual(process.returncode, 0)
        self.assertEqual(text.decode(), whole)

    def test_a_reader_that_leaves_ends_the_program_quietly(self):
        read, write = os.pipe()
        os.close(read)
        status, err = self.run_with("list", stdout=write)
        os.close(write)
        self.assertEqual((status, err), (-13, ""))

    def test_without_standard_descriptors_files_stay_whole(self):
        configuration = self.configuration(benchmark("testgood"))

        def close_all():
            for descriptor in range(3):
                os.close(descriptor)

        # The table is lost, and that is an error; a run that was not to print one has lost nothing.
        for output, options, status in (("lost", [], 1), ("quiet", ["--quiet"], 0)):
            done = subprocess.Popen([PROGRAM, "run", configuration, "--output", output, *options],
                                    env=self.environment, cwd=self.folder, preexec_fn=close_all)
            self.assertEqual(done.wait(PATIENCE), status)
            self.assertEqual(self.record(output)["status"], "ok")
            self.assertEqual(self.left_behind(output), [])

    @unittest.skipUnless(SANITIZER == "none", "sanitizers stand where the fault would be")
    def test_new_folders_survive_a_power_failure(self):
        """Each is synced into the folder above it, before anything is in it: the first two syncs that fail say so."""
        configuration = self.configuration(benchmark("testgood"))
        ledger = self.folder / "ledger"
        self.environment |= {"LD_PRELOAD": str(BUILD / "tests" / "fault" / "libfault.so"),
                             "VMSUITE_FAULT_LEDGER": str(ledger)}
        for call, folder in enumerate(("0", "1/deeper")):
            ledger.write_bytes(bytes(65536))
            self.environment["VMSUITE_FAULT"] = f"fsync:{call}"
            _, err = self.run_program("run", configuration, "--output", f"{call}/deeper", status=2)
            self.assertIn(f"cannot sync the folder {folder}: Input/output error", err)

    def test_devices_pipes_and_links_stay(self):
        out, _ = self.run_program("report", GOLDEN, "-o", "/dev/stdout")
        self.assertIn("</html>", out)
        self.assertFalse(os.path.isfile("/dev/stdout") and not os.path.islink("/dev/stdout"))
        (self.folder / "link").symlink_to("page.html")
        self.run_program("report", GOLDEN, "-o", "link")
        self.assertTrue((self.folder / "link").is_symlink())
        os.chmod(self.folder / "page.html", 0o600)
        self.run_program("report", GOLDEN, "-o", "page.html")
        self.assertEqual((self.folder / "page.html").stat().st_mode & 0o777, 0o600)
        _, err = self.run_program("export", GOLDEN, "--output", "/dev/full", status=1)
        self.assertIn("No space left", err)
        os.mkfifo(self.folder / "pipe")
        with subprocess.Popen(["timeout", "20", "cat", "pipe"], cwd=self.folder, stdout=subprocess.PIPE, text=True) as reader:
            self.run_program("compare", GOLDEN, self.other, "--output", "pipe")
            self.assertIn("xen-hvm", reader.communicate(timeout=PATIENCE)[0])
        self.assertTrue((self.folder / "pipe").is_fifo())

    def test_a_file_that_others_append_to_is_not_begun_again(self):
        with open(self.folder / "log", "w") as log:
            log.write("before\n")
            log.flush()
            status, _ = self.run_with("export", GOLDEN, "--output", "/dev/stdout", stdout=log)
        self.assertEqual(status, 0)
        self.assertTrue((self.folder / "log").read_text().startswith("before\n"))

    def test_a_limit_on_the_size_of_files(self):
        """Neither a cut file nor scratch is left, and the old file stays."""
        old = self.write("out.csv", "old")
        configuration = self.configuration(benchmark("testgood", trials=200))

        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

        for command in (("compare", GOLDEN, self.other, "--format", "json", "--output", old),
                        ("export", GOLDEN, "--output", old), ("report", GOLDEN, "-o", old)):
            status, err = self.run_with(*command, stdout=subprocess.DEVNULL, preexec_fn=limit)
            self.assertEqual(status, 1, (command, err))
            self.assertIn("File too large", err)
            self.assertEqual(old.read_text(), "old")
        status, err = self.run_with("run", configuration, "--output", "out", stdout=subprocess.DEVNULL, preexec_fn=limit)
        self.assertEqual(status, 1, err)
        self.assertIn("File too large", err)
        self.assertEqual([path.suffix for path in (self.folder / "out").iterdir()], [".jsonl"])

    def test_inputs_that_are_pipes_are_refused_at_once(self):
        os.mkfifo(self.folder / "pipe.json")
        for command in (("check",), ("run",), ("compare", GOLDEN), ("export",), ("report",),
                        ("compare", GOLDEN, self.other, "--policy")):
            out, err = self.run_program(*command, "pipe.json", status=2)
            self.assertIn("pipe", out + err)

    def test_texts_of_a_record_move_no_cursor(self):
        record = json.loads(GOLDEN.read_text())
        record["configuration"] = HOSTILE
        for outcome in record["cases"]:
            outcome["group"] = HOSTILE
            outcome["reason"] = outcome["reason"] and HOSTILE
        record["warnings"] = [HOSTILE]
        path = self.write("hostile.json", record)
        record["run_id"] = json.loads(self.other.read_text())["run_id"]
        again = self.write("again.json", record)
        for command in (("compare", path, again), ("compare", GOLDEN, path), ("check", path), ("report", path),
                        ("compare", path, again, "--baseline", "no\x1b[31m")):
            with self.start(*command) as process:
                out, err = process.communicate(timeout=PATIENCE)
            for character in "\x1b\x07\x9b":
                self.assertNotIn(character, out + err, command)
            self.assertNotIn("\nGate passed", out + err, command)
        out, _ = self.run_program("compare", path, again, "--format", "markdown")
        self.assertNotIn("<script", out)
        out, _ = self.run_program("export", path, "--format", "openmetrics")
        self.assertNotIn("\nGate passed", out)
        self.assertNotIn("<script>|", pathlib.Path(self.folder / "report.html").read_text())

    def test_cells_that_a_spreadsheet_would_run(self):
        records = []
        for name, path in (("a", GOLDEN), ("b", self.folder / "other.json")):
            record = json.loads(path.read_text())
            for case, group in zip(record["cases"], itertools.cycle(FORMULAS)):
                case["group"] = group
            records.append(self.write(f"formula-{name}.json", record))
        for command in (["export", records[0]], ["compare", *records]):
            plain, safe = (list(csv.reader(io.StringIO(self.run_program(*command, "--format", "csv", *option)[0])))
                           for option in ([], ["--spreadsheet"]))
            self.assertTrue(any(cell in FORMULAS for row in plain for cell in row), command)
            for before, after in zip(plain, safe, strict=True):
                self.assertEqual(after, ["'" + cell if cell.startswith(FORMULAS) else cell for cell in before])
            self.assertEqual([cell for row in safe for cell in row if cell[:1] in ("=", "+", "@")], [])
            _, err = self.run_program(*command, "--format", "json" if command[0] == "compare" else "jsonl",
                                      "--spreadsheet", status=2)
            self.assertIn("--spreadsheet is for --format csv", err)

    def test_data_of_strangers_on_a_terminal(self):
        """Formats that leave control characters as they are do so in files and pipes alone."""
        records = []
        for name, path in (("a", GOLDEN), ("b", self.folder / "other.json")):
            record = json.loads(path.read_text())
            for case in record["cases"]:
                case["group"] = HOSTILE
            records.append(self.write(f"hostile-{name}.json", record))
        for form in ("csv", "jsonl", "openmetrics"):
            text = self.shown_on_terminal("export", records[0], "--format", form)
            self.assertIn("title", text)
            self.assertEqual(controls(text), [], form)
        with open(self.folder / "csv", "wb") as out:
            self.assertEqual(self.run_with("export", records[0], "--format", "csv", stdout=out)[0], 0)
        self.assertIn("\x1b]0;title", (self.folder / "csv").read_text())
        for form in ("csv", "json", "markdown", "junit"):
            text = self.shown_on_terminal("compare", *records, "--format", form)
            self.assertEqual(controls(text), [], form)

    def test_a_group_moves_no_cursor_while_it_runs(self):
        """The line that tells how far a run is, on a terminal."""
        path = self.configuration(dict(benchmark("testgood"), group=HOSTILE))
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        process = subprocess.Popen([PROGRAM, "run", path, "--output", "out"], cwd=self.folder, env=self.environment,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs)
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # the terminal's end
            while piece := os.read(ours, 65536):
                shown += piece
        self.assertEqual(process.wait(PATIENCE), 0, shown)
        self.assertIn(b"case 1 of 1 ", shown)
        text = shown.decode().replace("\r\x1b[K", "")  # our own: a new line over the old one
        for character in "\x1b\x07\x9b\u202e":
            self.assertNotIn(character, text)

    def test_json_of_strangers_on_a_terminal(self):
        """JSON may hold C1 controls and characters that turn text as they are: a terminal shows them."""
        folder = self.folder / "data" / "configurations"
        folder.mkdir(parents=True)
        suite = {"suite": "s", "description": HOSTILE, "trials": 1, "warmup": 0, "benchmarks": [
            dict(benchmark("testgood"), group=HOSTILE)]}
        configuration = folder / "theirs.json"
        configuration.write_text(json.dumps({"configuration": "theirs", "description": HOSTILE, "suite": suite},
                                            ensure_ascii=False))
        self.environment["VMSUITE_DATA_PATH"] = str(folder.parent)
        for command in (("list", "configurations", "--json"), ("list", "configurations"),
                        ("run", configuration, "--output", "out", "--progress", "json"),
                        ("run", configuration, "--output", "-"), ("run", configuration, "--dry-run")):
            text = self.shown_on_terminal(*command)
            self.assertIn("title", text, command)
            self.assertEqual(controls(text), [], command)
        out, _ = self.run_program("list", "configurations", "--json")
        self.assertIn(HOSTILE, [row["summary"] for row in json.loads(out)])


if __name__ == "__main__":
    main()
