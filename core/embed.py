#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes C arrays of files, which HEADER declares.
Usage: embed.py HEADER OUTPUT NAME=FILE..., and NAME=hash:FILE for the file's SHA-256."""

import base64
import hashlib
import pathlib
import sys


def main(header, output, *assets):
    lines = ["/* Made by embed.py. */", f'#include "{header}"']
    for asset in assets:
        name, _, file = asset.partition("=")
        content = pathlib.Path(file.removeprefix("hash:")).read_bytes()
        if file.startswith("hash:"):
            content = base64.b64encode(hashlib.sha256(content).digest())
        numbers = [str(byte if byte < 128 else byte - 256) for byte in content + b"\0"]
        lines.append(f"const char {name}[] = {{")
        lines += [",".join(numbers[i : i + 40]) + "," for i in range(0, len(numbers), 40)]
        lines.append("};")
    pathlib.Path(output).write_text("\n".join(lines) + "\n", encoding="ascii")


main(*sys.argv[1:])
