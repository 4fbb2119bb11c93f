# SPDX-License-Identifier: GPL-3.0-or-later
"""What binds each process that the program starts: no new privileges, no core, a group of its own, and none of the
descriptors that the program was started with or has opened for itself."""
import collections
import os
import pathlib
import socket
import subprocess

from harness import PLUGINS, Case, benchmark, descendants, end, is_alive, main, wait_for
from peer_protocol import Client, Serve

# What a module's processes have beside the standard descriptors: the way to who started them, and a worker its
# connection to the peer with an event beside it.
OWN = {"constructor": {"pipe": 1}, "validate": {}, "estimate": {}, "measure": {"socket": 2, "anon_inode": 1}, "serve": {"socket": 1}}


def status_of(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def limit_of(pid, name):
    lines = pathlib.Path(f"/proc/{pid}/limits").read_text().splitlines()
    return next(line[26:].split()[:2] for line in lines if line.startswith(name))


def descriptors_of(pid):
    return sorted(map(int, os.listdir(f"/proc/{pid}/fd")))


class Children(Case):
    def setUp(self):
        super().setUp()
        self.folder.chmod(0o711)
        path = self.folder / "look"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.socket.close)
        self.socket.bind(str(path))
        path.chmod(0o777)
        self.environment["FAKE_LOOK"] = str(path)
        # As a shell or a supervisor would leave it open.
        self.stray, writer = os.pipe()
        self.addCleanup(os.close, self.stray)
        self.addCleanup(os.close, writer)

    def test_where_modules_work(self):
        self.configuration(benchmark("testlook"), suite={"trials": 1})
        process = self.start("run", "here.json", "--quiet", pass_fds=[self.stray])
        out, err = process.communicate(timeout=300)
        self.assertEqual(process.returncode, 0, out + err)
        self.socket.setblocking(False)
        seen = set()
        while True:
            try:
                where, pid, *bounds = self.socket.recv(4096).decode().split()
                bounds, descriptors = bounds[:3], bounds[3:]
            except BlockingIOError:
                break
            if int(pid) == process.pid:  # loaded, after all that was tried elsewhere
                self.assertEqual(where, "constructor")
                continue
            self.assertEqual(bounds, ["1", "0", "1"], where)
            self.assertEqual(collections.Counter(name.split(":")[0] for name in descriptors), OWN[where], where)
            seen.add(where)
        self.assertEqual(seen, set(OWN))

    def test_keeper_and_worker(self):
        self.configuration(benchmark("testslow", params={"seconds": "5s"}))
        process = self.start("run", "here.json", "--quiet", pass_fds=[self.stray])
        self.addCleanup(end, process)

        def pair():
            found = [pid for pid in descendants(process.pid) if is_alive(pid)]
            names = [status_of(pid)["Name"] for pid in found]
            return found if len(found) == 2 and names[0] == "vmsuite-keeper" and \
                descriptors_of(found[0]) == [0] and status_of(found[1])["NoNewPrivs"] == "1" else None

        wait_for(pair, "a keeper without descriptors and its worker")
        keeper, worker = pair()
        self.assertEqual([os.getpgid(keeper), os.getpgid(worker)], [keeper, worker])
        self.assertEqual(limit_of(worker, "Max core file size"), ["0", "0"])

    def test_session_of_the_peer(self):
        serve = Serve(pass_fds=[self.stray])
        self.addCleanup(serve.kill)
        with Client(serve.port) as client:
            client.log_in()
            client.open()
            session, = descendants(serve.process.pid)
            self.assertEqual(descriptors_of(session), [0, 1, 2, 3, 4])
            self.assertEqual(status_of(session)["NoNewPrivs"], "1")
            self.assertEqual(os.getpgid(session), session)
            self.assertEqual(limit_of(session, "Max core file size"), ["0", "0"])
            self.assertEqual(limit_of(session, "Max file size"), ["0", "0"])
        serve.stop()


class WithoutNull(Case):
    """In a tree that somebody made by hand there may be no /dev/null: the case says so."""

    def test_it_is_named(self):
        bare = ("unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /dev && exec "$@"', "sh")
        if subprocess.run([*bare, "true"], capture_output=True).returncode != 0:
            self.skipTest("skipped: nothing can be mounted here")
        _, err = self.run_program("run", self.configuration(benchmark("linpack", params={"n": 100, "seconds": "50ms"})),
                                  prefix=bare, status=1)
        self.assertIn("/dev/null cannot be opened: No such file or directory", err)
        # A module outside of the installation is tried in a process first.
        _, err = self.run_program("module", "try", PLUGINS / "testgood.so", prefix=bare, status=2)
        self.assertIn("/dev/null cannot be opened: No such file or directory", err)


if __name__ == "__main__":
    main()
