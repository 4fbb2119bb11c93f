#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""In QEMU's place, of a guest that hands its record out when all is measured: finds its job among the archives that it would
boot, measures with $FAKE_PROGRAM what the job asks for, and writes the record to its disk.

The words of each boot are a line of $FAKE_FOLDER/boots, its job's configuration one of $FAKE_FOLDER/jobs, and its
arguments one of $FAKE_FOLDER/arguments. $FAKE_FOLDER/how is a word for what goes wrong: "panic" (every boot), "panics-once"
(the next one), "hangs" (it measures for ever, and says so in $FAKE_FOLDER/hangs).
"""
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import threading

from fake_folder import FOLDER, how, keep


def say(text):
    os.write(1, (text + "\n").encode())


def read_file(archives, name):
    """The last file of that name in archives of cpio (newc), one behind the other."""
    start = archives.rindex(name.encode() + b"\0") - 110
    head = archives[start:start + 110]
    size, length = int(head[54:62], 16), int(head[94:102], 16)
    content = start + (110 + length + 3) // 4 * 4
    return archives[content:content + size].decode()


def measure():
    archives = pathlib.Path(sys.argv[sys.argv.index("-initrd") + 1]).read_bytes()
    job = json.loads(read_file(archives, "job/configuration.json"))
    arguments = read_file(archives, "job/arguments").split()
    keep("jobs", json.dumps(job))
    keep("arguments", " ".join(arguments))
    job.pop("peer", None)  # it is where only a guest finds it
    job["scratch"] = str(FOLDER)
    path = FOLDER / "job.json"
    path.write_text(json.dumps(job))
    arguments[arguments.index("--config") + 1] = str(path)
    process = subprocess.run([os.environ["FAKE_PROGRAM"], "run", *arguments], stdout=subprocess.PIPE, stderr=1, check=False)
    return process.stdout, process.returncode


def main():
    if "--version" in sys.argv:
        print("QEMU emulator version 0.0 (fake)")
        return
    keep("boots", " ".join(sys.argv[1:]))
    say("vmsuite-init: ready")
    if how().startswith("panic"):
        if how() == "panics-once":
            (FOLDER / "how").write_text("")
        say("Kernel panic - not syncing: no init found")
        sys.exit(0)
    say("vmsuite-init: measuring")
    if how() == "hangs":
        keep("hangs", "it does")
        threading.Event().wait()
    record, status = measure()
    if record:
        disk, = [re.search("file=([^,]*)", word)[1] for word in sys.argv if "id=record" in word]
        head = f"vmsuite-record {len(record)} {hashlib.sha256(record).hexdigest()}\n".encode()
        with open(disk, "r+b") as file:
            file.write(head.ljust(512, b"\0") + record)
    say(f"vmsuite-init: measured, exit status {status}")
    say("vmsuite-init: power off")


main()
