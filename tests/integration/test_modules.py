# SPDX-License-Identifier: GPL-3.0-or-later
"""Which modules a command takes, and what it says of those that it does not take or that hide others."""
import hashlib
import json
import shutil

from harness import BUILD, PLUGINS, Case, benchmark, main


class Modules(Case):
    def list(self, path):
        self.environment["VMSUITE_MODULE_PATH"] = str(path)
        out, err = self.run_program("list", "--json")
        return {module["module"]: module for module in json.loads(out)}, err

    def measure(self, path, *benchmarks):
        self.environment["VMSUITE_MODULE_PATH"] = str(path)
        self.run_program("run", self.configuration(*benchmarks))
        return super().record()

    def test_a_misspelt_path_is_said(self):
        modules, err = self.list(self.folder / "moduls")
        self.assertIn(f"{self.folder}/moduls is left out: there is no such folder", err)
        self.assertIn("stream", modules)

    def test_constructors_cost_a_sentence(self):
        modules, err = self.list(BUILD / "tests" / "fakes" / "constructors")
        for file, words in (("badcrash.so", "its constructor crashed"), ("badhang.so", "had not returned after 5 s"),
                            ("badexit.so", "its constructor ended the process with status 0")):
            self.assertRegex(err, f"{file} is left out: .*{words}")
        self.assertIn("goodquiet", modules)
        self.assertIn("stream", modules)

    def test_what_everybody_may_write_is_not_run(self):
        folder = self.folder / "shared"
        folder.mkdir()
        shutil.copy(PLUGINS / "testgood.so", folder)
        folder.chmod(0o1777)
        modules, err = self.list(folder)
        self.assertNotIn("testgood", modules)
        self.assertIn(f"{folder} is left out: anyone may put modules into this folder", err)
        folder.chmod(0o755)
        (folder / "testgood.so").chmod(0o777)
        modules, err = self.list(folder)
        self.assertNotIn("testgood", modules)
        self.assertIn("testgood.so is left out: anyone may write to it", err)
        (folder / "testgood.so").chmod(0o775)
        modules, err = self.list(folder)
        self.assertIn("testgood", modules)
        self.assertNotIn("left out", err)

    def test_a_module_that_hides_a_shipped_one_is_said_and_recorded(self):
        folder = self.folder / "foreign"
        folder.mkdir()
        foreign = folder / "memlat.so"
        shutil.copy(BUILD / "modules" / "memlat.so", foreign)
        with foreign.open("ab") as file:
            file.write(b"changed")
        modules, err = self.list(folder)
        self.assertIn(f'module "memlat" is taken from {foreign}', err)
        self.assertFalse(modules["memlat"]["shipped"])
        self.assertTrue(modules["stream"]["shipped"])
        record = self.measure(folder, benchmark("memlat", params={"size": "64KiB", "seconds": 0.01}))
        module = record["modules"][0]
        self.assertEqual(module["path"], str(foreign))
        self.assertEqual(module["sha256"], hashlib.sha256(foreign.read_bytes()).hexdigest())
        self.assertFalse(module["shipped"])
        self.assertEqual(module["abi"], "1.1")
        self.assertEqual(module["params"]["size"], {"kind": "bytes", "role": "size"})
        self.assertTrue(any(str(foreign) in warning for warning in record["warnings"]))
        self.assertEqual(record["cases"][0]["summary"][0]["role"], "headline")

    def test_check_and_dry_run_refuse_what_a_run_refuses(self):
        del self.environment["VMSUITE_MODULE_PATH"]
        cases = (
            (benchmark("block", params={"file_size": "512", "block_size": "4KiB"}), "less than one block"),
            (benchmark("block", params={"block_size": ["512", "1000"]}), "block_size 1000 is not a multiple of 512"),
            (benchmark("block", params={"operation": "read", "io_size": "1000", "block_size": "4KiB"}),
             "io_size 1000 is less than one block"),
            (benchmark("tcp", params={"bytes": "1MB", "warmup": 1}), "warmup cannot be used with bytes"),
            (benchmark("tcp", params={"mss": 40}), "mss is at least 88"),
            (benchmark("udp", params={"cpus": "1-"}), "1-"),
            (benchmark("linpack", params={"threads": 2}), "solver reference has one thread"),
            (benchmark("memlat", params={"size": 100}), "size is 100 bytes"),
            (benchmark("stream", params={"array_size": 100}), "array_size is 100 bytes"),
            (benchmark("stream", params={"threads": "many"}), "many"),
            (benchmark("cpu", params={"affinity": "none"}), "affinity is none"),
        )
        for case, words in cases:
            with self.subTest(words):
                given = self.configuration(case)
                self.assertIn(words, self.run_program("check", given, status=2)[0])
                self.assertIn(words, self.run_program("run", "--dry-run", given, status=2)[1])
                self.assertIn(words, self.run_program("run", given, status=2)[1])
        # What another machine may have is refused by what looks ahead on this one.
        given = self.configuration(benchmark("stream", params={"array_size": "1TB"}))
        for command in (("check",), ("run", "--dry-run")):
            self.assertIn("it takes 3000 GB of memory", "".join(self.run_program(*command, given, status=2)))

    def test_a_module_of_abi_1_0_runs(self):
        folder = self.folder / "old"
        folder.mkdir()
        (folder / "testolder.so").symlink_to(PLUGINS / "testolder.so")
        record = self.measure(folder, benchmark("testolder", params={"count": 5, "word": "first"}))
        case = record["cases"][0]
        self.assertEqual((case["resource"], record["modules"][0]["abi"]), ("disk", "1.0"))
        self.assertEqual(case["trials"][0]["metrics"][0]["value"], 5 + 65536)
        self.assertEqual((case["summary"][0]["unit"], case["summary"][0]["better"]), ("B/s", "higher"))


main()
