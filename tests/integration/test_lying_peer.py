# SPDX-License-Identifier: GPL-3.0-or-later
"""A peer that lies at each step of the protocol: no lie becomes a figure, and each has its own sentence.

The peer's half is written here from docs/protocol.md. `note`, a parameter of the module testecho, names the lie, so that
one run meets all of them, a case each, and the honest peer before and after them."""
import json
import os
import socket
import struct
import threading
import time

from harness import Case, benchmark, main
from peer_protocol import TOKEN, VERSION, Client, Seal, proof

CHANGED = "somebody changed it on its way"
OUT_OF_TURN = "the peer sent a message out of turn during a trial"
CLOCK = "the peer did not answer as it should when asked for its clock"
# What it lies about, what the case comes to, and what its reason says. Each case has two trials of two messages.
LIES = [
    ("opened_twice", "failed", CLOCK),
    ("opened_without_a_cookie", "failed", 'the message "opened" is malformed'),
    ("ended_instead_of_opened", "failed", "did not answer as it should when a session was opened"),
    ("started_early", "failed", CLOCK),
    ("started_twice", "failed", OUT_OF_TURN),
    ("started_another_trial", "failed", "did not answer as it should when a trial was begun"),
    ("clock_runs_backwards", "failed", 'the message "clock" is malformed'),
    ("clock_is_no_number", "failed", "a message is not valid JSON"),
    ("ended_early", "failed", "get failed"),
    ("ended_another_trial", "failed", OUT_OF_TURN),
    ("ended_twice", "failed", CLOCK),
    ("ended_with_an_unknown_status", "failed", 'the message "ended" is malformed'),
    ("ended_with_control_characters", "failed", r"the peer: a \x1b[31mred reason"),
    ("never_ended", "timeout", "deadline of 2 s"),
    ("refused_in_the_trial", "failed", "the peer refused: no \\x07 more"),
    ("echo_is_another", "failed", "the echo differs"),
    ("echo_comes_twice", "failed", "the echo differs"),
    ("echo_is_too_large", "failed", "a frame of 70016 bytes was received; the limit is 65552"),
    ("echo_never_comes", "timeout", "deadline"),
    ("frame_is_bare", "failed", CHANGED),
    ("frame_is_repeated", "failed", CHANGED),
    ("frame_is_sealed_with_the_clients_key", "failed", CHANGED),
    ("frame_is_empty", "failed", "a frame of length zero was received"),
    ("frame_is_of_unknown_kind", "failed", "a frame of unknown kind 0x58 was received"),
    ("hangs_up", "failed", "the other end closed the connection"),
]
# Lies before the session is opened, which end the run before anything is measured.
HANDSHAKE_LIES = [
    ("proves_with_another_token", "cannot prove that it knows the token"),
    ("proves_with_the_clients_proof", "cannot prove that it knows the token"),
    ("proves_nothing", 'the message "proof" is malformed'),
    ("proves_before_it_is_asked", "a message of the handshake came out of turn"),
    ("asks_for_no_token", "the peer asks for no token"),
    ("speaks_another_version", "speaks another version of the protocol"),
    ("has_one_key_for_both_directions", CHANGED),
    ("does_not_seal", CHANGED),
]


class Session(Client):
    """One connection of a client, served as the lie has it."""

    nonces = []  # of all clients

    def __init__(self, connection, handshake_lie):
        self.socket, self.lie = connection, handshake_lie
        self.sends = self.receives = None

    def hello(self):
        lie = self.lie
        self.nonce = bytes.fromhex(self.receive()["nonce"])
        self.nonces.append(self.nonce)
        self.peer_nonce = os.urandom(32)
        if lie == "proves_before_it_is_asked":
            return self.send(type="proof", proof="00" * 32)
        return self.send(type="hello", version=VERSION + (lie == "speaks_another_version"),
                         token="none" if lie == "asks_for_no_token" else "required", nonce=self.peer_nonce.hex())

    def prove(self, token=TOKEN):
        theirs = self.receive()["proof"]
        ours = proof("another token" if self.lie == "proves_with_another_token" else token, "peer", self.nonce,
                     self.peer_nonce).hex()
        ours = {"proves_with_the_clients_proof": theirs, "proves_nothing": ""}.get(self.lie, ours)
        self.send(type="proof", proof=ours)
        of_client, of_peer = (Seal(proof(token, side + "'s seal", self.nonce, self.peer_nonce)) for side in
                              ("client", "peer"))
        self.receives, self.sends = of_client, of_peer
        self.of_client = Seal(of_client.key)
        if self.lie == "has_one_key_for_both_directions":
            self.sends = self.of_client
        if self.lie == "does_not_seal":
            self.sends = None

    def opened(self):
        cookie = "" if self.lie == "opened_without_a_cookie" else os.urandom(16).hex()
        self.send(type="opened", cookie=cookie, local=True, mtu=65536, interface="lo", driver="", offloads="",
                  client="127.0.0.1", peer="127.0.0.1", machine={"boot": "", "cpu_group": "", "cpu_group_id": "", "cpu_weight": 0})

    def serve(self):
        self.hello()
        self.prove()
        params = self.receive()["params"]
        self.lie = self.lie or params["note"]
        self.messages = int(params["messages"])
        if self.lie == "ended_instead_of_opened":
            return self.ended(1)
        self.opened()
        if self.lie == "opened_twice":
            self.opened()
        if self.lie == "started_early":
            self.send(type="started", trial=1)
        while True:
            self.take(*self.receive_frame())

    def take(self, kind, payload):
        if kind == b"B":
            return self.echo_back(payload)
        message = json.loads(payload)
        if message["type"] == "clock":
            return self.tell_time(message["exchange"])
        self.trial, self.echoed = message["trial"], 0
        self.send(type="started", trial=self.trial + (self.lie == "started_another_trial"))
        if self.lie == "started_twice":
            self.send(type="started", trial=self.trial)
        if self.lie == "ended_early":
            self.ended(self.trial)
        return None

    def tell_time(self, exchange):
        if self.lie == "clock_is_no_number":
            return self.send_frame(b"J", b'{"type":"clock","exchange":%d,"received_ns":NaN,"sent_ns":NaN,"epoch_ns":0}'
                                   % exchange)
        now = time.monotonic_ns()
        return self.send(type="clock", exchange=exchange, received_ns=now, epoch_ns=0,
                         sent_ns=now - (self.lie == "clock_runs_backwards"))

    def ended(self, trial, status="ok", text=""):
        self.send(type="ended", trial=trial, status=status, text=text)

    def echo_back(self, payload):
        frame = None
        if self.lie == "echo_is_another":
            payload = payload[:-1] + b"?"
        elif self.lie == "echo_is_too_large":
            payload = b"x" * 70000
        elif self.lie == "echo_never_comes":
            return
        elif self.lie == "frame_is_bare":
            frame = struct.pack(">Ic", len(payload) + 1, b"B") + payload
        elif self.lie == "frame_is_empty":
            frame = struct.pack(">I", 0) + b"B"
        elif self.lie == "frame_is_of_unknown_kind":
            frame = self.frame(b"X", payload)
        elif self.lie == "frame_is_sealed_with_the_clients_key":
            self.of_client.number = self.sends.number
            self.sends = self.of_client
        elif self.lie == "refused_in_the_trial":
            self.send(type="error", code="shutdown", text="no \x07 more")
        elif self.lie == "hangs_up":
            self.socket.close()
        frame = frame or self.frame(b"B", payload)
        self.send_raw(frame)
        if self.lie in ("frame_is_repeated", "echo_comes_twice"):
            self.send_raw(frame if self.lie == "frame_is_repeated" else self.frame(b"B", payload))
        self.echoed += 1
        if self.echoed == self.messages and self.lie != "never_ended":
            self.end_trial()

    def end_trial(self):
        if self.lie == "ended_with_an_unknown_status":
            self.ended(self.trial, status="fine")
        elif self.lie == "ended_with_control_characters":
            self.ended(self.trial, status="failed", text="a \x1b[31mred reason")
        else:
            self.ended(self.trial + (self.lie == "ended_another_trial"))
        if self.lie == "ended_twice":
            self.ended(self.trial)


class Liar:
    """Serves each connection in a thread of its own until it is closed."""

    def __init__(self, test, handshake_lie=None):
        self.lie = handshake_lie
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        test.addCleanup(self.listener.close)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection:
            try:
                Session(connection, self.lie).serve()
            except (OSError, EOFError, AssertionError, KeyError, ValueError):
                pass  # the client has hung up, or has not said what was due


class LyingPeer(Case):
    def configure(self, liar, *benchmarks):
        token = self.write("peer.token", TOKEN + "\n")
        token.chmod(0o600)
        return self.configuration(*benchmarks, suite={"trials": 2},
                                  peer={"address": "127.0.0.1", "port": liar.port, "token_file": str(token)})

    def test_lies_of_a_session(self):
        def echo(group, **params):
            return benchmark("testecho", group=group, params={"messages": 2, "size": 32, **params}, deadline=2)
        path = self.configure(Liar(self), echo("before"), echo("lies", note=[lie for lie, *_ in LIES]), echo("after"))
        self.run_program("run", path, status=1)
        self.run_program("check", next((self.folder / "vmsuite-results").glob("*.json")))
        cases = {case["params"]["note"] or case["group"]: case for case in self.record()["cases"]}
        self.assertGreater(len(Session.nonces), len(LIES))
        self.assertEqual(len(set(Session.nonces)), len(Session.nonces))  # none can be answered from what was heard before
        for honest in ("before", "after"):
            self.assertEqual(cases[honest]["status"], "ok", cases[honest]["reason"])
            self.assertEqual([trial["metrics"][0]["value"] for trial in cases[honest]["trials"]], [2, 2])
        for lie, status, reason in LIES:
            with self.subTest(lie):
                trial = cases[lie]["trials"][-1]
                self.assertEqual((cases[lie]["status"], trial["metrics"]), (status, []), cases[lie]["reason"])
                self.assertIn(reason, cases[lie]["reason"])
                # Of a trial that was over when the lie came, the figure stands.
                self.assertEqual(cases[lie]["trials"][0]["status"] == "ok", lie == "ended_twice")

    def test_lies_of_the_handshake(self):
        for lie, sentence in HANDSHAKE_LIES:
            with self.subTest(lie):
                path = self.configure(Liar(self, lie), benchmark("testecho"))
                _, err = self.run_program("run", path, status=2)
                self.assertIn(sentence, err)
                self.assertIn("nothing was measured", err)
                self.assertEqual(self.left_behind() + self.records(), [])


if __name__ == "__main__":
    main()
