# SPDX-License-Identifier: GPL-3.0-or-later
"""Root in folders in which another user of the machine may make files; and several of root's processes in one."""
import json
import os
import pathlib
import subprocess
import sys
import unittest

from harness import PATIENCE, SOURCE, Case, benchmark, descendants, end, is_alive, main, wait_for

sys.path.insert(0, str(SOURCE / "tests" / "fixtures"))
import make_history  # noqa: E402

GOLDEN = SOURCE / "tests" / "golden" / "record.json"
NOBODY = 65534
# Puts a link to VICTIM where the folder NAME is made, again and again, as whoever may rename it can.
SWAPPER = """
import os, sys, time
name, victim = sys.argv[1:]
end = time.monotonic() + 300
open(name + ".ready", "w").close()
for n in range(10 ** 9):
    try:
        os.rename(name, f"{name}.{n}")
        os.symlink(victim, name)
        break
    except OSError:
        if time.monotonic() > end:
            break
"""
# Has a link to VICTIM in the place of the folder NAME for a moment, again and again.
FLIPPER = """
import os, sys, time
name, victim = sys.argv[1:]
open(name + ".ready", "w").close()
end = time.monotonic() + 300
for n in range(10 ** 9):
    try:
        os.rename(name, f"{name}.{n}")
        os.symlink(victim, name)
        time.sleep(0.0003)
        os.unlink(name)
        os.rename(f"{name}.{n}", name)
        time.sleep(0.0007)
    except OSError:
        if time.monotonic() > end:
            break
"""
# Exchanges each of these folders in FOLDER, which is theirs, with a link to VICTIM, time and again.
REPLACER = """
import ctypes, os, sys, time
folder, victim, *names = sys.argv[1:]
exchange = ctypes.CDLL(None).renameat2
here, both = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
pairs = [(f"{folder}/{name}".encode(), f"{folder}/{name}.link".encode()) for name in names]
open(folder + ".ready", "w").close()
end = time.monotonic() + 300
while not os.listdir(folder) and time.monotonic() < end:
    pass
for _, link in pairs:
    os.symlink(victim, link)
while time.monotonic() < end:
    for name, link in pairs:
        exchange(here, name, here, link, both)
"""
# Shows the document of theirs, that of root's, and theirs again under one name, time and again.
SHOWER = """
import os, sys, time
name, = sys.argv[1:]
open(name + ".ready", "w").close()
end = time.monotonic() + 300
while time.monotonic() < end:
    for one in ("mine", "theirs"):
        os.rename(f"{name}.{one}", name)
        time.sleep(0.0005)
        os.rename(name, f"{name}.{one}")
"""
# Puts a folder of theirs where a bundle is unpacked in FOLDER, which is theirs, too, and in it what is run.
UNPACKER = """
import os, sys, time
folder, mark = sys.argv[1:]
open(folder + ".ready", "w").close()
end = time.monotonic() + 300
own = None
while time.monotonic() < end:
    for name in os.listdir(folder) if not own else []:
        if name.startswith("vmsuite-place."):
            own = f"{folder}/{name}"
            os.rename(own, own + ".was")
            os.mkdir(own)
    if own and os.path.exists(own + "/run"):
        os.rename(own + "/run", own + "/run.was")
        with open(os.open(own + "/run", os.O_WRONLY | os.O_CREAT, 0o755), "w") as file:
            file.write(f"#!/bin/sh\\nid > {mark}\\n")
        break
"""


@unittest.skipUnless(os.geteuid() == 0, "skipped: only root can be another user, too")
class Neighbours(Case):
    def setUp(self):
        super().setUp()
        self.folder.chmod(0o711)
        self.victim = self.folder / "victim"
        self.victim.mkdir()
        (self.victim / "kept").write_text("precious")

    def shared(self, mode=0o1777):
        folder = self.folder / "shared"
        folder.mkdir(exist_ok=True)
        folder.chmod(mode)
        return folder

    def theirs(self, path):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
        return path

    def untouched(self):
        self.assertEqual([path.name for path in self.victim.iterdir()], ["kept"])
        self.assertEqual((self.victim / "kept").read_text(), "precious")

    def neighbour(self, script, name, *arguments):
        """Their program is at it when this returns."""
        process = subprocess.Popen(["/usr/bin/python3", "-c", script, name, *arguments], user=NOBODY, group=NOBODY, extra_groups=[])
        self.addCleanup(end, process)
        wait_for(pathlib.Path(f"{name}.ready").exists, "the neighbour")
        return process

    def test_a_folder_that_waits_with_links(self):
        """Another user was there first, with a folder of theirs under the name that root will use."""
        store = self.folder / "history.db"
        records = self.folder / "history"
        records.mkdir()
        self.run_program("store", "import", "--store", store, *make_history.make(records, 3, 1, 3, step=0.5))
        other = json.loads(GOLDEN.read_text())
        other["run_id"] = other["run_id"][:-1] + ("0" if other["run_id"][-1] != "0" else "1")
        other = self.write("other.json", other)
        folder = self.shared() / "out"
        folder.mkdir()
        self.theirs(folder)
        names = ("index.html", "page.html", "cells.csv", "answer.json", "trend.json", "tool")
        for name in names:
            (folder / name).symlink_to(self.victim / "kept")
            self.theirs(folder / name)
        for command in (("report", "--store", store, "-o", folder), ("report", GOLDEN, "-o", folder / "page.html"),
                        ("export", GOLDEN, "--output", folder / "cells.csv"),
                        ("compare", GOLDEN, other, "--output", folder / "answer.json"),
                        ("trend", "--store", store, "-o", folder / "trend.json"),
                        ("bundle", "-o", folder / "tool")):
            process = self.start(*command)
            _, err = process.communicate(timeout=PATIENCE)
            self.assertIn(process.returncode, (1, 2), command)
            self.assertIn("another user's link", err, command)
            self.untouched()

    def test_a_way_over_a_link_of_theirs(self):
        home = self.folder / "home"
        home.mkdir()
        self.theirs(home)
        (home / "out").symlink_to(self.victim)
        self.theirs(home / "out")
        (self.victim / "kept").unlink()  # a capture wants an empty folder
        configuration = self.configuration(benchmark("testgood"))
        for command in (("run", configuration, "--output", home / "out"),
                        ("run", configuration, "--output", home / "out" / "deeper"),
                        ("report", GOLDEN, "-o", home / "out" / "page.html"), ("env", "--capture", home / "out"),
                        ("env", "--capture", home / "out" / "deeper"), ("env", "--capture", home / "out" / "deeper" / ""),
                        ("module", "new", "mine", "--output", home / "out" / "mine")):
            process = self.start(*command)
            _, err = process.communicate(timeout=PATIENCE)
            self.assertIn(process.returncode, (1, 2), command)
            self.assertIn("another user's link", err, command)
            self.assertEqual(list(self.victim.iterdir()), [], command)

    def test_a_new_modules_folder_is_swapped(self):
        (self.victim / "meson.build").write_text("precious")
        shared = self.shared(0o777)
        for n in range(3):
            folder = shared / f"mine{n}"
            swapper = subprocess.Popen(["/usr/bin/python3", "-c", SWAPPER, folder, self.victim], user=NOBODY, group=NOBODY,
                                       extra_groups=[])
            self.addCleanup(end, swapper)
            wait_for(pathlib.Path(f"{folder}.ready").exists, "the neighbour")
            process = self.start("module", "new", "mine", "--output", folder)
            process.communicate(timeout=PATIENCE)
            self.assertIn(process.returncode, (0, 2))
            swapper.wait(PATIENCE)
            self.assertEqual(sorted(path.name for path in self.victim.iterdir()), ["kept", "meson.build"])
            self.assertEqual((self.victim / "meson.build").read_text(), "precious")

    def test_an_output_folder_that_is_swapped(self):
        """Whatever the moment: nothing is made in the folder that their link leads to, and nothing in it goes."""
        home = self.folder / "home"
        home.mkdir()
        self.theirs(home)
        out = home / "out"
        out.mkdir()
        configuration = self.configuration(benchmark("testgood"), suite={"trials": 2})
        flipper = subprocess.Popen(["/usr/bin/python3", "-c", FLIPPER, out, self.victim], user=NOBODY, group=NOBODY, extra_groups=[])
        self.addCleanup(end, flipper)
        wait_for(pathlib.Path(f"{out}.ready").exists, "the neighbour")
        before = self.victim.stat().st_mtime_ns
        for n in range(20):
            process = self.start("run", configuration, "--output", out, "--quiet", *(("--runs", "2") if n % 2 else ()))
            _, err = process.communicate(timeout=PATIENCE)
            self.assertIn(process.returncode, (0, 1, 2), err)
            self.assertEqual(self.victim.stat().st_mtime_ns, before, err)
        self.assertIsNone(flipper.poll())
        self.untouched()

    def test_folders_of_a_capture_are_replaced(self):
        """In a folder of theirs, empty as a capture wants it."""
        home = self.folder / "home"
        home.mkdir()
        self.theirs(home)
        for n in range(10):
            out = self.theirs(self.made(home / f"out{n}"))
            replacer = self.neighbour(REPLACER, out, self.victim, "proc", "sys", "dev", "vmsuite")
            process = self.start("env", "--capture", out)
            _, err = process.communicate(timeout=PATIENCE)
            self.assertIn(process.returncode, (0, 1), err)
            end(replacer)
            self.untouched()

    def made(self, folder):
        folder.mkdir()
        return folder

    def test_a_bundle_in_a_folder_of_theirs(self):
        """What is unpacked there runs with root's rights."""
        home = self.theirs(self.made(self.folder / "home"))
        for place in (self.theirs(self.made(home / "a")), self.made(home / "b")):
            self.environment["TMPDIR"] = str(place)
            configuration = self.configuration(benchmark("testgood"))
            unpacker = self.neighbour(UNPACKER, place, self.folder / "ran")
            for options in ((), ("--keep-bundle",)):
                process = self.start("run", configuration, "--on", "far=exec:env", *options)
                _, err = process.communicate(timeout=PATIENCE)
                self.assertFalse((self.folder / "ran").exists(), err)
                self.assertRegex(err, f"{home}(/a)?: others may move the folders in it")
                self.assertEqual(process.returncode, 2, err)
            end(unpacker)

    def test_programs_in_the_working_folder(self):
        """A PATH with an empty part, or a relative one, is searched in a folder where they may put programs."""
        shared = self.shared()
        for name in ("tar", "sh", "env", "mkdir", "uname", "qemu-system-x86_64", "ip"):
            (shared / name).write_text(f"#!/bin/sh\necho $0 >> {self.folder}/ran\nexec /usr/bin/{name} \"$@\"\n")
            (shared / name).chmod(0o755)
            self.theirs(shared / name)
        configuration = self.configuration(benchmark("testgood"))
        for path in (":/usr/bin:/bin", ".:/usr/bin:/bin", "../shared:/usr/bin", "/usr/bin:./:"):
            self.environment["PATH"] = path
            for command in (("run", configuration, "--on", "exec:env", "--output", self.folder / "out", "--quiet"),
                            ("guest", "list"), ("list", "places")):
                self.run_program(*command, cwd=shared)
                self.assertFalse((self.folder / "ran").exists(), (path, command))

    def test_disks_for_a_guest_that_is_booted_by_hand(self):
        """Links that wait under their names, in a folder of theirs and in one of all."""
        configuration = self.configuration(benchmark("testgood"), guest={"launcher": "kvm"})
        theirs = self.folder / "theirs"
        theirs.mkdir()
        (self.victim / "record.img").write_text("precious")
        for folder, words in ((self.theirs(theirs), None), (self.shared(), "it belongs to another user")):
            for name in ("job.img", "record.img"):
                (folder / name).symlink_to(self.victim / "kept")
                self.theirs(folder / name)
            _, err = self.run_program("guest", "job", configuration, "--directory", folder, status=1 if words else 0)
            self.assertIn(words or "", err)
            self.assertEqual((self.victim / "kept").read_text(), "precious")
            self.assertEqual((folder / "job.img").is_symlink(), bool(words))
        home = self.folder / "home"
        home.mkdir()
        self.theirs(home)
        (home / "out").symlink_to(self.victim)
        self.theirs(home / "out")
        _, err = self.run_program("guest", "job", configuration, "--directory", home / "out", status=1)
        self.assertIn("another user's link", err)
        self.assertEqual((self.victim / "record.img").read_text(), "precious")
        self.assertEqual(sorted(path.name for path in self.victim.iterdir()), ["kept", "record.img"])

    def test_disks_in_a_folder_that_is_swapped(self):
        configuration = self.configuration(benchmark("testgood"), guest={"launcher": "kvm"})
        home = self.folder / "home"
        home.mkdir()
        self.theirs(home)
        out = home / "out"
        out.mkdir()
        flipper = subprocess.Popen(["/usr/bin/python3", "-c", FLIPPER, out, self.victim], user=NOBODY, group=NOBODY, extra_groups=[])
        self.addCleanup(end, flipper)
        wait_for(pathlib.Path(f"{out}.ready").exists, "the neighbour")
        for name in ("job.img", "record.img"):
            (self.victim / name).write_text("precious")
        for _ in range(60):
            process = self.start("guest", "job", configuration, "--directory", out)
            _, err = process.communicate(timeout=PATIENCE)
            self.assertIn(process.returncode, (0, 1, 2), err)
            self.assertEqual({path.read_text() for path in self.victim.iterdir()}, {"precious"})
        self.assertIsNone(flipper.poll())

    def test_temporary_files_of_a_boot_in_a_folder_of_theirs(self):
        """What is used by its path, by mke2fs and QEMU too, would be theirs to replace."""
        theirs = self.folder / "theirs"
        (theirs / "tmp").mkdir(parents=True)
        self.theirs(theirs)
        guest = {"launcher": "qemu-tcg", "kernel": "/bin/true", "disk": "64MiB"}
        for place in (theirs, theirs / "tmp"):
            self.environment["TMPDIR"] = str(place)
            for configuration, arguments in ((self.configuration(benchmark("testgood"), name="guest", guest=guest), ()),
                                             (self.configuration(benchmark("testgood")), ("--output", "-"))):
                process = self.start("run", configuration, *arguments)
                _, err = process.communicate(timeout=PATIENCE)
                self.assertIn(process.returncode, (1, 2), err)
                self.assertIn(f"{theirs} belongs to another user: no folder of ours is safe in it", err)
        self.assertEqual([path.name for path in theirs.iterdir()], ["tmp"])
        self.assertEqual(list((theirs / "tmp").iterdir()), [])

    def test_documents_in_the_working_folder(self):
        """A file of theirs that is called as a shipped document is: a configuration may give a disk away."""
        shared = self.shared()
        suite = {"suite": "theirs", "trials": 1, "warmup": 0, "benchmarks": [benchmark("testgood", group="theirs")]}
        policy = {"policy": "theirs", "rules": []}
        for name, document in (("here", {"configuration": "theirs", "suite": suite}), ("quick", suite), ("quick-study", suite),
                               ("deterministic", policy)):
            self.theirs(self.write(f"shared/{name}", document))
        study = self.write("shared/study.json", {"study": "mine", "suite": "quick", "configurations": ["here"], "clocks": ["real-time"]})
        mine = self.write("shared/mine.json", {"configuration": "mine", "suite": "quick"})
        default = self.write("shared/default.json", {"configuration": "mine"})
        for command in (("run", "--dry-run"), ("run", "here", "--dry-run"), ("run", "--suite", "quick", "--dry-run"),
                        ("run", mine, "--dry-run"), ("run", default, "--dry-run"), ("check", mine),
                        ("study", "--config", study, "--dry-run", "--output", self.folder / "out"), ("check", study)):
            out, err = self.run_program(*command, cwd=shared)
            self.assertNotIn("theirs", out + err, command)
        out, _ = self.run_program("run", "./here", "--dry-run", cwd=shared)
        self.assertIn("theirs", out)

    def test_a_study_of_theirs_is_not_continued(self):
        """What it says would be done with root's rights: a place is any command."""
        shared = self.shared()
        suite = {"suite": "theirs", "trials": 1, "warmup": 0, "benchmarks": [benchmark("testgood")]}
        study = {"study": "theirs", "suite": suite, "seed": 1, "rounds": 1, "clocks": ["real-time"],
                 "configurations": [{"configuration": "x", "places": [f"far=exec:sh {self.folder}/ran.sh"]}]}
        (self.folder / "ran.sh").write_text(f"touch {self.folder}/ran\n")
        self.theirs(self.write("shared/study.json", study))
        for link in (False, True):
            if link:
                (shared / "study.json").rename(self.folder / "theirs.json")
                (shared / "study.json").symlink_to(self.folder / "theirs.json")
                self.theirs(shared / "study.json")
            _, err = self.run_program("study", "--resume", "--output", shared, status=2)
            self.assertIn("is not yours: a study is continued only from a folder of its own user", err)
            self.assertFalse((self.folder / "ran").exists())

    def test_a_study_that_changes_hands(self):
        """Where others may rename what is root's, or the folder is another user's."""
        shared = self.shared(0o777)
        suite = {"suite": "theirs", "trials": 1, "warmup": 0, "benchmarks": [benchmark("testgood")]}
        study = {"study": "mine", "suite": suite, "seed": 1, "rounds": 1, "clocks": ["real-time"], "configurations": [{"configuration": "x"}]}
        self.write("shared/study.json.mine", study)
        study["configurations"][0]["places"] = [f"far=exec:touch {self.folder}/ran"]
        self.theirs(self.write("shared/study.json.theirs", study))
        shower = self.neighbour(SHOWER, shared / "study.json")
        words = ""
        for _ in range(20):
            process = self.start("study", "--resume", "--output", shared)
            _, err = process.communicate(timeout=PATIENCE)
            self.assertFalse((self.folder / "ran").exists(), err)
            words += err
        end(shower)
        self.assertEqual(words.count("would be done with root's rights"), 20, words)
        home = self.theirs(self.made(self.folder / "home"))
        self.theirs(self.write("home/study.json", study))
        _, err = self.run_program("study", "--resume", "--output", home, status=2)
        self.assertIn("belongs to another user: what the study there says would be done with root's rights", err)
        self.assertFalse((self.folder / "ran").exists(), err)

    def test_records_of_theirs_beside_a_studys(self):
        """They would be taken for boots that have been made."""
        shared = self.shared()
        suite = {"suite": "mine", "trials": 1, "warmup": 0, "benchmarks": [benchmark("testgood")]}
        study = self.write("study.json", {"study": "mine", "suite": suite, "seed": 1, "rounds": 1, "clocks": ["real-time"],
                                          "configurations": [{"configuration": "here"}]})
        self.run_program("study", "--config", study, "--output", "first")
        record, = (self.folder / "first" / "real-time").glob("*.json")
        folder = self.made(shared / "real-time")
        for owner in (0, NOBODY):
            os.chown(folder, owner, owner)
            self.theirs(self.write(f"shared/real-time/{record.name}", record.read_text()))
            process = self.start("study", "--config", study, "--output", shared)
            _, err = process.communicate(timeout=PATIENCE)
            self.assertNotIn("its record is there", err)
            if owner == 0:
                self.assertEqual(process.returncode, 0, err)
                self.assertEqual(len([path for path in folder.glob("*.json") if path.stat().st_uid == 0]), 1, err)
            else:
                self.assertEqual(process.returncode, 2, err)
                self.assertIn(f"{folder} belongs to another user: name another --output", err)
            (shared / "study.json").unlink()

    def test_records_of_theirs_beside_a_sets(self):
        shared = self.shared()
        self.configuration(benchmark("testgood"))
        self.run_program("run", "here.json", "--on", "local", "--output", "alone")
        record, = self.records("alone")
        process = self.start("run", "here.json", "--on", "local", "--on", "far=exec:env", "--runs", "2", "--output", shared)
        wait_for(lambda: any(path.read_text().endswith("\n") for path in shared.glob("run-set-*.jsonl")), "the set's journal")
        journal, = shared.glob("run-set-*.jsonl")
        record["run_set"] = {"id": json.loads(journal.read_text().splitlines()[0])["run_set"], "run": 1, "runs": 2}
        record["configuration"] = "planted"
        self.theirs(self.write("shared/planted-20200101T000000Z-abcdef01.json", record))
        out, err = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 0, err)
        self.assertIn("far", out)
        self.assertNotIn("planted", out + err)

    def test_a_record_of_theirs_for_a_run_that_was_not_made(self):
        shared = self.shared()
        slow = self.configuration(benchmark("testslow", params={"seconds": "2s"}), name="slow", suite={"trials": 1})
        self.run_program("run", slow, "--runs", "2", "--output", "done")
        record = next(record for record in self.records("done") if record["run_set"]["run"] == 2)
        process = self.start("run", slow, "--runs", "2", "--output", shared)
        wait_for(lambda: list(shared.glob("slow-*.journal.jsonl")), "the first run")
        process.terminate()
        _, err = process.communicate(timeout=PATIENCE)
        journal, = shared.glob("run-set-*.jsonl")
        record["run_set"]["id"] = json.loads(journal.read_text().splitlines()[0])["run_set"]
        self.theirs(self.write("shared/slow-20200101T000000Z-abcdef01.json", record))
        self.run_program("run", slow, "--runs", "2", "--output", shared, "--resume")
        runs = [json.loads(path.read_text()) for path in shared.glob("*.json") if path.stat().st_uid == 0]
        self.assertEqual(sorted(run["run_set"]["run"] for run in runs if run["status"] == "ok"), [1, 2], err)

    def test_journals_of_others_are_not_gone_on_from(self):
        shared = self.shared()
        configuration = self.configuration(benchmark("testgood"), name="probe")
        names = ("probe-20991231T000000Z-abcdef01.journal.jsonl", "run-set-abcdef01.jsonl")
        for plant in (os.mkfifo, lambda path: path.symlink_to(self.victim / "kept"),
                      lambda path: path.write_text('{"schema": "vmsuite.journal/1"}\n')):
            for name, arguments in zip(names, ((), ("--runs", "2")), strict=True):
                plant(shared / name)
                self.theirs(shared / name)
                _, err = self.run_program("run", configuration, "--output", shared, "--resume", *arguments, status=2)
                self.assertIn("there is nothing to resume", err)
                (shared / name).unlink()
        self.untouched()


class AtOnce(Case):
    """Of several that make the same thing one makes it; the others have the same, or say why not."""
    N = 4

    def all_at_once(self, *command):
        processes = [self.start(*command) for _ in range(self.N)]
        results = [(*process.communicate(timeout=PATIENCE), process.returncode) for process in processes]
        for _, err, _ in results:
            self.assertNotIn("Sanitizer", err)
        return results

    def test_new_modules(self):
        for n in range(3):
            results = self.all_at_once("module", "new", "mine", "--output", f"mine{n}")
            self.assertEqual(sorted(status for _, _, status in results), [0] + [2] * (self.N - 1), results)
            self.assertTrue(all("File exists" in err for _, err, status in results if status))
            self.assertEqual(sorted(path.name for path in (self.folder / f"mine{n}").iterdir()),
                             ["meson.build", "mine.c", "test_mine.c"])

    def test_outputs(self):
        """One file of several writers is always a whole one, and nothing is left beside it."""
        self.run_program("report", GOLDEN, "-o", "alone.html")
        results = self.all_at_once("report", GOLDEN, "-o", "page.html")
        self.assertEqual([status for _, _, status in results], [0] * self.N, results)
        self.assertEqual((self.folder / "page.html").read_text(), (self.folder / "alone.html").read_text())
        self.assertEqual([path.name for path in self.folder.glob(".vmsuite*")], [])

    def test_folders(self):
        """Runs that make the same folders above their results."""
        configuration = self.configuration(benchmark("testgood"))
        for n in range(3):
            results = self.all_at_once("run", configuration, "--output", f"a{n}/b/c/d")
            self.assertEqual([status for _, _, status in results], [0] * self.N, results)
            self.assertEqual(len({record["run_id"] for record in self.records(f"a{n}/b/c/d")}), self.N)
            self.assertEqual(self.left_behind(self.folder / f"a{n}/b/c/d"), [])

    def test_runs_that_share_everything(self):
        """Results, scratch folder and a store that none of them has made yet; and one of them is killed at its work."""
        configuration = self.configuration(benchmark("testgood"), benchmark("testslow", params={"seconds": "20ms"}), name="many",
                                           suite={"trials": 3})
        hung = self.configuration(benchmark("testgood"), benchmark("testhang"), name="hung")
        (self.folder / "scratch").mkdir()
        shared = ("--output", "out", "--scratch", "scratch", "--store", "h.db", "--quiet")
        victim = self.start("run", hung, *shared)
        self.addCleanup(end, victim)
        wait_for(lambda: list(self.folder.glob("out/hung-*.journal.jsonl")), "the one that is killed to begin")
        processes = [self.start("run", configuration, *shared) for _ in range(self.N)]
        below = descendants(victim.pid)
        victim.kill()
        victim.communicate(timeout=PATIENCE)
        for process in processes:
            out, err = process.communicate(timeout=PATIENCE)
            self.assertEqual(process.returncode, 0, (out, err))
            self.assertNotIn("Sanitizer", err)
        wait_for(lambda: not any(map(is_alive, below)), "the end of what was killed")
        self.run_program("run", configuration, *shared)
        records = [record for record in self.records("out") if record["configuration"] == "many"]
        runs = {record["run_id"] for record in records}
        self.assertEqual((len(runs), {record["status"] for record in records}), (self.N + 1, {"ok"}))
        for path in self.folder.glob("out/many-*.json"):
            self.run_program("check", path)
        rows, _ = self.run_program("store", "export", "--store", "h.db", "--format", "jsonl", "--output", "-")
        self.assertEqual({json.loads(row)["run_id"] for row in rows.splitlines()}, runs)
        # What the killed one left is swept by the last run; its journal stays.
        self.assertEqual(list((self.folder / "scratch").iterdir()), [])
        self.assertEqual(len(list(self.folder.glob("out/hung-*.journal.jsonl"))), 1)

    def test_bundles(self):
        self.run_program("bundle", "-o", "alone")
        results = self.all_at_once("bundle", "-o", "tool")
        self.assertEqual([status for _, _, status in results], [0] * self.N, results)
        self.assertEqual((self.folder / "tool").read_bytes(), (self.folder / "alone").read_bytes())


if __name__ == "__main__":
    main()
