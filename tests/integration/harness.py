# SPDX-License-Identifier: GPL-3.0-or-later
"""What the end-to-end tests share: they run the built program, in a folder of their own, with test plug-ins."""
import contextlib
import itertools
import json
import os
import pathlib
import pty
import shutil
import signal
import struct
import subprocess
import tempfile
import time
import unittest

BUILD = pathlib.Path(os.environ["VMSUITE_BUILD"])
SOURCE = pathlib.Path(os.environ["VMSUITE_SOURCE"])
PROGRAM = BUILD / "runner" / "vmsuite"
# The sanitizer that the program was built with, or "none".
SANITIZER = os.environ["VMSUITE_SANITIZER"]
PLUGINS = BUILD / "tests" / "fakes" / "plugins"
# Where the program looks for tools beyond $PATH (tool_find).
TOOL_FOLDERS = "/usr/sbin:/sbin:/usr/bin:/bin"
# Every wait in these tests ends by then, on a machine that is slow and busy, too.
PATIENCE = 300


class Case(unittest.TestCase):
    """A test case with a folder of its own, where the program is run."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vmsuite-e2e-", dir="/var/tmp"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        # Only the plug-ins that load: each refused one would be told on stderr.
        plugins = self.folder / "plugins"
        plugins.mkdir()
        for path in PLUGINS.glob("test*.so"):
            (plugins / path.name).symlink_to(path)
        self.environment = dict(os.environ, TERM="xterm", VMSUITE_MODULE_PATH=f"{plugins}:{BUILD / 'modules'}")

    def write(self, name, content):
        path = self.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    def configuration(self, *benchmarks, name="here", suite=None, **keys):
        """Writes a configuration with an inline suite of those benchmarks."""
        suite = {"suite": "test", "trials": 3, "warmup": 0, "benchmarks": list(benchmarks), **(suite or {})}
        return self.write(f"{name}.json", {"configuration": name, "suite": suite, **keys})

    def start(self, *arguments, prefix=(), **options):
        return subprocess.Popen([*prefix, PROGRAM, *map(str, arguments)],
                                text=True, **{"env": self.environment, "cwd": self.folder, "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                                              "stderr": subprocess.PIPE, **options})

    def run_program(self, *arguments, status=0, **options):
        process = self.start(*arguments, **options)
        try:
            out, err = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        self.assertEqual(process.returncode, status, f"{arguments}\n{out}\n{err}")
        for trace in ("Unknown error", ": Success", "(null)"):  # of an errno with the wrong sign, of none, of no text
            self.assertNotIn(trace, err or "")
        return out, err

    def without_kvm(self):
        """QEMU is one that ends at once: a KVM that does not work is given ten seconds each time that one asks what can be used
        here."""
        tools = self.folder / "no-kvm"
        tools.mkdir()
        (tools / "qemu-system-x86_64").write_text("#!/bin/sh\necho no KVM here >&2\nexit 1\n")
        (tools / "qemu-system-x86_64").chmod(0o755)
        self.environment["PATH"] = f"{tools}:{self.environment['PATH']}"

    def shown_on_terminal(self, *arguments):
        """What the program writes to a terminal."""
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        process = self.start(*arguments, stdout=theirs, stderr=subprocess.DEVNULL)
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):
            while piece := os.read(ours, 65536):
                shown += piece
        self.assertEqual(process.wait(PATIENCE), 0, shown)
        return shown.decode().replace("\r\n", "\n")

    def records(self, output="vmsuite-results"):
        return [json.loads(path.read_text()) for path in sorted((self.folder / output).glob("*.json"))]

    def record(self, output="vmsuite-results"):
        records = self.records(output)
        self.assertEqual(len(records), 1)
        return records[0]

    def left_behind(self, output="vmsuite-results"):
        """Everything in the output folder that is no record."""
        return [path.name for path in (self.folder / output).iterdir() if path.suffix != ".json"]


def faults(environment, ledger, kind):
    """Options to start the program with, in which its first call of the kind fails, then its second, until all that there are have
    failed (tests/fault)."""
    for call in itertools.count():
        ledger.write_bytes(bytes(65536))
        yield {"env": environment | {"LD_PRELOAD": str(BUILD / "tests" / "fault" / "libfault.so"),
                                     "VMSUITE_FAULT_LEDGER": str(ledger), "VMSUITE_FAULT": f"{kind}:{call}"}}
        if not struct.unpack_from("qQ", ledger.read_bytes())[1]:
            return


def controls(text):
    """The characters in a text that move a cursor, but for new lines and tabs, or turn the text behind them."""
    return [c for c in text if c not in "\n\t" and (c < " " or "\x7f" <= c < "\xa0" or "\u202a" <= c <= "\u202e")]


def benchmark(module, group=None, **keys):
    params = keys.pop("params", {})
    return {"group": group or module, "module": module, "params": params, **keys}


def wait_for(condition, what, process=None, patience=PATIENCE):
    """Gives up at once where the process that is to bring it about has ended."""
    end = time.monotonic() + patience
    while not condition():
        if process and process.poll() is not None:
            raise AssertionError(f"{what} did not come, the program ended: {process.communicate()}")
        if time.monotonic() > end:
            raise AssertionError(f"waited {patience} s for {what}")
        time.sleep(0.01)


def descendants(pid):
    """Living processes below `pid`."""
    children = {}
    for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = status.read_text().rsplit(")", 1)[1].split()
            children.setdefault(int(fields[1]), []).append(int(status.parent.name))
    found, todo = [], [pid]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return found


def is_alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def end(process, number=signal.SIGKILL):
    """Ends a process that a test has started, if it still runs."""
    if process.poll() is None:
        process.send_signal(number)
    process.wait(PATIENCE)
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()


def main():
    unittest.main(verbosity=2, failfast="VMSUITE_FAIL_FAST" in os.environ)
