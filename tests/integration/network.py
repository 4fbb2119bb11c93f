# SPDX-License-Identifier: GPL-3.0-or-later
"""A peer for a test, and two hosts made for it: network namespaces joined by a veth pair."""
import os
import re
import subprocess
import threading
import unittest

from harness import Case, end

CLIENT, SERVER = "10.77.0.1", "10.77.0.2"


def ip(*arguments):
    return subprocess.run(["ip", *arguments], capture_output=True, text=True)


class Hosts:
    """`client` and `server` are prefixes of commands that run on that host."""

    def __init__(self, test):
        if os.geteuid() != 0:
            raise unittest.SkipTest("skipped: network namespaces need root")
        names = [f"vmsuite-{os.getpid()}-{side}" for side in "cs"]
        self.client, self.server = (["ip", "netns", "exec", name] for name in names)
        for name in names:
            result = ip("netns", "add", name)
            if result.returncode != 0:
                raise unittest.SkipTest(f"skipped: no network namespace can be made: {result.stderr.strip()}")
            test.addCleanup(ip, "netns", "delete", name)
        steps = [["link", "add", "veth0", "netns", names[0], "type", "veth", "peer", "name", "veth0", "netns",
                  names[1]]]
        for name, address in zip(names, (CLIENT, SERVER)):
            steps += [["-n", name, "address", "add", f"{address}/24", "dev", "veth0"],
                      ["-n", name, "link", "set", "veth0", "up"], ["-n", name, "link", "set", "lo", "up"]]
        for step in steps:
            result = ip(*step)
            if result.returncode != 0:
                raise unittest.SkipTest(f"skipped: ip {' '.join(step)}: {result.stderr.strip()}")


class PeerCase(Case):
    """`peer.token` in the case's folder is what a peer and its clients know unless a test says otherwise."""

    def token(self, name="peer.token", text="correct horse battery staple"):
        path = self.write(name, text + "\n")
        path.chmod(0o600)
        return path

    def serve(self, *arguments, prefix=()):
        """Starts a peer; its port is found in what it says."""
        if "--token-file" not in arguments:
            arguments = [*arguments, "--token-file", self.token()]
        process = self.start("serve", "--port", "0", *arguments, prefix=prefix)
        self.addCleanup(end, process)
        line = process.stderr.readline()
        match = re.search(r"listening on .* port (\d+)", line)
        self.assertTrue(match, line)
        # The rest of what it says is read, so that it never waits for us.
        threading.Thread(target=process.stderr.read, daemon=True).start()
        return process, int(match.group(1))
