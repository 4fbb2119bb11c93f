# SPDX-License-Identifier: GPL-3.0-or-later
"""Network cases against `vmsuite serve`: on another host, with a wrong token, with a peer that dies."""
import os
import signal
import socket
import threading
import unittest

from harness import PATIENCE, SANITIZER, benchmark, descendants, end, is_alive, main, wait_for
from network import SERVER, Hosts, PeerCase

TCP = benchmark("tcp", params={"mode": "stream", "seconds": "100ms"})
TRANSACTIONS = {"mode": "request-response", "seconds": "50ms"}


def pass_on(relay, port):
    """Each connection of the relay to the port, in both directions, until the relay is closed."""
    def copy(source, target):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)

    while True:
        try:
            near, _ = relay.accept()
        except OSError:
            return
        far = socket.create_connection(("127.0.0.1", port))
        for ends in ((near, far), (far, near)):
            threading.Thread(target=copy, args=ends, daemon=True).start()


class Peer(PeerCase):
    def test_whole_job_on_two_hosts(self):
        hosts = Hosts(self)
        token = self.token()
        _, port = self.serve("--bind", SERVER, "--token-file", token, prefix=hosts.server)
        local = [benchmark("block", params={"file_size": "1MiB"})]
        if SANITIZER != "thread":  # their OpenMP is not built for it, and waits without end
            local += [benchmark("stream", params={"array_size": "4MiB"}), benchmark("linpack")]
        self.configuration(TCP,
                           benchmark("tcp", group="rr", params=dict(TRANSACTIONS, message_size=["64B", "1MiB"])),
                           benchmark("udp", group="udp-rr", params=dict(TRANSACTIONS, message_size=["64B", "62KiB"])),
                           benchmark("udp", group="udp", params={"mode": "stream", "seconds": "100ms",
                                                                 "rate": "50Mbit/s"}),
                           *local, peer={"address": SERVER, "port": port, "token_file": str(token)})
        self.run_program("run", "here.json", prefix=hosts.client)
        record = self.record()
        self.assertEqual(record["status"], "ok")
        for case in record["cases"]:
            self.assertEqual(len(case["trials"]), 3)
            self.assertEqual(case["path"], "network" if case["resource"] == "network" else None)
            self.assertGreater(case["summary"][0]["mean"], 0)
        facts = {fact["key"]: fact["value"] for fact in record["cases"][0]["facts"]}
        self.assertEqual(facts["peer_path"], "network")
        for end_of_path in ("path", "peer_path"):
            self.assertEqual([facts[f"{end_of_path}_{what}"] for what in ("interface", "driver", "mtu")],
                             ["veth0", "veth", "1500"])
            self.assertIn("tso", facts[f"{end_of_path}_offloads"])
        self.assertEqual((facts["path_translated"], facts["peer_machine"]), ("no", "this one"))
        group, = (fact for fact in record["environment"]["before"]["facts"] if fact["fact"] == "cgroup.cpu_group")
        self.assertEqual(facts.get("peer_cpu_group"), group["value"])
        self.assertNotIn("peer_cpu_group_other", facts)

    def test_loopback_is_told(self):
        self.configuration(TCP)
        out, _ = self.run_program("run", "here.json")
        case = self.record()["cases"][0]
        self.assertEqual(case["path"], "loopback")
        self.assertIn({"key": "peer_path", "value": "loopback"}, case["facts"])
        self.assertIn("loopback: a path inside this machine", out)

    def test_what_is_between_is_told(self):
        """Through a relay the peer is met at another address than it has."""
        _, port = self.serve("--token-file", self.token())
        with socket.create_server(("127.0.0.2", 0)) as relay:
            threading.Thread(target=pass_on, args=(relay, port), daemon=True).start()
            self.configuration(benchmark("testecho"), peer={"address": "127.0.0.2", "port": relay.getsockname()[1],
                                                            "token_file": "peer.token"})
            self.run_program("run", "here.json")
        record = self.record()
        facts = {fact["key"]: fact["value"] for fact in record["cases"][0]["facts"]}
        self.assertEqual((facts["path_translated"], facts["peer_machine"]), ("yes", "this one"))
        said = [warning for warning in record["warnings"] if "different addresses of each other" in warning]
        self.assertEqual(len(said), 1, record["warnings"])

    def test_a_claim_is_held_against_where_the_address_leads(self):
        """An own address of the machine is no network, however it is written; one across a link is."""
        hosts = Hosts(self)
        for side, prefix, path in (("own", hosts.server, "loopback"), ("other", hosts.client, "network")):
            wrong = "loopback" if path == "network" else "network"
            _, port = self.serve("--bind", SERVER, prefix=hosts.server)
            for name, claimed, status in ((f"{side}-right", path, 0), (f"{side}-wrong", wrong, 3)):
                self.configuration(TCP, name=name, expect={"network_path": claimed}, suite={"trials": 1},
                                   peer={"address": SERVER, "port": port, "token_file": "peer.token"})
                _, err = self.run_program("run", f"{name}.json", "--output", name, prefix=prefix, status=status)
                if status:
                    self.assertIn(f'expected network_path "{claimed}", but the peer of this run is reached over "{path}"', err)
                    self.assertEqual(self.records(name), [])
                else:
                    self.assertEqual([case["path"] for case in self.record(name)["cases"]], [path])

    def test_wrong_token(self):
        _, port = self.serve("--token-file", self.token())
        wrong = self.token("wrong.token", "incorrect horse battery staple")
        self.configuration(TCP, peer={"address": "127.0.0.1", "port": port, "token_file": str(wrong)})
        _, err = self.run_program("run", "here.json", status=2)
        self.assertIn("the token is not the one", err)
        self.assertEqual(self.left_behind() + self.records(), [])

    def test_token_beside_the_configuration(self):
        self.token()
        _, port = self.serve("--token-file", self.folder / "peer.token")
        path = self.configuration(TCP, peer={"address": "127.0.0.1", "port": port, "token_file": "peer.token"})
        (self.folder / "elsewhere").mkdir()
        self.run_program("run", path, "--output", self.folder / "out", cwd=self.folder / "elsewhere")

    def test_no_token_where_one_is_wanted(self):
        _, port = self.serve("--token-file", self.token())
        self.configuration(TCP, peer={"address": "127.0.0.1", "port": port})
        _, err = self.run_program("run", "here.json", status=2)
        self.assertIn("the peer requires a token", err)
        self.assertEqual(self.left_behind() + self.records(), [])

    def test_nobody_listens(self):
        self.configuration(TCP, benchmark("testgood"), peer={"address": "127.0.0.1", "port": 1})
        _, err = self.run_program("run", "here.json", status=2)
        self.assertRegex(err, r"127\.0\.0\.1 port 1 \(Connection refused\); is `vmsuite serve` running there\?")
        self.assertEqual(self.left_behind() + self.records(), [])

    def test_peer_dies_in_mid_trial(self):
        peer, port = self.serve()
        self.configuration(benchmark("tcp", params={"mode": "stream", "seconds": "900s"}), benchmark("testgood"),
                           suite={"trials": 1}, peer={"address": "127.0.0.1", "port": port, "token_file": "peer.token"})
        run = self.start("run", "here.json")
        self.addCleanup(end, run)
        wait_for(lambda: len(descendants(peer.pid)) >= 3, "session, keeper and trial")
        wait_for(lambda: self.bytes_flow(port), "data")
        sessions = descendants(peer.pid)
        peer.kill()
        for pid in sessions:
            wait_for(lambda pid=pid: not is_alive(pid), "the end of the peer's sessions")
        _, err = run.communicate(timeout=PATIENCE)  # well before the trial's own end
        self.assertEqual(run.returncode, 1, err)
        cases = self.record()["cases"]
        self.assertEqual(cases[0]["status"], "failed")
        self.assertTrue(cases[0]["reason"])
        self.assertEqual(cases[1]["status"], "ok")

    @staticmethod
    def bytes_flow(port):
        """True once a data connection, beside the control connection, is established on loopback."""
        with open("/proc/net/tcp", encoding="ascii") as table:
            rows = [line.split() for line in table.readlines()[1:]]
        return sum(row[3] == "01" and row[1].startswith("0100007F") for row in rows) > 3

    def test_serve_once_and_terminate(self):
        once, port = self.serve("--once")
        self.configuration(TCP, peer={"address": "127.0.0.1", "port": port, "token_file": "peer.token"}, suite={"trials": 1})
        self.run_program("run", "here.json")
        self.assertEqual(once.wait(20), 0)
        peer, _ = self.serve()
        peer.send_signal(signal.SIGTERM)
        self.assertEqual(peer.wait(20), 0)


if __name__ == "__main__":
    unittest.installHandler()
    main()
