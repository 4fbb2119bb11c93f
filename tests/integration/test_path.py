# SPDX-License-Identifier: GPL-3.0-or-later
"""Between two hosts whose link has a known rate (tc's tbf) and a known, counted loss (nftables): the module's figures
agree with what was configured."""
import json
import shutil
import subprocess

from harness import benchmark, main
from network import SERVER, Hosts, PeerCase

DATAGRAM = 1000
FRAME = DATAGRAM + 8 + 20 + 14  # with the headers of UDP, IP and Ethernet
UDP = {"mode": "stream", "datagram_size": str(DATAGRAM), "offload": "false"}


class Path(PeerCase):
    def setUp(self):
        super().setUp()
        self.hosts = Hosts(self)
        token = self.token()
        _, port = self.serve("--bind", SERVER, "--token-file", token, prefix=self.hosts.server)
        self.peer = {"address": SERVER, "port": port, "token_file": str(token)}

    def tool(self, prefix, *command):
        if not shutil.which(command[0]):
            self.skipTest(f"skipped: {command[0]} is not installed")
        done = subprocess.run([*prefix, *command], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            self.skipTest(f"skipped: {' '.join(command)}: {done.stderr.strip()}")
        return done.stdout

    def measure(self, module, **params):
        self.configuration(benchmark(module, params=params), peer=self.peer, suite={"trials": 1})
        self.run_program("run", "here.json", prefix=self.hosts.client)
        trial = self.record()["cases"][0]["trials"][0]
        self.assertEqual(trial["status"], "ok", trial)
        return {metric["metric"]: metric["value"] for metric in trial["metrics"]}

    def test_loss(self):
        """Every 50th datagram is dropped where it comes in."""
        self.tool(self.hosts.server, "nft", f"""table inet test {{
                  chain input {{
                   type filter hook prerouting priority 0;
                   udp length {DATAGRAM + 8} numgen inc mod 50 0 counter drop
                  }}
                 }}""")
        figures = self.measure("udp", **UDP, bytes=str(5000 * DATAGRAM), rate="20Mbit/s")
        table = json.loads(self.tool(self.hosts.server, "nft", "-j", "list", "ruleset"))
        dropped = next(part["counter"]["packets"] for item in table["nftables"] if "rule" in item
                       for part in item["rule"]["expr"] if "counter" in part)
        self.assertEqual(dropped, 100)
        # A receiver that gets no processor for long lets its socket's buffer run over: told apart from the network.
        self.assertEqual((figures["lost_in_sender"], figures["lost_in_network"]), (0, 100))
        self.assertEqual(figures["lost"], 100 + figures["lost_in_receiver"])
        self.assertAlmostEqual(figures["loss"], figures["lost"] / 5000, places=12)

    def test_rate(self):
        """Twice as much is sent as the link takes: the queue before it drops the rest, as the sender is told."""
        self.tool(self.hosts.client, "tc", "qdisc", "replace", "dev", "veth0", "root", "tbf", "rate", "16mbit", "burst",
                  "8k", "limit", "40k")
        figures = self.measure("udp", **UDP, seconds="1", rate="32Mbit/s")
        # Beside the rate the burst gets through; a sender that gets no processor for long leaves the link idle.
        rate = figures["goodput"] * FRAME / DATAGRAM
        self.assertLess(rate, 16e6 * 1.05)
        self.assertGreater(rate, 16e6 / 2)
        self.assertGreater(figures["lost_in_sender"], 0)
        self.assertEqual(figures["lost"], figures["lost_in_sender"] + figures["lost_in_receiver"])
        goodput = self.measure_tcp()
        self.assertLess(goodput, 16e6 * 1.05)

    def measure_tcp(self):
        shutil.rmtree(self.folder / "vmsuite-results")
        return self.measure("tcp", mode="stream", seconds="1")["goodput"]


if __name__ == "__main__":
    main()
