# SPDX-License-Identifier: GPL-3.0-or-later
"""Small limits of a process (ulimit): what is asked for comes out as without them, or an error says what was missing. No signal
ends the program, and nothing is left that a next run would not remove."""
import contextlib
import json
import os
import re
import resource
import shutil
import signal
import struct
import subprocess
import unittest

from agent_channel import frame, opening
from harness import PATIENCE, PLUGINS, PROGRAM, SANITIZER, SOURCE, Case, benchmark, end, main
from peer_protocol import TOKEN, Client

GOLDEN = SOURCE / "tests" / "golden" / "record.json"
NOBODY = 65534
KIB, MIB = 1 << 10, 1 << 20
LIMITS = {
    "RLIMIT_STACK": [KIB * size for size in (32, 64, 128, 256, 512, 1024)],
    "RLIMIT_NOFILE": [3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 20, 24, 32, 48],
    "RLIMIT_NPROC": [0, 1, 2, 3, 4],
    "RLIMIT_AS": [MIB * size for size in (16, 24, 32, 48, 64, 96, 128, 192, 256)],
    "RLIMIT_DATA": [0, KIB * 256, MIB, MIB * 4, MIB * 16, MIB * 64],
    "RLIMIT_FSIZE": [0, 100, 4 * KIB],
    "RLIMIT_MEMLOCK": [0, 4 * KIB],
}
# As a loader says it that gets no room for a library, before there is a program.
NO_PROGRAM = ("error while loading shared libraries", "cannot allocate memory", "cannot create")


@unittest.skipIf(SANITIZER != "none", "skipped: the sanitizer takes memory and files of its own")
class Limits(Case):
    def setUp(self):
        super().setUp()
        other = json.loads(GOLDEN.read_text())
        other["run_id"] = other["run_id"][:-1] + ("0" if other["run_id"][-1] != "0" else "1")
        self.other = self.write("other.json", other)
        self.configuration(benchmark("testgood"), benchmark("testecho"), suite={"trials": 2})
        self.folder.chmod(0o777)

    @staticmethod
    def limiter(which, limits):
        number = getattr(resource, which)

        def limit():
            if which == "RLIMIT_NPROC":  # root may have as many as it wants
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            resource.setrlimit(number, limits)

        return limit

    def limited(self, which, limits, arguments, **options):
        """None: under these limits no program starts. One that hangs is none of these."""
        options = {"text": True, "stdin": subprocess.DEVNULL, **options}
        try:
            return subprocess.run(arguments, capture_output=True, cwd=self.folder, env=self.environment,
                                  preexec_fn=self.limiter(which, limits), timeout=PATIENCE, **options)
        except subprocess.TimeoutExpired:
            raise
        except (OSError, subprocess.SubprocessError):
            return None

    def each_limit(self):
        """Each with its hard one at the same place and as it is, under which a program starts at all."""
        for which, sizes in LIMITS.items():
            if which == "RLIMIT_NPROC" and (os.geteuid() != 0 or not os.access(PROGRAM, os.X_OK)):
                continue
            for size in sizes:
                for limits in ((size, size), (size, resource.getrlimit(getattr(resource, which))[1])):
                    true = self.limited(which, limits, ["/bin/true"])
                    if true and true.returncode == 0:
                        yield which, limits

    def try_all(self, *arguments, output=None, leaves=()):
        """`output`: the file in which the result is, else it is on stdout. A limit under which no program starts is passed over."""
        def result(done):
            with contextlib.suppress(OSError):
                return (self.folder / output).read_text() if output else done.stdout
            return None

        before = {path.name for path in self.folder.iterdir()}
        base = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, cwd=self.folder, env=self.environment)
        self.assertEqual(base.returncode, 0, base.stderr)
        right, worked = result(base), 0
        for which, limits in self.each_limit():
            self.clear(before)
            done = self.limited(which, limits, [PROGRAM, *map(str, arguments)])
            if done:
                worked += done.returncode == 0
                with self.subTest(which=which, limits=limits):
                    self.judge(done, right, result(done), leaves, before)
        self.assertGreater(worked, 10)
        self.clear(before)

    def clear(self, before):
        for path in self.folder.iterdir():
            if path.name not in before:
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def judge(self, done, right, made, leaves, before):
        if done.returncode == 127 and any(words in done.stderr for words in NO_PROGRAM):
            return
        self.assertIn(done.returncode, (0, 1, 2), done)
        if done.returncode == 0 and right is not None:
            self.assertEqual("".join(line for line in made.splitlines(True) if "The estimate is incomplete: " not in line), right)
        if done.returncode != 0 and not self.reasons():
            self.assertGreater(len(done.stderr.strip()), 12, done)
        left = {path.name for path in self.folder.iterdir()} - before - set(leaves)
        self.assertEqual(left, set(), done)

    def reasons(self):
        """Of cases that a run had to give up, each with its own in a record."""
        documents = [json.loads(path.read_text()) for path in (self.folder / "vmsuite-results").rglob("*.json")]
        cases = [case for document in documents for case in document.get("cases", ())]
        return cases and all(case["status"] == "ok" or len(case["reason"]) > 12 for case in cases)

    def test_what_reads(self):
        self.try_all("list")
        self.try_all("check", GOLDEN, "here.json")
        self.try_all("compare", GOLDEN, self.other, "--format", "json")

    def test_what_writes(self):
        self.try_all("report", GOLDEN, "-o", "page.html", output="page.html", leaves=("page.html",))
        self.try_all("export", GOLDEN, "--format", "csv", "-o", "cells.csv", output="cells.csv", leaves=("cells.csv",))
        self.try_all("run", "here.json", "--dry-run")

    def test_a_run(self):
        self.try_all("run", "here.json", "--quiet", output="no such file", leaves=("vmsuite-results",))

    def test_a_study(self):
        self.write("study.json", {"study": "tiny", "rounds": 1, "clocks": ["real-time"], "configurations": [{"configuration": "here"}],
                                  "suite": {"suite": "tiny", "trials": 1, "warmup": 0, "benchmarks": [benchmark("testgood")]}})
        self.try_all("study", "--config", "study.json", "--output", "vmsuite-results", output="no such file", leaves=("vmsuite-results",))

    def test_an_agent(self):
        """What it is asked is there before it has started; each answer is the right one, or says why not."""
        asked = b"".join(map(frame, (opening(benchmark("testgood", params={"value": 10})), {"type": "take", "case": 1, "trial": 1},
                                     {"type": "finish", "case": 1}, {"type": "close"})))
        worked = 0
        for which, limits in self.each_limit():
            done = self.limited(which, limits, [PROGRAM, "agent"], text=False, input=asked, stdin=None)
            if done:
                with self.subTest(which=which, limits=limits):
                    worked += self.judge_agent(done)
        self.assertGreater(worked, 10)

    def judge_agent(self, done):
        """Whether its trial was run."""
        said = done.stderr.decode()
        if done.returncode == 127 and any(words in said for words in NO_PROGRAM):
            return False
        self.assertIn(done.returncode, (0, 1, 2), done)
        answers = {answer["type"]: answer for answer in self.answers(done.stdout)}
        trial = answers.get("taken", {}).get("trial", {})
        if trial.get("status") == "ok":
            self.assertEqual(trial["metrics"][0]["value"], 10, done)
            return True
        words = [said, *(str(answer.get(key) or "") for answer in (*answers.values(), trial) for key in ("text", "reason"))]
        self.assertTrue(any(len(text.strip()) > 12 for text in words), done)
        return False

    @staticmethod
    def answers(data):
        while len(data) >= 5:
            length = struct.unpack(">I", data[:4])[0]
            yield json.loads(data[5:4 + length])
            data = data[4 + length:]

    def test_a_peer(self):
        """It says why it does not start, or why it ends a session; it ends when it is told to."""
        token = self.write("token", TOKEN + "\n")
        token.chmod(0o600)
        os.chown(token, NOBODY if os.geteuid() == 0 else -1, -1)
        self.environment["VMSUITE_MODULE_PATH"] = str(PLUGINS)
        worked = 0
        for which, limits in self.each_limit():
            os.chown(token, NOBODY if which == "RLIMIT_NPROC" else os.geteuid(), -1)
            with self.subTest(which=which, limits=limits):
                worked += self.try_peer(which, limits, token)
        self.assertGreater(worked, 10)

    def try_peer(self, which, limits, token):
        """Whether a session came to its end."""
        try:
            process = subprocess.Popen([PROGRAM, "serve", "--port", "0", "--token-file", token], stderr=subprocess.PIPE, text=True,
                                       cwd=self.folder, env=self.environment, preexec_fn=self.limiter(which, limits))
        except (OSError, subprocess.SubprocessError):
            return False
        self.addCleanup(end, process)
        said, worked = "", False
        for line in process.stderr:
            said += line
            if found := re.match(r"listening on .* port (\d+)$", line):
                worked = self.converse(int(found.group(1)))
                process.send_signal(signal.SIGTERM)
                break
        said += process.communicate(timeout=PATIENCE)[1]
        if process.returncode != 127 or not any(words in said for words in NO_PROGRAM):
            self.assertIn(process.returncode, (0, 1, 2), said)
            self.assertGreater(len(said.strip()), 12)
            # A session that is there yet ends with the peer, by SIGTERM.
            self.assertNotRegex(said, rf"signal (?!{int(signal.SIGTERM)}\b)")
        return worked

    @staticmethod
    def converse(port):
        """Whether a whole session came of it."""
        with contextlib.suppress(ConnectionError, EOFError, AssertionError, KeyError), Client(port, timeout=PATIENCE) as client:
            client.log_in()
            client.open()
            client.begin()
            client.echo()
            return True
        return False


if __name__ == "__main__":
    main()
