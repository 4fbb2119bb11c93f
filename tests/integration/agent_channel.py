# SPDX-License-Identifier: GPL-3.0-or-later
"""A driver's end of an agent's channel, written a second time from its description (docs/protocol.md)."""
import json
import struct
import subprocess

from harness import PATIENCE, PROGRAM, end


def frame(payload, kind=b"J", length=None):
    payload = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return struct.pack(">I", len(payload) + 1 if length is None else length) + kind + payload


class Agent:
    def __init__(self, case):
        self.process = subprocess.Popen([PROGRAM, "agent"], env=case.environment, cwd=case.folder,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        case.addCleanup(end, self.process)
        case.addCleanup(self.process.stdin.close)

    def send(self, message):
        self.write(frame(message))

    def write(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def receive(self):
        header = self.process.stdout.read(5)
        if len(header) < 5:
            return None
        payload = self.process.stdout.read(struct.unpack(">I", header[:4])[0] - 1)
        return json.loads(payload)

    def ask(self, message):
        self.send(message)
        return self.receive()

    def close(self):
        """Ends its input; its status and all that it still says."""
        self.process.stdin.close()
        rest = self.process.stdout.read()
        return self.process.wait(PATIENCE), rest


def suite(*benchmarks, **keys):
    return {"suite": "test", "trials": 3, "warmup": 0, "benchmarks": list(benchmarks), **keys}


def opening(*benchmarks, **keys):
    return {"type": "open", "suite": suite(*benchmarks), "seed": "7", "expect": {}, "peer": None, "scratch": None,
            "retry_noisy": 0, "allow_mismatch": False, **keys}
