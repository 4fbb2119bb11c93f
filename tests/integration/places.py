# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of places share: programs that a place is reached through, which may change what is said."""
import collections
import json
import os
import sys
import textwrap

from harness import PLUGINS, PROGRAM, SOURCE, Case, wait_for

KERNEL = "kernel=/bin/true"  # any file: nothing boots it


class Places(Case):
    def setUp(self):
        super().setUp()
        self.scratch = self.folder / "scratch"
        self.scratch.mkdir()
        self.environment["TMPDIR"] = str(self.scratch)

    def left(self):
        return [path.name for path in self.scratch.iterdir()]

    def by_name(self, output="vmsuite-results"):
        found = collections.defaultdict(list)
        for record in self.records(output):
            found[record["configuration"]].append(record)
        return found

    def wrapper(self, name, text):
        """A program that a place is reached through: Python, with what follows it in sys.argv[1:]."""
        path = self.folder / name
        path.write_text(f"#!{sys.executable}\nimport os, subprocess, sys, struct, json, time\n" + textwrap.dedent(text))
        path.chmod(0o755)
        return f"exec:{path}"

    def relay(self, name, to_agent="return data", to_driver="return data", words=1):
        """A wrapper through which both directions pass: each function has the bytes and a counter of frames. The command stands
        behind so many words."""
        return self.wrapper(name, f"""
            import threading
            state = {{}}
            def to_agent(data):
                {to_agent}
            def to_driver(data):
                {to_driver}
            agent = subprocess.Popen(sys.argv[{words}:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            def pump():
                while True:
                    data = os.read(0, 65536)
                    if not data:
                        agent.stdin.close()
                        return
                    agent.stdin.write(to_agent(data))
                    agent.stdin.flush()
            threading.Thread(target=pump, daemon=True).start()
            def read(n):
                data = b""
                while len(data) < n:
                    part = agent.stdout.read(n - len(data))
                    if not part:
                        sys.exit(0)
                    data += part
                return data
            while True:
                head = read(5)
                body = read(struct.unpack(">I", head[:4])[0] - 1)
                state["n"] = state.get("n", 0) + 1
                data = to_driver(body)
                out = data if isinstance(data, bytes) else json.dumps(data).encode()
                os.write(1, struct.pack(">I", len(out) + 1) + b"J" + out)
            """)


class GuestPlaces(Places):
    """A program in QEMU's place, one of the fakes."""

    def put_in_place(self, fake):
        tools, self.fake = self.folder / "tools", self.folder / "fake"
        for folder in (tools, self.fake):
            folder.mkdir()
        (tools / "qemu-system-x86_64").symlink_to(SOURCE / "tests" / "fakes" / fake)
        self.environment.update(PATH=f"{tools}:{os.environ['PATH']}", FAKE_FOLDER=str(self.fake), FAKE_PROGRAM=str(PROGRAM),
                                XDG_CACHE_HOME=str(self.folder / "cache"),
                                VMSUITE_MODULE_PATH=str(self.few_plugins()))
        out, _ = self.run_program("env", "--json")
        self.expect = {"virtualization": json.loads(out)["virtualization"]}

    def few_plugins(self):
        """Those that are used: all others would be in the image, too."""
        folder = self.folder / "few"
        folder.mkdir()
        for path in PLUGINS.glob("*.so"):
            if path.stem in ("testgood", "testslow"):
                (folder / path.name).symlink_to(path)
        return folder

    def kept(self, name):
        path = self.fake / name
        return path.read_text().splitlines() if path.exists() else []

    def check_nothing_left(self):
        wait_for(lambda: not self.left(), "the end of the boot's folder")
