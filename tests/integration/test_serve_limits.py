# SPDX-License-Identifier: GPL-3.0-or-later
"""What `vmsuite serve` grants, to whom and how much: descriptors, memory, rights, and places beside a crowd."""
import fcntl
import os
import pathlib
import re
import resource
import socket
import subprocess
import sys
import time
import unittest

from harness import SANITIZER, benchmark, descendants, end, is_alive, main, wait_for
from network import CLIENT, SERVER, Hosts, PeerCase
from peer_protocol import PLUGINS, PROGRAM, TOKEN, Client, Serve

TCP = benchmark("tcp", params={"mode": "stream", "seconds": "100ms"})


def limit_files(soft, hard):
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def memory_of(pid):
    """Bytes that a process and all below it have written to."""
    total = 0
    for one in [pid, *descendants(pid)]:
        try:
            for line in pathlib.Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                if line.startswith("Private_Dirty:"):
                    total += int(line.split()[1]) * 1024
        except OSError:
            pass
    return total


def address_space(pid):
    """The limit of a process, in bytes, as /proc has it: "unlimited" where there is none."""
    with open(f"/proc/{pid}/limits", encoding="ascii") as limits:
        return next(line.split()[3] for line in limits if line.startswith("Max address space"))


def status_of(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


class Limits(PeerCase):
    def start_serve(self, *options, **how):
        serve = Serve(*options, **how)
        self.addCleanup(serve.kill)
        return serve

    def refused(self, *options, **how):
        token = self.token()
        done = subprocess.run([PROGRAM, "serve", "--port", "0", "--token-file", token, *options], text=True,
                              capture_output=True, timeout=300, check=False, **how)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertNotIn("listening", done.stderr)
        return done.stderr

    def test_soft_limit_of_descriptors_is_raised(self):
        serve = self.start_serve("--max-sessions", "200", preexec_fn=limit_files(100, 1024))
        with open(f"/proc/{serve.process.pid}/limits", encoding="ascii") as limits:
            files = next(line.split()[3] for line in limits if line.startswith("Max open files"))
        self.assertGreaterEqual(int(files), 200)
        for _ in range(150):
            client = Client(serve.port)
            self.addCleanup(client.close)
            client.log_in()
        serve.stop()

    def test_hard_limit_of_descriptors_is_said_before_listening(self):
        """2,000 sessions under a limit of 1,024 once ended in "Invalid argument" after "listening"."""
        said = self.refused("--max-sessions", "2000", preexec_fn=limit_files(1024, 1024))
        self.assertRegex(said, "--max-sessions 2000 takes 2096 open files and this process may have 1024: take at "
                               "most --max-sessions 928")
        self.start_serve("--max-sessions", "928", preexec_fn=limit_files(1024, 1024)).stop()

    def test_own_peer_with_few_descriptors(self):
        """A hard limit of 256 once broke every network case of a run."""
        self.configuration(TCP, benchmark("testecho"))
        for limit in (256, 128):
            output = f"out-{limit}"
            self.run_program("run", "here.json", "--output", output, preexec_fn=limit_files(limit, limit))
            self.assertEqual(self.record(output)["status"], "ok")

    def test_many_cases_with_few_descriptors(self):
        """Fewer processes are kept between trials; none fails for want of a descriptor."""
        self.configuration(benchmark("testgood", params={"value": list(range(1, 81))}), suite={"trials": 2})
        for limit in (1024, 70):
            output = f"many-{limit}"
            self.run_program("run", "here.json", "--output", output, preexec_fn=limit_files(64, limit))
            self.assertEqual(self.record(output)["status"], "ok")

    def test_own_peer_says_itself_why_it_gave_up(self):
        self.configuration(TCP)
        _, err = self.run_program("run", "here.json", status=2, preexec_fn=limit_files(90, 90))
        self.assertIn("this process may open 90 files, too few for any session", err)
        self.assertNotIn("vmsuite serve", err)

    def test_a_log_that_nobody_reads(self):
        """It keeps nobody waiting, and a crowd of strangers is a few lines of it."""
        serve = self.start_serve()
        fcntl.fcntl(serve.process.stderr, fcntl.F_SETPIPE_SZ, 8192)
        for _ in range(100):
            with Client(serve.port) as client:
                client.log_in()
        wait_for(lambda: not serve.children(), "the end of the sessions")
        log = os.read(serve.process.stderr.fileno(), 65536).decode()
        for _ in range(200):
            Client(serve.port).close()
        with Client(serve.port) as client:
            client.log_in()
        wait_for(lambda: not serve.children(), "the end of the strangers")
        log += serve.stop()
        lost, = re.findall(r"^(\d+) lines of this log were lost: nobody read it$", log, re.M)
        self.assertEqual(len(re.findall("^session .*no module", log, re.M)) + int(lost), 101, log)
        self.assertLessEqual(log.count("not authenticated"), 2 * 20, log)
        self.assertRegex(log, r"(?m)^\d+ (more )?clients? without proof of the token (came and went|made room for others)$")

    def test_memory_is_refused_at_open(self):
        """A session that wants more than there is gets none of it; one that others leave no room waits."""
        serve = self.start_serve("--memory", "64MiB")
        path = self.folder / "big.json"
        (self.folder / "serve.token").write_text(TOKEN + "\n")
        (self.folder / "serve.token").chmod(0o600)
        self.environment["VMSUITE_MODULE_PATH"] = f"{PLUGINS}:{self.environment['VMSUITE_MODULE_PATH']}"
        peer = {"address": "127.0.0.1", "port": serve.port, "token_file": "serve.token"}
        self.configuration(benchmark("testecho", params={"memory": ["1GiB", "16MiB"]}), name="big", peer=peer,
                           suite={"trials": 1})
        self.run_program("run", path, status=1)
        large, small = self.record()["cases"]
        self.assertRegex(large["reason"], "takes about 1028MiB of memory; the peer grants 64MiB")
        self.assertEqual(small["status"], "ok")
        # Nor does one get 1 GiB for its messages, twice, where nobody has said how much there is.
        usual = self.start_serve()
        with Client(usual.port) as client:
            client.log_in()
            client.send(type="open", module="testecho", workload_version=1, params={"memory": "2GiB"}, seed="1")
            self.assertRegex(client.receive()["text"], "takes about 2052MiB of memory; the peer grants ")
        usual.stop()
        # Two sessions side by side take what there is; the third is told to come again, and then is let in.
        clients = [Client(serve.port) for _ in range(3)]
        for client in clients:
            self.addCleanup(client.close)
            client.log_in()
        for client in clients[:2]:
            client.open(memory="24MiB")
        clients[2].send(type="open", module="testecho", workload_version=1, params={"memory": "24MiB"}, seed="1")
        self.assertEqual(clients[2].receive()["code"], "busy")
        clients[0].close()
        wait_for(lambda: len(serve.children()) == 1, "the end of the first session")
        again = Client(serve.port)
        self.addCleanup(again.close)
        again.log_in()
        again.open(memory="24MiB")
        serve.stop()

    def test_address_space_of_a_trial_is_bounded(self):
        serve = self.start_serve()
        with Client(serve.port) as client:
            client.log_in()
            client.open(peer_does="hang")
            client.begin()
            wait_for(lambda: len(descendants(serve.process.pid)) == 3, "session, keeper and trial")
            trial = descendants(serve.process.pid)[-1]
            if SANITIZER == "none": # it is there a moment before it has the limit
                wait_for(lambda: address_space(trial) != "unlimited", "the limit of the trial")
                self.assertLess(int(address_space(trial)), 8 << 30)
        serve.stop()

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_root_becomes_nobody(self):
        serve = self.start_serve()
        status = status_of(serve.process.pid)
        self.assertNotIn("0", status["Uid"].split())
        self.assertEqual(int(status["CapEff"], 16), 0)
        self.assertEqual(int(status["CapPrm"], 16), 0)
        with Client(serve.port) as client:
            client.log_in()
            client.open()
            for pid in descendants(serve.process.pid):
                self.assertEqual(status_of(pid)["Uid"], status["Uid"])
                self.assertEqual(status_of(pid)["NoNewPrivs"], "1")
        serve.stop()
        # The automatic one does the same.
        self.configuration(benchmark("testecho", params={"pause": "1s"}))
        run = self.start("run", "here.json")
        self.addCleanup(end, run)
        wait_for(lambda: any("0" not in status_of(pid)["Uid"].split() for pid in descendants(run.pid)
                             if is_alive(pid)), "a peer that is not root")
        run.communicate(timeout=300)
        self.assertEqual(run.returncode, 0)

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_root_that_cannot_become_anybody_gives_up_its_capabilities(self):
        """In a user namespace that maps root alone."""
        command = ["unshare", "--user", "--map-root-user", str(PROGRAM), "serve", "--port", "0"]
        try:
            serve = self.start_serve(command=command)
        except AssertionError:
            self.skipTest("no user namespace can be made")
        self.assertEqual(int(status_of(serve.process.pid)["CapEff"], 16), 0)
        with Client(serve.port) as client:
            client.log_in()
        serve.stop()


# Connects 200 times a second, from each of the addresses in turn, and holds on to what it gets. "frames": each says that a
# frame of 16 MiB follows, and sends a byte of it now and then.
STRANGERS = """
import itertools, socket, sys, time
address, port, what, *sources = sys.argv[1:]
held, next_at = [], time.monotonic()
for n, source in zip(itertools.count(), itertools.cycle(sources)):
    try:
        held.append(socket.create_connection((address, int(port)), timeout=1, source_address=(source, 0)))
        if what == "frames":
            held[-1].send((16 << 20).to_bytes(4, "big") + b"J{")
            held[n % len(held)].send(b" ")
    except OSError:
        pass
    held = held[-400:]
    if n == 200:
        print("crowded", flush=True)
    next_at += 1 / 200
    time.sleep(max(0, next_at - time.monotonic()))
"""


class Crowd(PeerCase):
    """Strangers beside honest clients."""

    def honest(self, address, port, prefix):
        """One measurement of the real client."""
        output = f"out-{time.monotonic_ns()}"
        path = self.configuration(benchmark("testecho"), suite={"trials": 1}, name="honest",
                                  peer={"address": address, "port": port, "token_file": "peer.token"})
        process = self.start("run", path, "--output", output, "--quiet", prefix=prefix)
        _, err = process.communicate(timeout=300)
        return process.returncode, err

    def assert_fifteen(self, address, served, what, sources, prefix=()):
        process, port = served
        crowd = subprocess.Popen([*prefix, sys.executable, "-c", STRANGERS, address, str(port), what, *sources],
                                 stdout=subprocess.PIPE, text=True)
        self.addCleanup(end, crowd)
        self.assertEqual(crowd.stdout.readline(), "crowded\n")
        outcomes = [self.honest(address, port, prefix) for _ in range(15)]
        self.assertIsNone(crowd.poll())
        self.assertEqual([status for status, _ in outcomes], [0] * 15, outcomes)
        pid = next(pid for pid in [process.pid, *descendants(process.pid)] if status_of(pid)["Name"] == "vmsuite")
        self.assertLessEqual(len(descendants(pid)), 64 + 8)
        self.assertLess(memory_of(pid), 256 << 20)
        end(crowd)

    def test_fifteen_of_fifteen(self):
        self.assert_fifteen("127.0.0.1", self.serve(), "wait", ["127.0.0.1"])

    def test_fifteen_of_fifteen_over_a_link(self):
        """From one address and from many; some begin frames that they never end."""
        hosts = Hosts(self)
        others = [f"10.77.0.{n}" for n in range(10, 110)]
        for other in others:
            subprocess.run(["ip", "-n", hosts.client[-1], "address", "add", f"{other}/24", "dev", "veth0"], check=True)
        served = self.serve("--bind", "*", prefix=hosts.server)
        for what, sources in (("wait", [CLIENT]), ("frames", others)):
            with self.subTest(what):
                self.assert_fifteen(SERVER, served, what, sources, hosts.client)


class Addresses(PeerCase):
    def test_check_knows_an_address_with_a_port(self):
        path = self.configuration(TCP, peer={"address": "127.0.0.1:7411"})
        out, _ = self.run_program("check", path, status=2)
        self.assertIn('write "address": "127.0.0.1", "port": 7411', out)

    def test_a_dead_family_costs_little(self):
        """A name with an IPv6 address from which nothing comes back, and an IPv4 one: RFC 8305."""
        hosts = Hosts(self)
        name = hosts.client[-1]
        folder = pathlib.Path("/etc/netns") / name
        folder.mkdir(parents=True)
        self.addCleanup(subprocess.run, ["rm", "-r", str(folder)], check=False)
        (folder / "hosts").write_text("2001:db8::77 peer.test\n" + f"{SERVER} peer.test\n")
        for arguments in (["address", "add", "2001:db8::1/64", "dev", "veth0", "nodad"],
                          ["neigh", "add", "2001:db8::77", "lladdr", "02:00:00:00:00:77", "dev", "veth0"]):
            done = subprocess.run(["ip", "-n", name, *arguments], capture_output=True, text=True, check=False)
            if done.returncode != 0:
                self.skipTest(f"skipped: there is no IPv6 here: {done.stderr.strip()}")
        _, port = self.serve("--bind", "*", prefix=hosts.server)
        path = self.configuration(*(benchmark("testecho", group=f"echo{i}") for i in range(4)), suite={"trials": 1},
                                  peer={"address": "peer.test", "port": port, "token_file": "peer.token"})
        begun = time.monotonic()
        self.run_program("run", path, prefix=hosts.client)
        self.assertLess(time.monotonic() - begun, 110)  # once it was 32 s for each case, of which there are four

    def test_jumbo_frames_on_one_side(self):
        """Both MTUs are named, once."""
        hosts = Hosts(self)
        subprocess.run(["ip", "-n", hosts.client[-1], "link", "set", "veth0", "mtu", "9000"], check=True)
        _, port = self.serve("--bind", "*", prefix=hosts.server)
        path = self.configuration(benchmark("testecho"), benchmark("testecho", group="again"), suite={"trials": 1},
                                  peer={"address": SERVER, "port": port, "token_file": "peer.token"})
        self.run_program("run", path, prefix=hosts.client)
        said = [warning for warning in self.record()["warnings"] if "MTU" in warning]
        self.assertEqual(len(said), 1)
        self.assertIn("9000 bytes here (veth0), 1500 at the peer (veth0)", said[0])

    def test_check_refuses_what_is_too_much_to_run(self):
        values = list(range(1, 201))
        path = self.configuration(benchmark("testecho", params={"messages": values, "size": [16 + one for one in values]}))
        for command in (["check", path], ["run", path, "--dry-run"]):
            out, err = self.run_program(*command, status=2)
            self.assertIn("comes to more than 10000 cases", out + err)

    def test_loopback_that_is_down(self):
        """The run's own peer is not reached: that is not for want of a `vmsuite serve`."""
        hosts = Hosts(self)
        subprocess.run(["ip", "-n", hosts.client[-1], "link", "set", "lo", "down"], check=True)
        path = self.configuration(TCP)
        _, err = self.run_program("run", path, status=2, prefix=hosts.client)
        self.assertRegex(err, "the peer that this run started itself cannot be reached .*is the loopback interface up")
        self.assertNotIn("vmsuite serve", err)


if __name__ == "__main__":
    main()
