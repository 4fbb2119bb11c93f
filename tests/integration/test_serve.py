# SPDX-License-Identifier: GPL-3.0-or-later
"""`vmsuite serve` against clients that are well-behaved, broken and hostile."""

import os
import random
import signal
import socket
import struct
import subprocess
import time
import unittest

from harness import PATIENCE, is_alive
from peer_protocol import PLUGINS, PROGRAM, TAG_SIZE, VERSION, Client, Serve


def eventually(condition, seconds=PATIENCE):
    for _ in range(seconds * 50):
        if condition():
            return True
        time.sleep(0.02)
    return False


def children_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]


class Case(unittest.TestCase):
    def start(self, *options, **how):
        serve = Serve(*options, **how)
        self.addCleanup(serve.kill)
        return serve

    def connect(self, serve):
        client = Client(serve.port)
        self.addCleanup(client.close)
        return client


class Protocol(Case):
    def setUp(self):
        self.serve = self.start()

    def tearDown(self):
        self.serve.stop()

    def client(self):
        return self.connect(self.serve)

    def opened(self, **params):
        client = self.client()
        client.log_in()
        client.open(**params)
        return client

    def assert_refused(self, client, code):
        answer = client.receive()
        self.assertEqual((answer["type"], answer["code"]), ("error", code), answer)
        self.assertTrue(client.is_closed())

    def assert_serves(self):
        """Whatever happened, the next client is served at once."""
        client = self.opened(messages="2")
        client.begin()
        client.echo()
        client.echo()
        self.assertEqual(client.receive(), {"type": "ended", "trial": 1, "status": "ok", "text": ""})
        client.close()

    def test_second_implementation_agrees(self):
        client = self.opened(messages="1")
        for trial in (1, 2, 3):
            client.send(type="clock", exchange=trial)
            stamps = client.receive()
            self.assertEqual((stamps["type"], stamps["exchange"]), ("clock", trial))
            self.assertLessEqual(stamps["received_ns"], stamps["sent_ns"])
            client.begin(trial)
            client.send(type="clock", exchange=100)
            self.assertEqual(client.receive()["exchange"], 100)
            client.echo()
            self.assertEqual(client.receive()["status"], "ok")

    def test_no_proof(self):
        client = self.client()
        client.hello()
        client.send(type="open", module="testecho", workload_version=1, params={}, seed="1")
        self.assert_refused(client, "protocol")

    def test_nothing_before_hello(self):
        client = self.client()
        client.send(type="trial", trial=1, limit_s=1)
        self.assert_refused(client, "protocol")

    def test_three_wrong_tokens(self):
        client = self.client()
        client.hello()
        for _ in range(3):
            self.assertEqual(client.prove("another token than the right one")["code"], "token")
        self.assertTrue(client.is_closed())

    def test_right_token_after_a_wrong_one(self):
        client = self.client()
        client.hello()
        client.prove("another token than the right one")
        self.assertEqual(client.prove()["type"], "proof")

    def test_replayed_handshake(self):
        good = self.client()
        good.log_in()
        replay = self.client()
        replay.send(type="hello", versions=[VERSION], nonce=good.nonce.hex())
        self.assertNotEqual(bytes.fromhex(replay.receive()["nonce"]), good.peer_nonce)
        replay.nonce, replay.peer_nonce = good.nonce, good.peer_nonce
        self.assertEqual(replay.prove()["code"], "token")

    def test_reflected_proof(self):
        """What a peer proves to one client is no use with another peer session."""
        client = self.client()
        client.hello()
        client.send(type="proof", proof=client.peer_nonce.hex())
        self.assertEqual(client.receive()["code"], "token")

    def test_other_version(self):
        client = self.client()
        for versions in ([VERSION - 1], [VERSION + 1, VERSION + 2]):
            client = self.client()
            client.send(type="hello", versions=versions, nonce="00" * 32)
            self.assert_refused(client, "version")
        client = self.client()
        client.send(type="hello", versions=[VERSION + 1, VERSION], nonce="00" * 32)
        self.assertEqual(client.receive()["version"], VERSION)

    def test_tampered_frames(self):
        """After the proofs a frame that was changed anywhere, repeated, left out or sent bare is refused."""
        def session():
            client = self.opened()
            return client, client.frame(b"J", b'{"type": "clock", "exchange": 1}')
        for place in range(5, 5 + 32 + TAG_SIZE):
            client, frame = session()
            client.send_raw(frame[:place] + bytes([frame[place] ^ 1]) + frame[place + 1:])
            self.assert_refused(client, "protocol")
        client, frame = session()  # the kind is no secret, but sealed with the rest
        client.send_raw(frame[:4] + b"B" + frame[5:])
        self.assert_refused(client, "protocol")
        client, frame = session()
        client.send_raw(frame)
        self.assertEqual(client.receive()["type"], "clock")
        client.send_raw(frame)
        self.assert_refused(client, "protocol")
        client, frame = session()  # this one is left out
        client.send(type="clock", exchange=2)
        self.assert_refused(client, "protocol")
        client, frame = session()
        client.sends = None
        client.send(type="clock", exchange=1)
        self.assert_refused(client, "protocol")
        client, frame = session()
        client.send_raw(b"\0\0\0\x0cJ" + frame[-11:])  # shorter than a seal
        self.assert_refused(client, "protocol")

    def test_frames_too_large(self):
        client = self.client()
        client.send_raw(struct.pack(">Ic", 4098, b"J"))  # a stranger may send 4 KiB
        self.assert_refused(client, "protocol")
        for kind, limit in ((b"J", 1 << 20), (b"B", 1 << 16)):
            client = self.opened()
            client.send_raw(struct.pack(">Ic", limit + 2 + TAG_SIZE, kind))
            self.assert_refused(client, "protocol")
        client = self.opened()
        client.send_raw(struct.pack(">Ic", 0xFFFFFFFF, b"J"))
        self.assert_refused(client, "protocol")

    def test_frames_without_sense(self):
        for data in (b"\0\0\0\0J", b"\0\0\0\5X1234", b"GET / HTTP/1.0\r\n\r\n", b"\xff" * 64):
            client = self.client()
            client.send_raw(data)
            self.assert_refused(client, "protocol")

    def test_malformed_json(self):
        texts = (b"", b"{", b"[]", b"null", b'{"type": "trial"', b'{"a": 1, "a": 2}', b'{"type": "\xff"}',
                 b'{"type": "\\u0000"}', b"[" * 4000, b'{"type": ' + b"[" * 100000, b"{} {}")
        for text in texts:
            client = self.opened()
            client.send_frame(b"J", text)
            self.assert_refused(client, "protocol")

    def test_strict_schema(self):
        good = {"type": "trial", "trial": 1, "limit_s": 1}
        changes = ({"type": "unknown"}, {"type": 1}, {"type": None}, {"further": 1}, {"trial": "1"}, {"trial": -1},
                   {"trial": 1 << 40}, {"trial": 1.5}, {"limit_s": 0}, {"limit_s": -1}, {"limit_s": 1e300},
                   {"limit_s": "1"}, {"limit_s": True})
        for change in changes:
            client = self.opened()
            client.send(**{**good, **change})
            self.assert_refused(client, "protocol")
        for key in good:
            client = self.opened()
            client.send(**{name: value for name, value in good.items() if name != key})
            self.assert_refused(client, "protocol")

    def test_strict_open(self):
        good = {"type": "open", "module": "testecho", "workload_version": 1, "params": {}, "seed": "1"}
        rows = (({"module": "nosuch"}, "module"), ({"module": "../testecho"}, "module"),
                ({"module": "testgood"}, "module"), ({"workload_version": 2}, "workload"),
                ({"workload_version": 0}, "protocol"), ({"params": {"nosuch": "1"}}, "parameters"),
                ({"params": {"messages": "1000001"}}, "parameters"), ({"params": {"messages": 1}}, "protocol"),
                ({"params": []}, "protocol"), ({"seed": 1}, "protocol"), ({"seed": "-1"}, "protocol"))
        for change, code in rows:
            client = self.client()
            client.log_in()
            client.send(**{**good, **change})
            self.assert_refused(client, code)

    def test_messages_out_of_turn(self):
        client = self.opened()
        client.begin()
        client.send(type="trial", trial=2, limit_s=1)
        self.assert_refused(client, "protocol")
        client = self.opened()
        client.send(type="open", module="testecho", workload_version=1, params={}, seed="1")
        self.assert_refused(client, "protocol")

    def test_slow_loris(self):
        """A frame has a deadline as a whole; nobody else waits for it."""
        slow = self.client()
        slow.send_raw(struct.pack(">Ic", 1000, b"J"))
        start, closed = time.monotonic(), False
        served = 0
        while not closed and time.monotonic() - start < PATIENCE:
            try:
                slow.send_raw(b" ")
                slow.socket.settimeout(0.3)
                while slow.socket.recv(4096):
                    pass
                closed = True
            except socket.timeout:
                pass
            except (BrokenPipeError, ConnectionResetError):
                closed = True
            if served < 5:
                self.assert_serves()
                served += 1
        self.assertTrue(closed)
        self.assertGreater(served, 0)  # five, but where the machine is slow

    def test_client_that_does_not_read(self):
        client = self.opened(peer_does="chatter")
        client.begin(limit_s=1)
        client.send_frame(b"B", client.cookie)
        self.assert_serves()
        client.close()
        self.assertTrue(eventually(lambda: not self.serve.children()))

    def test_two_hundred_sessions_dropped(self):
        """Sessions that are dropped anywhere leave nothing behind."""

        def drop(step):
            client = Client(self.serve.port)
            if step > 0:
                client.send(type="hello", versions=[VERSION], nonce="00" * 32)
            if step > 1:
                client.close()
                client = Client(self.serve.port)
                client.log_in()
            if step > 2:
                client.open(peer_does=random.choice(["echo", "hang", "crash", "fail"]))
            if step > 3:
                client.begin(limit_s=3600)
            if step > 4:
                client.send_frame(b"B", client.cookie)
            if random.random() < 0.3:  # a reset in place of an orderly end
                client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()

        random.seed(1)
        for step in range(6):
            drop(step)
        self.assertTrue(eventually(lambda: not self.serve.children()))
        descriptors, memory_kib = self.serve.descriptors(), self.serve.memory_kib()
        for _ in range(200):
            drop(random.randrange(6))
        self.assertTrue(eventually(lambda: not self.serve.children()))
        self.assertEqual(self.serve.descriptors(), descriptors)
        self.assertLess(self.serve.memory_kib() - memory_kib, 32)
        self.assert_serves()


class Flood(Case):
    def test_more_sessions_than_there_are(self):
        serve = self.start("--max-sessions", "8")
        clients = [self.connect(serve) for _ in range(20)]
        for client in clients[:8]:
            client.log_in()
            client.open() # answered by a session that has its place
        for client in clients[8:]:
            client.hello()
            client.prove()
            self.assertEqual(client.receive()["code"], "busy")
            self.assertTrue(client.is_closed())
        for client in clients:
            client.close()
        self.assertTrue(eventually(lambda: not serve.children()))
        client = self.connect(serve)
        client.log_in()
        client.open()
        client.close()
        serve.stop()

    def test_strangers_make_room(self):
        """Connections that prove nothing are ended for a client that comes later, however many there are."""
        serve = self.start("--max-sessions", "4")
        strangers = [self.connect(serve) for _ in range(100)]
        for _ in range(4):
            client = self.connect(serve)
            client.log_in()
            client.open()
        self.assertLessEqual(len(serve.children()), 4 + 64)
        for stranger in strangers:
            stranger.close()
        self.assertRegex(serve.stop(), "clients? without proof of the token made room for others")


class Command(Case):
    def run_serve(self, *options):
        environment = dict(os.environ, VMSUITE_MODULE_PATH=PLUGINS)
        done = subprocess.run([PROGRAM, "serve", *options], capture_output=True, text=True, timeout=300,
                              env=environment, check=False)
        self.assertEqual(done.stdout, "")
        return done.returncode, done.stderr

    def test_wrong_use(self):
        token = ("--token-file", self.start().token_file)
        rows = (("--bind", "*", "--port", "0"), "a token is required"), (("--port", "x"), '--port: "x" is not'), \
            (("--port", "65536"), "from 0 to 65535"), (("--max-sessions", "0"), "--max-sessions must be"), \
            (("extra",), 'unexpected argument "extra"'), (("--nosuch",), "nosuch"), \
            ((), "a token is required"), (("--token-file", "/no/such/file"), "/no/such/file"), \
            (token + ("--bind", "192.0.2.77"), "cannot listen on"), \
            (token + ("--bind", "no-such-host.invalid"), "no-such-host.invalid"), \
            (token + ("--user", "nosuchuser"), 'there is no user "nosuchuser"')
        for options, sentence in rows:
            status, text = self.run_serve(*options)
            self.assertEqual(status, 2, text)
            self.assertIn(sentence, text)

    def test_open_token_file(self):
        serve = self.start()
        os.chmod(serve.token_file, 0o644)
        status, text = self.run_serve("--token-file", serve.token_file)
        self.assertEqual(status, 2)
        self.assertIn("chmod 600", text)

    def test_port_in_use(self):
        other = self.start()
        status, text = self.run_serve("--port", str(other.port), "--token-file", other.token_file)
        self.assertEqual(status, 2)
        self.assertIn("Address already in use", text)

    def test_ipv6(self):
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError as error:
            self.skipTest(f"skipped: there is no IPv6 here: {error}")
        serve = self.start("--bind", "::1")
        with socket.create_connection(("::1", serve.port), timeout=30):
            self.assertTrue(eventually(serve.children))  # before that, a stop may come before the session
        self.assertIn("session 1 from ::1 port ", serve.stop())

    def test_log(self):
        serve = self.start()
        with Client(serve.port) as client:
            client.log_in()
            client.open(messages="1")
            client.begin()
            client.echo()
            client.receive()
        with Client(serve.port) as client:
            client.hello()
            for _ in range(3):
                client.prove("another token than the right one")
        self.assertTrue(eventually(lambda: not serve.children()))
        lines = sorted(serve.stop().splitlines())  # in the order in which they ended, which is any
        self.assertEqual(len(lines), 2, lines)
        self.assertRegex(lines[0], r"^session 1 from 127\.0\.0\.1 port \d+: testecho, 1 trial, [\d.]+ s, closed by")
        self.assertRegex(lines[1], r"^session 2 from .*: not authenticated, 0 trials, [\d.]+ s, wrong token, 3 times$")

    def test_once(self):
        serve = self.start("--once", "--quiet")
        with Client(serve.port):
            pass  # a stranger's visit does not count
        with Client(serve.port) as client:
            client.log_in()  # nor does one that only looks whether the peer is there
            client.open()
        with Client(serve.port) as client:
            client.log_in()
            client.open(messages="1")
            client.begin()
            client.echo()
            client.receive()
        self.assertEqual(serve.process.wait(60), 0)
        self.assertEqual(serve.stop(), "")

    def test_drains(self):
        """SIGTERM: idle sessions end, the trial that runs ends in order, nobody new is let in."""
        serve = self.start()
        idle, busy = self.connect(serve), self.connect(serve)
        for client in (idle, busy):
            client.log_in()
            client.open(messages="2")
        busy.begin()
        busy.echo()
        serve.process.send_signal(signal.SIGTERM)
        self.assertEqual(idle.receive()["code"], "shutdown")
        with self.assertRaises(OSError):
            Client(serve.port)
        busy.echo()
        self.assertEqual(busy.receive()["status"], "ok")
        self.assertEqual(busy.receive()["code"], "shutdown")
        self.assertEqual(serve.process.wait(60), 0)
        serve.stop()

    def test_second_signal(self):
        serve = self.start()
        client = self.connect(serve)
        client.log_in()
        client.open(peer_does="hang")
        client.begin(limit_s=3600)
        client.send_frame(b"B", client.cookie)
        serve.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        self.assertIsNone(serve.process.poll())
        serve.process.send_signal(signal.SIGTERM)
        self.assertEqual(serve.process.wait(60), 0)
        self.assertTrue(client.is_closed())
        serve.stop()

    def test_killed_peer_leaves_nobody(self):
        """The sessions and trials of a peer that is killed end with it."""
        serve = self.start()
        client = self.connect(serve)
        client.log_in()
        client.open(peer_does="hang")
        client.begin(limit_s=3600)
        session = int(serve.children()[0])
        keeper, = children_of(session)
        trial, = children_of(keeper)
        serve.process.kill()
        serve.process.wait()
        self.assertTrue(client.is_closed())
        for pid in (session, keeper, trial):
            self.assertTrue(eventually(lambda pid=pid: not is_alive(pid)))


class Activation(Case):
    """The socket comes from a service manager, as descriptor 3."""

    SHELL = 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" serve "$@" 3<&%d'

    def activate(self, listener):
        command = ["/bin/sh", "-c", self.SHELL % listener.fileno(), PROGRAM]
        return self.start(command=command, pass_fds=[listener.fileno()])

    def test_passed_socket(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            serve = self.activate(listener)
            self.assertEqual(serve.port, listener.getsockname()[1])
            client = self.connect(serve)
            client.log_in()
            client.open()
            client.close()
            serve.stop()

    def test_token_is_required_all_the_same(self):
        with socket.create_server(("0.0.0.0", 0)) as listener:
            done = subprocess.run(["/bin/sh", "-c", self.SHELL % listener.fileno(), PROGRAM], capture_output=True,
                                  text=True, timeout=300, pass_fds=[listener.fileno()], check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("a token is required", done.stderr)

    def test_not_a_listener(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            done = subprocess.run(["/bin/sh", "-c", self.SHELL % other.fileno(), PROGRAM], capture_output=True,
                                  text=True, timeout=300, pass_fds=[other.fileno()], check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("ListenStream=", done.stderr)


if __name__ == "__main__":
    unittest.main()
