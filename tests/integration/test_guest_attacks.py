# SPDX-License-Identifier: GPL-3.0-or-later
"""What others may do to a boot and what a boot may leave to others: links in its way, its files while it runs, what
stays of one that was killed, a guest that stands still. Programs in QEMU's place play the guest."""
import datetime
import glob
import os
import pathlib
import signal
import stat

import guests
import harness

SUITE = {"suite": "tiny", "trials": 1, "warmup": 0, "benchmarks": [
    {"group": "cpu", "module": "linpack", "params": {"seconds": "50ms"}},
    {"group": "tcp", "module": "tcp", "params": {"mode": "request-response", "seconds": "50ms"}}]}
ALONE = dict(SUITE, benchmarks=SUITE["benchmarks"][:1])


class Attacks(guests.Case):
    def setUp(self):
        super().setUp()
        self.put_in_place(harness.BUILD / "tests" / "fakes" / "fake-qemu", "qemu-system-x86_64")
        self.hand_out_whole(ALONE)

    def boot_folders(self):
        return glob.glob(os.path.join(self.folder, "vmsuite-guest-*"))

    def start_hanging(self, suite=ALONE, **guest):
        """A boot whose guest stands still, once it does."""
        self.environment["FAKE_HANG"] = "measuring"
        process = self.start("guest", "qemu", suite, **guest)
        self.addCleanup(harness.end, process)
        for line in process.stderr:
            if "measuring" in line:
                break
        return process

    def test_a_guest_that_stands_still_is_not_waited_for(self):
        """Its deadline is ten times as far away as what it may be silent for."""
        self.environment["FAKE_HANG"] = "measuring"
        process, words = self.run_guest("guest", "qemu", ALONE, deadline="400s")
        self.assertEqual(process.returncode, 1, words)
        self.assertIn("it hung in the middle of its job: it had said nothing for", words)
        self.assertEqual(len(glob.glob(os.path.join(self.folder, "out", "*.console.log"))), 1)
        self.check_nothing_left()

    def test_a_boot_is_closed_to_others(self):
        old = os.umask(0)
        self.addCleanup(os.umask, old)
        process = self.start_hanging(SUITE)
        (folder,) = self.boot_folders()
        self.assertEqual(stat.S_IMODE(os.stat(folder).st_mode), 0o700)
        names = {path.name: stat.S_IMODE(path.stat().st_mode) for path in pathlib.Path(folder).iterdir()}
        self.assertIn("peer.token", names)
        self.assertIn("job.cpio", names)
        self.assertEqual({name: oct(mode) for name, mode in names.items() if mode & 0o077}, {})
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=300)
        self.assertEqual(process.returncode, 130)
        self.check_nothing_left()

    def test_what_a_killed_boot_left_is_removed_by_the_next(self):
        process = self.start_hanging(SUITE)
        (left,) = self.boot_folders()
        self.assertTrue(os.path.exists(os.path.join(left, "peer.token")))
        os.chmod(left, 0o711)  # as libvirt's guests need it
        process.kill()
        process.wait(60)
        harness.wait_for(lambda: not self.alive(left), "the guest's end")
        self.assertEqual(self.boot_folders(), [left])
        del self.environment["FAKE_HANG"]
        process, words = self.run_guest("guest", "qemu", ALONE)
        self.assertEqual(process.returncode, 0, words)
        self.check_nothing_left()

    def test_a_living_boot_is_left_alone(self):
        process = self.start_hanging()
        (folder,) = self.boot_folders()
        del self.environment["FAKE_HANG"]
        other, words = self.run_guest("guest", "qemu", ALONE)
        self.assertEqual(other.returncode, 0, words)
        self.assertEqual(self.boot_folders(), [folder])
        harness.end(process, signal.SIGINT)
        self.check_nothing_left()

    def test_a_prepared_console_is_not_followed(self):
        out = pathlib.Path(self.folder, "out")
        out.mkdir()
        victim = pathlib.Path(self.folder, "victim")
        victim.write_text("precious")
        now = datetime.datetime.now(datetime.timezone.utc)
        names = [(now + datetime.timedelta(seconds=second)).strftime("guest-%Y%m%dT%H%M%SZ.console.log")
                 for second in range(120)]
        for name in names:
            (out / name).symlink_to(victim)
        process, words = self.run_guest("guest", "qemu", ALONE)
        self.assertEqual(process.returncode, 0, words)
        self.assertEqual(victim.read_text(), "precious")
        self.assertEqual(sorted(path.name for path in out.glob("*.console.log")), names)
        self.environment["FAKE_DISK"] = "/nowhere"
        process, words = self.run_guest("guest", "qemu", ALONE)
        self.assertEqual(process.returncode, 1, words)
        self.assertEqual(victim.read_text(), "precious")
        self.assertEqual(len(list(out.glob("guest-*-2.console.log"))), 1)

    @staticmethod
    def alive(folder):
        for path in glob.glob("/proc/[0-9]*/cmdline"):
            try:
                if folder in pathlib.Path(path).read_text():
                    return True
            except (FileNotFoundError, ProcessLookupError):
                pass
        return False


if __name__ == "__main__":
    guests.main()
