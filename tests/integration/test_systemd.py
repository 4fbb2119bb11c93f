# SPDX-License-Identifier: GPL-3.0-or-later
"""The peer's units under a real systemd: PID 1 of a container that systemd-nspawn makes, with this system's /usr,
a network of its own, and the program installed: test_systemd.py BUILD PREFIX UNITS"""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import unittest

from harness import PATIENCE, Case, benchmark, descendants, end, is_alive, wait_for

SERVICE, SOCKET = "vmsuite-serve.service", "vmsuite-serve.socket"


class Systemd(Case):
    def setUp(self):
        super().setUp()
        self.root = self.folder / "root"
        self.make_root()
        subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--quiet"], check=True,
                       env=dict(os.environ, DESTDIR=str(self.folder / "installed")))
        self.boot()

    def make_root(self):
        """A root folder: what is not the system's /usr."""
        for name in ("usr", "etc/vmsuite", "etc/systemd/system/sockets.target.wants", "var", "root", "run", "tmp"):
            (self.root / name).mkdir(parents=True)
        for name in ("bin", "sbin", "lib", "lib64"):
            (self.root / name).symlink_to(f"usr/{name}")
        for name, text in (("machine-id", ""), ("passwd", "root:x:0:0::/root:/bin/sh\n"), ("group", "root:x:0:\n"),
                           ("os-release", "ID=test\n"), ("vmsuite/peer.token", "a token for this test only\n")):
            (self.root / "etc" / name).write_text(text)
        (self.root / "etc/vmsuite/peer.token").chmod(0o600)
        (self.root / f"etc/systemd/system/sockets.target.wants/{SOCKET}").symlink_to(f"{UNITS}/{SOCKET}")

    def boot(self):
        binds = [f"--bind-ro={path}" for path in ("/usr", "/etc/alternatives", "/etc/ld.so.cache")]
        binds.append(f"--bind-ro={self.folder}/installed{PREFIX}:{PREFIX}")
        self.log = self.folder / "nspawn.log"
        with self.log.open("wb") as log:
            self.nspawn = subprocess.Popen(["systemd-nspawn", "--register=no", "--keep-unit", "--private-network",
                                            "--console=pipe", "-D", self.root, *binds, "--boot"],
                                           stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.addCleanup(self.shut_down)
        wait_for(lambda: self.nspawn.poll() is not None or self.is_up(), "systemd to be up")
        if self.nspawn.poll() is not None:
            raise unittest.SkipTest(f"skipped: systemd-nspawn cannot run here: {self.log.read_text().strip()[-300:]}")

    def shut_down(self):
        """With the container's first process all of its processes end, which systemd-nspawn's own end would leave."""
        below = descendants(self.nspawn.pid)
        for first in below[:1]:
            os.kill(first, signal.SIGKILL)
        end(self.nspawn, signal.SIGTERM)
        self.assertFalse([pid for pid in below if is_alive(pid)])

    def inside(self, *command):
        """A command as it is run in the container, as its root, and nowhere else."""
        children = descendants(self.nspawn.pid)
        return ["nsenter", "-t", str(children[0] if children else 0), "-m", "-u", "-i", "-n", "-p", "-C", "sh", "-c",
                'grep -qx ID=test /etc/os-release && exec "$@"', "sh", *command]

    def ask(self, *command, check=True):
        done = subprocess.run(self.inside(*command), capture_output=True, text=True, timeout=PATIENCE, check=False)
        if check:
            self.assertEqual(done.returncode, 0, f"{command}: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def is_up(self):
        return self.ask("systemctl", "is-system-running", check=False) in ("running", "degraded")

    def state(self, unit):
        return self.ask("systemctl", "is-active", unit, check=False)

    def journal(self):
        return self.ask("journalctl", "-o", "cat", "-u", SERVICE)

    def client(self, **params):
        """Starts a run in the container; its record goes to OUTPUT."""
        suite = {"suite": "test", "trials": 1, "warmup": 0, "benchmarks": [benchmark("tcp", params=params)]}
        self.write("root/root/here.json", {"configuration": "here", "suite": suite, "peer": {
            "address": "127.0.0.1", "token_file": "/etc/vmsuite/peer.token"}})
        return subprocess.Popen(self.inside(f"{PREFIX}/bin/vmsuite", "run", "/root/here.json", "--output", "/root/out"),
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def assert_done(self, client):
        text, _ = client.communicate(timeout=PATIENCE)
        self.assertEqual(client.returncode, 0, text)

    def service_status(self):
        """What the kernel says about the service's process."""
        pid = self.ask("systemctl", "show", "-p", "MainPID", "--value", SERVICE)
        return dict(line.split(":\t", 1) for line in self.ask("cat", f"/proc/{pid}/status").split("\n") if ":\t" in line)

    def children(self, pid):
        return self.ask("cat", f"/proc/{pid}/task/{pid}/children", check=False).split()

    def is_at_a_trial(self):
        """Whether a session of the service, which is a child of it, has a child of its own."""
        main = self.ask("systemctl", "show", "-p", "MainPID", "--value", SERVICE)
        return any(self.children(session) for session in self.children(main))

    def test_units(self):
        self.assertEqual((self.state(SOCKET), self.state(SERVICE)), ("active", "inactive"))
        self.assert_done(self.client(seconds="0.2"))  # its connection starts the service
        self.assertEqual(self.state(SERVICE), "active")
        self.assertRegex(self.journal(), r"session 2 from 127\.0\.0\.1 port \d+: tcp, 1 trial, [\d.]+ s, closed by")
        status = self.service_status()
        self.assertNotEqual(status["Uid"].split()[0], "0")
        self.assertEqual([status[key] for key in ("NoNewPrivs", "Seccomp", "CapEff", "CapBnd")],
                         ["1", "2", "0" * 16, "0" * 16])

        # A stop lets the trial that runs end; the next client starts the service again.
        client = self.client(seconds="5")
        wait_for(self.is_at_a_trial, "a trial's process")
        self.ask("systemctl", "stop", SERVICE)
        self.assertEqual((self.state(SOCKET), self.state(SERVICE)), ("active", "inactive"))
        self.assert_done(client)
        self.assertRegex(self.journal(), "tcp, 1 trial, .* s, the peer is being stopped")
        self.assert_done(self.client(seconds="0.2"))
        self.assertEqual(self.ask("systemctl", "list-units", "--failed", "--plain", "--no-legend", "vmsuite*"), "")

    def test_judgement_of_systemd(self):
        self.ask("systemd-analyze", "verify", "--man=no", SERVICE, SOCKET)
        exposure = re.search(r"exposure level for \S+: ([\d.]+)", self.ask("systemd-analyze", "security", SERVICE))
        self.assertLess(float(exposure.group(1)), 1.6)


if __name__ == "__main__":
    BUILD, PREFIX, UNITS = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    if os.geteuid() != 0 or not shutil.which("systemd-nspawn") or not shutil.which("meson") or PREFIX == "/usr":
        print("skipped: this needs root, systemd-nspawn (systemd-container), meson, and a prefix that is not /usr")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1], verbosity=2)
