# SPDX-License-Identifier: GPL-3.0-or-later
"""The control protocol, written a second time from its description (docs/protocol.md): what a test of
`vmsuite serve` needs to talk to it, well or badly."""

import ctypes
import ctypes.util
import hashlib
import hmac
import json
import os
import re
import socket
import struct
import subprocess
import tempfile
import unittest

BUILD = os.environ["VMSUITE_BUILD"]
PROGRAM = os.path.join(BUILD, "runner", "vmsuite")
PLUGINS = os.path.join(BUILD, "tests", "fakes", "plugins")
TOKEN = "a token that only the tests know"
VERSION = 3
TAG_SIZE = 16  # bytes that a sealed payload is longer


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
        _, log = self.process.communicate(timeout=300)
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
        try:
            file = open(f"/proc/{self.process.pid}/smaps_rollup")
        except PermissionError as error:  # in a container without CAP_SYS_PTRACE, of a peer that is another user
            raise unittest.SkipTest(f"skipped: its memory cannot be read: {error}") from error
        with file:
            return next(int(line.split()[1]) for line in file if line.startswith("Anonymous:"))


def key_of(token):
    return hashlib.blake2b(token.encode(), key=b"vmsuite peer token 1", digest_size=32).digest()


def proof(token, side, client_nonce, peer_nonce):
    text = side.encode() + b"\0" + client_nonce + peer_nonce
    return hmac.new(key_of(token), text, hashlib.sha512).digest()[:32]


class Seal:
    """ChaCha20-Poly1305 (RFC 8439) of one direction, by libsodium; the frame's number is the nonce."""

    sodium = ctypes.CDLL(ctypes.util.find_library("sodium"))

    def __init__(self, key):
        self.key, self.number = key, 0

    def call(self, function, text, size, header):
        out, n = ctypes.create_string_buffer(size), ctypes.c_ulonglong()
        nonce = struct.pack("<IQ", 0, self.number)
        self.number += 1
        cipher = (text, ctypes.c_ulonglong(len(text)), header, ctypes.c_ulonglong(len(header)))
        if function == "encrypt":
            status = self.sodium.crypto_aead_chacha20poly1305_ietf_encrypt(out, ctypes.byref(n), *cipher, None, nonce,
                                                                           self.key)
        else:
            status = self.sodium.crypto_aead_chacha20poly1305_ietf_decrypt(out, ctypes.byref(n), None, *cipher, nonce,
                                                                           self.key)
        assert status == 0, "a frame's seal is wrong"
        return out.raw[:n.value]

    def close(self, payload, header):
        return self.call("encrypt", payload, len(payload) + TAG_SIZE, header)

    def open(self, sealed, header):
        return self.call("decrypt", sealed, len(sealed), header)


class Client:
    def __init__(self, port, timeout=90):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.sends = self.receives = None  # the seals, once the token was proved

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send_raw(self, data):
        self.socket.sendall(data)

    def frame(self, kind, payload):
        """The next frame's bytes."""
        header = struct.pack(">Ic", len(payload) + 1 + (TAG_SIZE if self.sends else 0), kind)
        return header + (self.sends.close(payload, header) if self.sends else payload)

    def send_frame(self, kind, payload):
        self.send_raw(self.frame(kind, payload))

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
        header = self.receive_exactly(5)
        length, kind = struct.unpack(">Ic", header)
        payload = self.receive_exactly(length - 1)
        return kind, self.receives.open(payload, header) if self.receives else payload

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
        self.send(type="hello", versions=[VERSION], nonce=self.nonce.hex())
        answer = self.receive()
        assert answer["type"] == "hello", answer
        self.peer_nonce = bytes.fromhex(answer["nonce"])
        return answer

    def prove(self, token=TOKEN):
        self.send(type="proof", proof=proof(token, "client", self.nonce, self.peer_nonce).hex())
        answer = self.receive()
        if answer["type"] == "proof":
            self.sends, self.receives = (Seal(proof(token, side + "'s seal", self.nonce, self.peer_nonce))
                                         for side in ("client", "peer"))
        return answer

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
