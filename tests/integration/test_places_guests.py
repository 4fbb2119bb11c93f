# SPDX-License-Identifier: GPL-3.0-or-later
"""Guests as places (`run --on qemu-tcg`), with a program in QEMU's place: what is said, held, lost and left. Real boots are in
test_guest_places.py."""
import os
import shutil
import signal

from harness import PATIENCE, TOOL_FOLDERS, benchmark, descendants, end, is_alive, main, wait_for
from places import KERNEL, GuestPlaces, Places

TCG = f"qemu-tcg:{KERNEL}"


class Guests(GuestPlaces):
    def setUp(self):
        super().setUp()
        self.put_in_place("driven_qemu.py")

    def test_a_guest_is_a_place(self):
        """Its trials are paired with the others', it is held while they have their turns, and its record says what it is."""
        self.configuration(benchmark("testgood"), expect=self.expect)
        out, _ = self.run_program("run", "here.json", "--on", "local", "--on", "a=" + TCG + ",vcpus=2,memory=1GiB",
                                  "--on", "b=" + TCG)
        self.assertIn("What each costs against local", out)
        self.assertIn("a (emulated hardware)  equal", out)
        found = self.by_name()
        self.assertEqual(sorted(found), ["a", "b", "local"])
        for name in ("a", "b"):
            record = found[name][0]
            self.assertEqual(record["status"], "ok")
            self.assertTrue({"a", "b"} <= set(record["places"]["frozen"]), record["places"])
            guest = record["guest"]
            self.assertEqual((guest["launcher"], guest["label"], guest["role"], guest["network"]),
                             ("qemu-tcg", f"{name} (emulated hardware)", "measures", "user"))
            self.assertEqual([layer["layer"] for layer in guest["layers"]], ["host", "guest"])
            self.assertGreater(guest["answer_s"], 0)
            self.assertGreater(guest["total_s"], guest["answer_s"])
            self.assertTrue(any("emulated hardware" in warning for warning in record["warnings"]))
        self.assertEqual((found["a"][0]["guest"]["vcpus"], found["a"][0]["guest"]["memory"]), (2, 1 << 30))
        self.assertNotIn("guest", found["local"][0])
        # It goes on whenever it is spoken to, and there is nothing left that holds it at the end.
        words = [word for word in self.kept("monitor") if word in ("stop", "cont")]
        self.assertEqual(words.count("stop"), words.count("cont"))
        self.assertGreaterEqual(words.count("stop"), 4)
        boots = self.kept("boots")
        self.assertEqual(len(boots), 2)
        self.assertIn("-smp 2 -m 1024", boots[0])
        self.assertIn("name=vmsuite.agent", boots[0])
        self.assertIn("no_timer_check", boots[0])
        self.assertNotIn("id=record", boots[0])
        for path in (self.folder / "vmsuite-results").iterdir():
            self.run_program("check", path)
        self.check_nothing_left()

    def test_its_monitor_is_as_it_is_to_be(self):
        """Threads, disk and queues: what was asked for, and what the record says was seen."""
        usable = sorted(os.sched_getaffinity(0))
        first, last = str(usable[0]), str(usable[-1])
        (self.folder / "tools" / "mke2fs").symlink_to("/bin/true")
        convert = self.folder / "tools" / "qemu-img"
        convert.write_text('#!/bin/sh\n[ "$1 $2 $3 $4 $5" = "convert -f raw -O qcow2" ] && cp "$6" "$7"\n')
        convert.chmod(0o755)
        self.configuration(benchmark("testgood"), expect=self.expect)
        self.run_program("run", "here.json", "--on",
                         f"a={TCG},vcpus=3,pin={first},,{last},disk=8MiB,queues=2,cache=writethrough,format=raw,qcow2",
                         "--on", "plain=" + TCG)
        found = self.by_name()
        self.assertEqual(sorted(found), ["a-qcow2", "a-raw", "plain"])
        both = first if first == last else f"{first}-{last}" if usable[-1] == usable[0] + 1 else f"{first},{last}"
        for name in ("raw", "qcow2"):
            guest = found["a-" + name][0]["guest"]
            self.assertEqual((guest["pin"], guest["format"], guest["queues"], guest["vhost"]),
                             (f"{first},{last}", name, 2, False))
            self.assertEqual(guest["seen"], {"vcpus": [first, last, first], "threads": both, "disk_format": name,
                                             "disk_cache": "writethrough", "vhost": False})
        guest = found["plain"][0]["guest"]
        self.assertEqual((guest["pin"], guest["format"], guest["queues"]), (None, "raw", 0))
        self.assertEqual((guest["seen"]["disk_format"], len(guest["seen"]["vcpus"])), (None, 1))
        boots = self.kept("boots")
        self.assertEqual(sum("virtio-blk-pci,drive=scratch,num-queues=2" in boot for boot in boots), 2)
        self.assertNotIn("num-queues", [boot for boot in boots if "id=scratch" not in boot][0])
        for path in (self.folder / "vmsuite-results").iterdir():
            self.run_program("check", path)
        self.check_nothing_left()

    def test_a_monitor_that_names_a_foreign_thread(self):
        """Nothing is put anywhere, and nothing is measured that was not as it was to be."""
        (self.fake / "how").write_text("foreign")
        self.configuration(benchmark("testgood"), expect=self.expect)
        _, err = self.run_program("run", "here.json", "--on", f"{TCG},pin={min(os.sched_getaffinity(0))}", status=2)
        self.assertIn("names a thread that is not its own", err)
        self.check_nothing_left()

    def test_what_this_host_has_not_is_refused(self):
        """Before anything is booted, with what it would take."""
        self.environment["PATH"] = str(self.folder / "tools")
        self.configuration(benchmark("testgood"), expect=self.expect)
        cases = [("pin=1023", '"pin": "1023" names processors that this program may not use: it may use [0-9]')]
        if not shutil.which("qemu-img", path=TOOL_FOLDERS):
            cases.append(("disk=8MiB,format=qcow2", "needs qemu-img, which is not here: install Debian's qemu-utils"))
        if not os.access("/dev/vhost-net", os.R_OK | os.W_OK):
            cases.append(("network=bridge,bridge=lo,address=127.0.0.9/8,vhost=on",
                          '"vhost": "on" needs /dev/vhost-net: .*; load the kernel\'s module vhost_net'))
        for words, sentence in cases:
            _, err = self.run_program("run", "here.json", "--on", f"{TCG},{words}", status=2)
            self.assertRegex(err, sentence)
        self.assertEqual((self.records(), self.kept("boots")), ([], []))

    def test_a_guest_that_cannot_be_held(self):
        (self.fake / "how").write_text("deaf")
        self.configuration(benchmark("testgood"), expect=self.expect)
        self.run_program("run", "here.json", "--on", "exec:env A=b", "--on", TCG)
        self.assertEqual([record["places"]["frozen"] for record in self.records()], [[], []])

    def test_one_whose_monitor_answers_too_late(self):
        """It is stopped all the same, and must not stay so."""
        (self.fake / "how").write_text("late")
        self.configuration(benchmark("testgood"), expect=self.expect)
        self.run_program("run", "here.json", "--on", "local", "--on", "a=" + TCG)
        record = self.by_name()["a"][0]
        self.assertEqual((record["status"], len(self.kept("boots"))), ("ok", 1), record["warnings"])
        self.assertEqual([trial["status"] for trial in record["cases"][0]["trials"]], ["ok"] * 3)

    def test_what_it_is_not_is_refused(self):
        self.configuration(benchmark("testgood"))
        _, err = self.run_program("run", "here.json", "--on", TCG, status=3)
        self.assertIn('"qemu"', err)
        self.assertEqual(self.records(), [])
        self.check_nothing_left()

    def test_one_that_panics(self):
        (self.fake / "how").write_text("panic")
        self.configuration(benchmark("testgood"), expect=self.expect)
        _, err = self.run_program("run", "here.json", "--on", TCG, status=2)
        self.assertIn("kernel panic: no init found", err)
        self.check_nothing_left()

    def test_one_that_kvm_cannot_go_on_with(self):
        """Its monitor stays; nobody waits for the guest as long as a boot may take."""
        (self.fake / "how").write_text("stuck")
        self.configuration(benchmark("testgood"), expect=self.expect)
        _, err = self.run_program("run", "here.json", "--on", TCG, status=2)
        self.assertIn("its guest has stopped; its last words: KVM is present but unusable: internal error: Suberror: 1", err)
        self.check_nothing_left()

    def test_one_that_is_lost_is_booted_again(self):
        (self.fake / "how").write_text("dies")
        self.configuration(benchmark("testgood"), expect=self.expect)
        self.run_program("run", "here.json", "--on", "local", "--on", "a=" + TCG)
        record = self.by_name()["a"][0]
        self.assertEqual([trial["status"] for trial in record["cases"][0]["trials"]], ["ok"] * 3)
        self.assertTrue(any("the guest's monitor was killed by signal 9" in warning for warning in record["warnings"]),
                        record["warnings"])
        self.assertEqual(len(self.kept("boots")), 2)
        self.check_nothing_left()

    def test_one_that_stays_lost(self):
        self.configuration(benchmark("testgood"), suite={"trials": 9}, expect=self.expect)
        (self.fake / "how").write_text("dies-always")
        _, err = self.run_program("run", "here.json", "--on", "local", "--on", "a=" + TCG, status=130)
        self.assertIn("the place a=qemu-tcg", err)
        found = self.by_name()
        self.assertEqual(found["local"][0]["status"], "ok")
        self.assertEqual(found["a"][0]["status"], "interrupted")
        self.assertEqual(found["a"][0]["cases"][0]["trials"][-1]["status"], "lost")
        self.check_nothing_left()

    def end_by(self, number, status):
        self.configuration(benchmark("testslow", params={"seconds": "60s"}), suite={"trials": 1}, expect=self.expect)
        process = self.start("run", "here.json", "--on", "a=" + TCG, "--on", "b=" + TCG)
        self.addCleanup(end, process)
        wait_for(lambda: "cont" in self.kept("monitor"), "a trial")
        below = descendants(process.pid)
        process.send_signal(number)
        process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, status)
        wait_for(lambda: not any(map(is_alive, below)), "the end of all processes")
        self.check_nothing_left()

    def test_ctrl_c(self):
        self.end_by(signal.SIGINT, 130)

    def test_a_killed_driver(self):
        self.end_by(signal.SIGKILL, -signal.SIGKILL)


class Words(Places):
    def test_what_there_is_not_is_refused(self):
        self.configuration(benchmark("testgood"))
        for place, words in (("kvm:vcpus=0", "vcpus.*1 to 256"), ("kvm:vcpus=x", "vcpus"), ("kvm:memory=1", "MiB"),
                             ("kvm:vcpu=1", "did you mean \"vcpus\""), ("kvm:vcpus", "value"), ("kvm:2", "parameter"),
                             ("qemu-tcg:vcpus=1,vcpus=2", "twice"), ("qemu-tcg:clock=instructions", "not of a place"),
                             ("kvm:role=serves", "not of a place"), ("qemu-tcg:network=bridge", "needs a \"bridge\""),
                             ("kvm:cache=fast", "must be|did you mean"),
                             ("kvm:pin=x", "list of processors"), ("kvm:queues=65", "queues.*0 to 64"),
                             ("kvm:queues=2", '"queues" needs a "disk" that is a file, or a'),
                             ("kvm:queues=2,disk=8MiB,devices=emulated", '"devices": "virtual"'),
                             ("kvm:vhost=on", '"vhost": "on" needs "network": "bridge"'), ("kvm:vhost=yes", "must be"),
                             ("kvm:format=qcow2", '"format": "qcow2" needs the size'), ("kvm:format=vmdk", "must be"),
                             ("libvirt/xen", 'a guest of libvirt must be kvm or qemu, not "xen"'),
                             ("emulated-xen-pvd", 'a guest of emulated-host must be.*did you mean "xen-pv"'),
                             ("xen-pv:clock=instructions", "not of a place"), ("xen-pv:deadline=x", "deadline"),
                             ("kvm:deadline=9s", "not of a place"), ("kvm:peer=host", "not of a place"),
                             ("libvirt:urn=x", 'did you mean "uri"'), ("xen-pv:uri=x", "parameter"),
                             ("kvm:vcpus=1,2,x=3", "parameter")):
            _, err = self.run_program("run", "here.json", "--on", place, status=2)
            self.assertRegex(err, words, place)
        self.assertFalse((self.folder / "vmsuite-results").exists())
        _, err = self.run_program("run", "here.json", "--on", "local", "--peer", "qemu-tcg", status=2)
        self.assertIn("bridge", err)

    def test_a_list_makes_several_places(self):
        self.configuration(benchmark("testgood"))
        out, _ = self.run_program("run", "here.json", "--dry-run", "--on", "local", "--on", "qemu-tcg:vcpus=1,2,memory=256MiB,1GiB",
                                  "--on", "small=cgroup:cpu=25%,50%,weight=100", "--on", "qemu-tcg:options=a=1,,b=2")
        self.assertEqual([line.split() for line in out.splitlines()[-8:]], [
            ["local", "local"],
            ["qemu-tcg-vcpus-1-memory-256MiB", "qemu-tcg:vcpus=1,memory=256MiB"],
            ["qemu-tcg-vcpus-1-memory-1GiB", "qemu-tcg:vcpus=1,memory=1GiB"],
            ["qemu-tcg-vcpus-2-memory-256MiB", "qemu-tcg:vcpus=2,memory=256MiB"],
            ["qemu-tcg-vcpus-2-memory-1GiB", "qemu-tcg:vcpus=2,memory=1GiB"],
            ["small-25", "small-25=cgroup:cpu=25%,weight=100"],
            ["small-50", "small-50=cgroup:cpu=50%,weight=100"],
            ["qemu-tcg-options-a-1-b-2", "qemu-tcg:options=a=1,,b=2"]])
        many = ",".join(str(i) for i in range(1, 66))
        _, err = self.run_program("run", "here.json", "--on", f"qemu-tcg:vcpus={many}", status=2)
        self.assertIn("64 places", err)


if __name__ == "__main__":
    main()
