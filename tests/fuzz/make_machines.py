# SPDX-License-Identifier: GPL-3.0-or-later
"""Packs the captured machines into seeds: "whole" ones for fuzz_capture, and "parts" of a size that mutates fast for
fuzz_machine, each once. usage: make_machines.py MACHINES_FOLDER OUTPUT"""
import hashlib
import pathlib
import sys

PART_MAX = 1000
machines, output = map(pathlib.Path, sys.argv[1:])


def entries(machine, content_max):
    for path in sorted(machine.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            continue
        content = str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()[:content_max]
        yield (f"/{path.relative_to(machine)}".encode() + b"\0" + (b"\2" if path.is_symlink() else b"\0") +
               len(content).to_bytes(2, "little") + content)


def parts(machine):
    part = b""
    for entry in entries(machine, 600):
        if len(part) + len(entry) > PART_MAX:
            yield part
            part = b""
        part += entry
    yield part


(output / "whole").mkdir(parents=True, exist_ok=True)
(output / "parts").mkdir(exist_ok=True)
for machine in (path for path in machines.iterdir() if path.is_dir()):
    (output / "whole" / machine.name).write_bytes(b"".join(entries(machine, 4096)))
    for part in parts(machine):
        (output / "parts" / hashlib.sha1(part).hexdigest()).write_bytes(part)
