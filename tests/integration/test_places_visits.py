# SPDX-License-Identifier: GPL-3.0-or-later
"""Places that take no turns trial by trial (`run --on emulated-native`): guests that hand their record out when all is measured,
a boot a run, in turn with the others' runs. A program is in QEMU's place."""
import itertools
import json
import signal

from harness import PATIENCE, benchmark, descendants, end, is_alive, main, wait_for
from places import KERNEL, GuestPlaces

NATIVE = f"emulated-native:{KERNEL},network=none"


class Visits(GuestPlaces):
    def setUp(self):
        super().setUp()
        self.put_in_place("visited_qemu.py")

    def set_up(self, *benchmarks, **keys):
        self.configuration(*(benchmarks or [benchmark("testgood")]), **{"expect": self.expect, **keys})

    def rounds(self):
        """(round, places in the order that they were visited) of each round."""
        records = sorted((record["run_set"]["run"], record["started_at"], record["configuration"]) for record in self.records())
        return {run: [name for _, _, name in group] for run, group in itertools.groupby(records, lambda row: row[0])}

    def check_all(self):
        paths = list((self.folder / "vmsuite-results").iterdir())
        self.assertTrue(all(".json" in path.name and "journal" not in path.name for path in paths), paths)
        self.run_program("check", *paths)
        self.check_nothing_left()

    def test_a_boot_a_run(self):
        """In rounds with the others: whole boots, all places of one set, of the same seed, and one comparison."""
        self.set_up()
        out, err = self.run_program("run", "here.json", "--on", "local", "--on", NATIVE, "--on", "b=exec:env A=b", "--runs", "4",
                                    "--seed", "11", "--label", "commit=1f3a", "--retry-noisy", "2")
        name = "emulated-native-kernel-bin-true-network-"[:40].rstrip("-")
        self.assertRegex(err, f"{name}\\S* takes no turns trial by trial: each run boots it anew and measures all of its trials")
        found = self.by_name()
        guest, = set(found) - {"local", "b"}
        self.assertEqual([len(records) for records in found.values()], [4] * 3)
        self.assertIn("What each costs against local", out)
        self.assertIn("4 runs of each in turn", out)
        self.assertTrue(out.startswith("What each costs"), out)  # and no place's own table before it
        for record in self.records():
            visited = record["configuration"] == guest
            self.assertEqual(record["status"], "ok")
            self.assertEqual((record["places"]["place"], record["places"]["all"], record["places"]["turns"]),
                             (record["configuration"], ["local", guest, "b"], "runs" if visited else "trials"))
            self.assertEqual(record["seed"], 10 + record["run_set"]["run"])
            self.assertEqual((record["labels"], record["configuration_given"]["configuration"]), ({"commit": "1f3a"}, "here"))
            self.assertEqual([trial["status"] for trial in record["cases"][0]["trials"]], ["ok"] * 3)
            self.assertNotIn(guest, record["places"]["frozen"])
            self.assertEqual("guest" in record, visited)
        record = found[guest][0]
        self.assertEqual((record["guest"]["kind"], record["guest"]["emulated_hardware"]), ("native", True))
        self.assertGreater(record["places"]["driver"]["processor_s"], 0)
        self.assertLess(record["places"]["driver"]["share"], 1)
        self.assertEqual(record["configuration_given"]["place"], NATIVE)
        self.assertEqual(len({record["run_set"]["id"] for record in self.records()}), 1)
        self.assertEqual(len(self.kept("boots")), 4)
        self.assertEqual(set(self.rounds()), {1, 2, 3, 4})
        job = json.loads(self.kept("jobs")[0])
        self.assertEqual((job["configuration"], job["expect"]), (guest, self.expect))
        self.assertIn("--retry-noisy 2", self.kept("arguments")[0])
        self.check_all()

    def test_what_it_must_be(self):
        """By its kind, unless the configuration says otherwise; what it is not is not measured."""
        self.configuration(benchmark("testgood"), expect={"kernel": "7"})
        _, err = self.run_program("run", "here.json", "--on", NATIVE, status=3)
        self.assertEqual(json.loads(self.kept("jobs")[0])["expect"], {"kernel": "7", "virtualization": "qemu"})
        self.assertIn("is not what configuration", err)
        self.assertEqual(self.records(), [])
        self.run_program("run", "here.json", "--on", NATIVE, "--allow-mismatch", "--compress")
        self.assertIn("--allow-mismatch", self.kept("arguments")[1])
        path, = (self.folder / "vmsuite-results").glob("*.json.zst")
        self.run_program("check", path)
        self.check_nothing_left()

    def test_what_stays_here(self):
        """A job has no places, goal or peer of this host's."""
        self.set_up(places=["local", "a=" + NATIVE + ",vcpus=2,memory=1GiB,disk=8MiB"], find="50%", store="store")
        self.run_program("run", "here.json", "--trials", "2")
        job = json.loads(self.kept("jobs")[0])
        self.assertEqual(sorted(job), ["configuration", "expect", "scratch", "suite"])
        self.assertEqual([len(records) for records in self.by_name().values()], [len(self.kept("boots"))] * 2)
        self.assertIn("-smp 2 -m 1024", self.kept("boots")[0])
        rows = self.run_program("store", "query", "--store", "store", "--format", "jsonl")[0]
        self.assertEqual({json.loads(row)["configuration"] for row in rows.splitlines()}, {"local", "a (emulated hardware)"})

    def test_a_list_of_values(self):
        self.set_up()
        out, _ = self.run_program("run", "here.json", "--dry-run", "--on", "a=emulated-native:vcpus=1,2,memory=1GiB",
                                  "--on", "libvirt/qemu:uri=test:///default", "--on", "xen-pv")
        self.assertEqual([line.split()[:2] for line in out.splitlines()[-8:-4]], [
            ["a-1", "a-1=emulated-native:vcpus=1,memory=1GiB"], ["a-2", "a-2=emulated-native:vcpus=2,memory=1GiB"],
            ["libvirt-qemu-uri-test-default", "libvirt/qemu:uri=test:///default"], ["xen-pv", "xen-pv"]])
        self.assertRegex(out, r"a-1 takes no turns trial by trial: .*, about \d+ s")
        self.assertFalse((self.folder / "vmsuite-results").exists())
        self.assertEqual(self.kept("boots"), [])

    def test_what_cannot_be_there(self):
        """Before anything is booted."""
        self.set_up(suite={"together": True})
        told = "is a guest that hands its record out when all is measured: it "
        _, err = self.run_program("run", "here.json", "--on", "local", "--on", NATIVE, status=2)
        self.assertIn(told + "measures by itself", err)
        self.set_up()
        _, err = self.run_program("run", "here.json", "--on", "local", "--on", NATIVE, "--peer", "local", status=2)
        self.assertIn("leave out --peer", err)
        _, err = self.run_program("run", "here.json", "--on", "local", "--peer", "emulated-native", status=2)
        self.assertIn("starts no peer for others", err)
        self.set_up(peer={"address": "127.0.0.1"})
        _, err = self.run_program("run", "here.json", "--on", NATIVE, status=2)
        self.assertIn('leave out the configuration\'s "peer"', err)
        self.assertEqual((self.records(), self.kept("boots")), ([], []))

    def test_one_that_is_lost_and_gone_on_with(self):
        """It ends its own visit; the same command makes that again, and no other."""
        self.set_up()
        (self.fake / "how").write_text("panics-once")
        words = ("run", "here.json", "--on", "local", "--on", "a=" + NATIVE, "--runs", "2")
        _, err = self.run_program(*words, status=130)
        self.assertIn("kernel panic: no init found", err)
        self.assertIn("the same command with --resume continues it", err)
        self.assertEqual({name: len(records) for name, records in self.by_name().items()}, {"local": 2, "a": 1})
        for path in (self.folder / "vmsuite-results").glob("*.console.log"):
            path.unlink()
        self.run_program(*words, "--resume")
        self.assertEqual({name: sorted(record["run_set"]["run"] for record in records) for name, records in self.by_name().items()},
                         {"local": [1, 2], "a": [1, 2]})
        self.assertEqual(len(self.kept("boots")), 3)
        self.check_all()

    def test_one_that_is_interrupted(self):
        self.set_up()
        (self.fake / "how").write_text("hangs")
        words = ("run", "here.json", "--on", "local", "--on", "a=" + NATIVE, "--runs", "2")
        process = self.start(*words)
        self.addCleanup(end, process)
        wait_for(lambda: self.kept("hangs"), "a boot")
        below = descendants(process.pid)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 130)
        wait_for(lambda: not any(map(is_alive, below)), "the end of all processes")
        (self.fake / "how").write_text("")
        for path in (self.folder / "vmsuite-results").glob("*.console.log"):
            path.unlink()
        self.run_program(*words, "--resume")
        self.assertEqual({run: sorted(names) for run, names in self.rounds().items()}, {1: ["a", "local"], 2: ["a", "local"]})
        self.check_all()

    def test_in_a_study(self):
        """As a place of a configuration."""
        suite = {"suite": "tiny", "trials": 2, "warmup": 0, "benchmarks": [benchmark("testgood")]}
        configuration = {"configuration": "here", "places": ["local", "a=" + NATIVE], "expect": self.expect}
        self.write("tiny.json", json.dumps({"study": "tiny", "suite": suite, "clocks": ["real-time"], "rounds": 2,
                                            "configurations": [configuration]}))
        self.run_program("study", "--config", "tiny.json", "--output", "out")
        records = self.records("out/real-time")
        self.assertEqual(sorted((record["configuration"], record["run_set"]["run"], record["places"]["turns"])
                                for record in records),
                         [("a", 1, "runs"), ("a", 2, "runs"), ("local", 1, "trials"), ("local", 2, "trials")])
        self.assertEqual(len(self.kept("boots")), 2)
        gone = next((self.folder / "out" / "real-time").glob("a-*.json"))
        gone.unlink()
        self.run_program("study", "--resume", "--output", "out")
        self.assertEqual((len(self.records("out/real-time")), len(self.kept("boots"))), (4, 3))
        self.check_nothing_left()


if __name__ == "__main__":
    main()
