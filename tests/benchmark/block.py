#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The block module against dd (new file through the page cache) and fio (4 KiB random reads, direct).

    block.py dd|fio DRIVE [PAIRS]

Both sides move the same number of blocks of a file of the same size in the same folder, made anew for each run.
Exit status 0: all ratios are 0.97 at least; 1: one is not; 77: no fio.
"""
import json
import os
import re
import shutil
import subprocess
import sys

import paired

FOLDER = "/var/tmp"  # where drive makes its scratch folder
AT_LEAST = 0.97
MIB = 1 << 20


def drive(program, wanted, block_size, operations, **parameters):
    """One trial of the module; checks that it moved as many blocks as the other side will."""
    words = [f"{name}={value}" for name, value in parameters.items()]
    done = subprocess.run([program, "block", "1", f"block_size={block_size}", *words],
                          stdout=subprocess.PIPE, text=True, check=True)
    figures = {}
    for line in done.stdout.splitlines():
        name, value = line.split()
        figures[name] = float(value)
    moved = figures[wanted] * figures[wanted + "_time"] / block_size
    if round(moved) != operations:
        raise ValueError(f"the module moved {moved} blocks instead of {operations}")
    return {"B/s": figures[wanted]}


def dd(block_size, count):
    path = f"{FOLDER}/vmsuite-dd-{os.getpid()}"
    try:
        done = subprocess.run(["dd", "if=/dev/zero", f"of={path}", f"bs={block_size}", f"count={count}"],
                              stderr=subprocess.PIPE, text=True, check=True, env={**os.environ, "LC_ALL": "C"})
    finally:
        if os.path.exists(path):
            os.unlink(path)
    size, seconds = re.search(r"^(\d+) bytes.* copied, ([\d.e-]+) s", done.stderr, re.M).groups()
    if int(size) != block_size * count:
        raise ValueError(f"dd wrote {size} bytes instead of {block_size * count}")
    return {"B/s": int(size) / float(seconds)}


def fio(file_size, io_size, *options):
    command = ["fio", "--name=random", f"--filename={FOLDER}/vmsuite-fio-{os.getpid()}", "--rw=randread", "--bs=4k",
               f"--size={file_size}", f"--io_size={io_size}", "--direct=1", "--unlink=1", "--output-format=json",
               *options]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    read = json.loads(done.stdout)["jobs"][0]["read"]
    if read["total_ios"] != io_size // 4096:
        raise ValueError(f"fio read {read['total_ios']} blocks instead of {io_size // 4096}")
    return {"B/s": read["bw_bytes"]}


def against_dd(program, pairs):
    rows = []
    for name, block_size, size in (("512 B", 512, 128 * MIB), ("4 KiB", 4096, 256 * MIB), ("1 MiB", MIB, 512 * MIB)):
        count = size // block_size
        rows += paired.compare(
            f"dd {name}",
            lambda: drive(program, "write", block_size, count, file_size=size, verify="cache"),
            lambda: dd(block_size, count), pairs)
    return rows


def against_fio(program, pairs):
    cases = (("fio sync", 16 * MIB, {"engine": "sync"}, ["--ioengine=psync"]),
             ("fio io_uring 32", 128 * MIB, {"engine": "io_uring", "queue_depth": 32},
              ["--ioengine=io_uring", "--iodepth=32"]))
    rows = []
    for name, io_size, parameters, options in cases:
        rows += paired.compare(
            name,
            lambda: drive(program, "read", 4096, io_size // 4096, operation="randread", direct="true",
                          file_size=128 * MIB, io_size=io_size, **parameters),
            lambda: fio(128 * MIB, io_size, *options), pairs)
    return rows


def main():
    if len(sys.argv) not in (3, 4) or sys.argv[1] not in ("dd", "fio"):
        print("usage: block.py dd|fio DRIVE [PAIRS]", file=sys.stderr)
        return 2
    if sys.argv[1] == "fio" and not shutil.which("fio"):
        print("skipped: fio is not installed", file=sys.stderr)
        return 77
    against = against_dd if sys.argv[1] == "dd" else against_fio
    rows = against(sys.argv[2], int(sys.argv[3]) if len(sys.argv) == 4 else 7)
    lowest, _ = paired.show(rows)
    return 1 if lowest < AT_LEAST else 0


if __name__ == "__main__":
    sys.exit(main())
