#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the inputs that fuzzing begins with, one of each message: make_corpus.py FOLDER"""

import json
import os
import struct
import sys

FROM_CLIENT = (
    {"type": "hello", "versions": [1, 2, 3], "nonce": "0a" * 32},
    {"type": "proof", "proof": "0b" * 32},
    {"type": "open", "module": "tcp", "workload_version": 1, "params": {"mode": "stream"}, "seed": "7"},
    {"type": "trial", "trial": 1, "limit_s": 10.5},
    {"type": "clock", "exchange": 3},
)
FROM_PEER = (
    {"type": "hello", "version": 2, "token": "required", "nonce": "0c" * 32},
    {"type": "proof", "proof": "0d" * 32},
    {"type": "opened", "cookie": "0e" * 16, "local": False, "mtu": 1500, "interface": "eth0", "driver": "virtio_net",
     "offloads": "tso on"},
    {"type": "started", "trial": 1},
    {"type": "ended", "trial": 1, "status": "failed", "text": "why"},
    {"type": "clock", "exchange": 3, "received_ns": 5, "sent_ns": 6, "epoch_ns": -7},
    {"type": "error", "code": "busy", "text": "no"},
)


def frame(kind, payload):
    return struct.pack(">I", len(payload) + 1) + kind + payload


os.makedirs(sys.argv[1], exist_ok=True)
for side, messages in enumerate((FROM_CLIENT, FROM_PEER)):
    frames = [frame(b"J", json.dumps(message).encode()) for message in messages] + [frame(b"B", b"data")]
    for number, data in enumerate(frames + [b"".join(frames)]):
        with open(os.path.join(sys.argv[1], f"{side}-{number}"), "wb") as file:
            file.write(bytes([side]) + data)
