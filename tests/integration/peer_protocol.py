# SPDX-License-Identifier: GPL-3.0-or-later
"""The control protocol, written a second time from its description (runner/peer/message.h): what a test of
`vmsuite serve` needs to talk to it, well or badly."""

import hashlib
import hmac
import json
import os
import re
import socket
import struct
import subprocess
import tempfile

BUILD = os.environ["VMSUITE_BUILD"]
PROGRAM = os.path.join(BUILD, "runner", "vmsuite")
PLUGINS = os.path.join(BUILD, "tests", "fakes", "plugins")
TOKEN = "a token that only the tests know"


class Serve:
    """A `vmsuite serve` on a free port of loopback; its log is read when it has ended."""

    def __init__(self, *options, token=True, command=None, **how):
        self.folder = tempfile.TemporaryDirectory()
        self.token_file = os.path.join(self.folder.name, "token")
        with open(os.open(self.token_file, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(TOKEN + "\n")
        command = command or [PROGRAM, "serve", "--port", "0"]
        if token:
            command = command + ["--token-file", self.token_file]
        environment = dict(os.environ, VMSUITE_MODULE_PATH=PLUGINS)
        self.process = subprocess.Popen(command + list(options), stderr=subprocess.PIPE, text=True,
                                        env=environment, **how)
        for line in self.process.stderr:
            found = re.match(r"listening on .* port (\d+)$", line)
            if found:
                self.port = int(found.group(1))
                self.process.stderr.readline()
                return
        raise AssertionError("serve did not start")

    def stop(self):
        """Ends it in order; the lines that it has logged."""
        if self.process.poll() is None:
            self.process.terminate()
        _, log = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, (self.process.returncode, log)
        return log

    def kill(self):
        """For the end of a test, whatever came of it."""
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        self.folder.cleanup()

    def children(self):
        path = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        with open(path) as file:
            return file.read().split()

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def memory_kib(self):
        """What the process itself has written to: pages of files come and go with who else maps them."""
        with open(f"/proc/{self.process.pid}/smaps_rollup") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("Anonymous:"))


def key_of(token):
    return hashlib.blake2b(token.encode(), key=b"vmsuite peer token 1", digest_size=32).digest()


def proof(token, side, client_nonce, peer_nonce):
    text = side.encode() + b"\0" + client_nonce + peer_nonce
    return hmac.new(key_of(token), text, hashlib.sha512).digest()[:32]


class Client:
    def __init__(self, port, timeout=30):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send_raw(self, data):
        self.socket.sendall(data)

    def send_frame(self, kind, payload):
        self.send_raw(struct.pack(">I", len(payload) + 1) + kind + payload)

    def send(self, **message):
        self.send_frame(b"J", json.dumps(message).encode())

    def receive_exactly(self, n):
        data = b""
        while len(data) < n:
            piece = self.socket.recv(n - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def receive_frame(self):
        length, kind = struct.unpack(">Ic", self.receive_exactly(5))
        return kind, self.receive_exactly(length - 1)

    def receive(self):
        kind, payload = self.receive_frame()
        assert kind == b"J", kind
        return json.loads(payload)

    def is_closed(self):
        """Waits for the end of the stream; True if nothing came before it."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def hello(self):
        self.nonce = os.urandom(32)
        self.send(type="hello", versions=[1], nonce=self.nonce.hex())
        answer = self.receive()
        assert answer["type"] == "hello", answer
        self.peer_nonce = bytes.fromhex(answer["nonce"])
        return answer

    def prove(self, token=TOKEN):
        self.send(type="proof", proof=proof(token, "client", self.nonce, self.peer_nonce).hex())
        return self.receive()

    def log_in(self):
        self.hello()
        answer = self.prove()
        assert answer == {"type": "proof", "proof": proof(TOKEN, "peer", self.nonce, self.peer_nonce).hex()}

    def open(self, **params):
        self.send(type="open", module="testecho", workload_version=1, params=params, seed="18446744073709551615")
        answer = self.receive()
        assert answer["type"] == "opened", answer
        self.cookie = bytes.fromhex(answer["cookie"])
        assert len(self.cookie) == 16

    def begin(self, trial=1, limit_s=30):
        self.send(type="trial", trial=trial, limit_s=limit_s)
        assert self.receive() == {"type": "started", "trial": trial}

    def echo(self):
        self.send_frame(b"B", self.cookie)
        assert self.receive_frame() == (b"B", self.cookie)
