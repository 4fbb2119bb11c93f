#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""In QEMU's place, of a guest that is measured as a place: says on stderr what the guest's first process says, answers on the
monitor's socket, and runs the agent of $FAKE_PROGRAM on its own standard input and output.

What is asked of the monitor is kept, a word a line, in $FAKE_FOLDER/monitor, the words of each boot in a line of
$FAKE_FOLDER/boots. $FAKE_FOLDER/how is a word for what goes wrong:

  panic        before there is an agent
  stuck        so does KVM, and QEMU stays
  deaf         the monitor refuses
  foreign      the monitor names a thread that is not its own
  late         the first time that it is held, the answer comes when nobody waits for it any more
  dies         when it is first held; a second boot lives
  dies-always  the same, and no further boot comes far
  dead         no boot comes far
"""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

from fake_folder import FOLDER, how, keep

AGENTS = []
PROCESSORS = []  # the threads that stand for the guest's processors
CACHE = {"none": {"writeback": True, "direct": True, "no-flush": False},
         "writethrough": {"writeback": False, "direct": False, "no-flush": False}}


def say(text):
    os.write(2, (text + "\n").encode())


def answer(word):
    keep("monitor", word)
    if how().startswith("dies") and word == "stop":
        (FOLDER / "how").write_text("dead" if how() == "dies-always" else "")
        for child in AGENTS:
            child.kill()
        os.kill(os.getpid(), signal.SIGKILL)
    if how() == "late" and word in ("stop", "cont"):
        for child in AGENTS:
            child.send_signal(signal.SIGSTOP if word == "stop" else signal.SIGCONT)
        if word == "stop":
            time.sleep(3)
        else:
            (FOLDER / "how").write_text("")
    if how() == "deaf" and word != "qmp_capabilities":
        return {"error": {"class": "GenericError", "desc": "not today"}}
    if word == "query-cpus-fast":
        foreign = [1] if how() == "foreign" else []
        return {"return": [{"cpu-index": i, "thread-id": id} for i, id in enumerate(foreign or PROCESSORS)]}
    if word == "query-block":
        drives = [word for word in sys.argv if "id=scratch" in word]
        return {"return": [{"device": "record"}] + [
            {"device": "scratch", "inserted": {"drv": re.search("format=([a-z0-9]+)", drive)[1],
                                               "cache": CACHE[re.search("cache=([a-z]+)", drive)[1]]}} for drive in drives]}
    return {"return": {}}


def monitor(listener):
    while True:
        connection, _ = listener.accept()
        try:
            connection.sendall(b'{"QMP": {}}\n')
            for line in connection.makefile("r"):
                connection.sendall(json.dumps(answer(json.loads(line)["execute"])).encode() + b"\n")
        except OSError:  # nobody waits any more
            pass


def main():
    if "--version" in sys.argv:
        print("QEMU emulator version 0.0 (fake)")
        return
    keep("boots", " ".join(sys.argv[1:]))
    for _ in range(int(sys.argv[sys.argv.index("-smp") + 1])):
        thread = threading.Thread(target=threading.Event().wait, daemon=True)
        thread.start()
        PROCESSORS.append(thread.native_id)
    word = sys.argv[sys.argv.index("-qmp") + 1]
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(word.removeprefix("unix:").split(",")[0])
    listener.listen()
    threading.Thread(target=monitor, args=(listener,), daemon=True).start()
    say("vmsuite-init: ready")
    if how() == "dead":
        os.kill(os.getpid(), signal.SIGKILL)
    if how() == "panic":
        say("Kernel panic - not syncing: no init found")
        sys.exit(0)
    if how() == "stuck":
        say("KVM internal error. Suberror: 1")
        say("emulation failure")
        threading.Event().wait()
    say("vmsuite-init: measuring")
    AGENTS.append(subprocess.Popen([os.environ["FAKE_PROGRAM"], "agent"]))
    AGENTS[0].wait()
    say("vmsuite-init: power off")


main()
