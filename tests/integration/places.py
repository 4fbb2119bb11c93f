# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of places share: programs that a place is reached through, which may change what is said."""
import collections
import sys
import textwrap

from harness import Case


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
