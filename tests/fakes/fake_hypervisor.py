#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""In the place of xl, virsh, VBoxManage and VBoxHeadless, by the name that it is called by: does what their manuals
say of the calls that launchers make, and plays the guest. $FAKE_STATE is its folder: "calls" gets each call's words,
one JSON array a line. $FAKE_DISK is what the guest writes to the record's disk. $FAKE_MODE: "hang": the guest does
not end; "refuse": it cannot be created."""
import json
import os
import pathlib
import re
import sys
import time
import xml.etree.ElementTree

STATE = pathlib.Path(os.environ["FAKE_STATE"])
MODE = os.environ.get("FAKE_MODE", "")
READY = "vmsuite-init: ready\n"
WORDS = READY + "vmsuite-init: measuring\nvmsuite-init: measured, exit status 0\nvmsuite-init: power off\n"
HANG_S = 60


def play(disks, console):
    """What a guest does with its disks and its console."""
    if MODE == "hang":
        console.write(READY)
        console.flush()
        return
    for disk in disks:
        with open(disk, "r+b") as file:
            if file.read(14) == b"vmsuite-record":
                file.seek(0)
                file.write(pathlib.Path(os.environ["FAKE_DISK"]).read_bytes())
    console.write(WORDS)
    console.flush()


def xl_string(text):
    """What xl makes of a string of its configuration (libxlu_cfg.c: backslashes as in C)."""
    return re.sub(r"\\(x[0-9a-fA-F]{2}|[0-7]{1,3}|.)", lambda found: {
        "n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}.get(found[1]) or (
        chr(int(found[1][1:], 16)) if found[1][0] == "x" else
        chr(int(found[1], 8)) if found[1].isdigit() else found[1]), text)


def xl_disks(text):
    """The paths of its disks: all that follows "target=" (xl-disk-configuration(5))."""
    (line,) = re.findall(r"(?m)^disk=\[(.*)\]$", text)
    return [xl_string(disk).split("target=", 1)[1] for disk in re.findall(r'"((?:[^"\\]|\\.)*)"', line)]


def refuse():
    print("error: it is refused", file=sys.stderr)
    sys.exit(1)


def xl(words):
    if words[0] == "create":
        text = pathlib.Path(words[-1]).read_text()
        (STATE / "domain").write_text(text)
        if MODE == "refuse":
            refuse()
        play(xl_disks(text), sys.stdout)
        time.sleep(HANG_S if MODE == "hang" else 0)
    elif words[0] == "destroy" and MODE != "hang":
        refuse()


def virsh(words):
    running = STATE / "running"
    if words[3] == "create":
        text = pathlib.Path(words[4]).read_text()
        (STATE / "domain").write_text(text)
        if MODE == "refuse":
            refuse()
        domain = xml.etree.ElementTree.fromstring(text)
        with open(domain.find("devices/serial/source").get("path"), "w") as console:
            play([source.get("file") for source in domain.iterfind("devices/disk/source")], console)
        running.write_text("xx")
    elif words[3] == "domstate" and running.exists() and running.read_text():
        print("running")
        if MODE != "hang":
            running.write_text(running.read_text()[1:])
    elif words[3] == "domstate" or not running.exists():
        refuse()
    else:
        running.unlink()


def vbox_manage(words):
    if words == ["--version"]:
        print("7.0.20r163906")
    elif words[0] == "createvm":
        (STATE / "disks").write_text("")
    elif words[0] == "storageattach" and words[-1].endswith(".vmdk"):
        extent = re.search(r'^RW (\d+) FLAT "([^"]*)" 0$', pathlib.Path(words[-1]).read_text(), re.MULTILINE)
        disk = pathlib.Path(words[-1]).parent / extent.group(2)
        if disk.stat().st_size != int(extent.group(1)) * 512:
            refuse()
        with open(STATE / "disks", "a") as file:
            print(disk, end="\0", file=file)
        if MODE == "refuse":
            refuse()
    elif "--uartmode1" in words:
        (STATE / "console").write_text(words[-1])


def vbox_headless(_words):
    with open((STATE / "console").read_text(), "a") as console:
        play((STATE / "disks").read_text().split("\0")[:-1], console)
    time.sleep(HANG_S if MODE == "hang" else 0)


TOOLS = {"xl": xl, "virsh": virsh, "VBoxManage": vbox_manage, "VBoxHeadless": vbox_headless}

if __name__ == "__main__":
    name = os.path.basename(sys.argv[0])
    with open(STATE / "calls", "a") as calls:
        print(json.dumps([name, *sys.argv[1:]]), file=calls)
    TOOLS[name](sys.argv[1:])
