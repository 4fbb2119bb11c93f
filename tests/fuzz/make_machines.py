# SPDX-License-Identifier: GPL-3.0-or-later
"""Packs the captured machines into seeds for fuzz_machine. usage: make_machines.py MACHINES_FOLDER OUTPUT"""
import pathlib
import sys

machines, output = map(pathlib.Path, sys.argv[1:])
output.mkdir(exist_ok=True)
for machine in (path for path in machines.iterdir() if path.is_dir()):
    seed = bytearray()
    for path in sorted(machine.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            continue
        content = str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()[:4096]
        seed += f"/{path.relative_to(machine)}".encode() + b"\0" + (b"\2" if path.is_symlink() else b"\0")
        seed += len(content).to_bytes(2, "little") + content
    (output / machine.name).write_bytes(seed)
