# SPDX-License-Identifier: GPL-3.0-or-later
"""Guests on a bridge, in a network namespace that this test makes for itself: through a virtio card and an
e1000, killed in mid-run, and on a bridge that is not there. No tap is left. Exit 77: skipped, the reason is
told."""
import glob
import json
import os
import shutil
import socket
import subprocess
import sys
import unittest

import harness

BRIDGE = "vmsbr0"
SUITE = {"suite": "tiny", "trials": 2, "warmup": 0, "benchmarks": [
    {"group": "tcp", "module": "tcp", "params": {"mode": "stream", "seconds": "300ms"}}]}


def interfaces():
    return [name for _, name in socket.if_nameindex()]


class Bridge(unittest.TestCase):
    def setUp(self):
        self.folder = harness.tempfile.mkdtemp(prefix="vmsuite-bridge-test-", dir="/var/tmp")
        self.addCleanup(shutil.rmtree, self.folder, True)

    def start(self, **guest):
        settings = {"launcher": "qemu-tcg", "network": "bridge", "bridge": BRIDGE, "address": "10.99.0.2/24",
                    "deadline": "200s", **guest}
        path = os.path.join(self.folder, "bridged.json")
        with open(path, "w") as file:
            json.dump({"configuration": "bridged", "suite": SUITE, "guest": settings}, file)
        return subprocess.Popen([harness.PROGRAM, "run", path, "--output", os.path.join(self.folder, "out")],
                                env=dict(os.environ, TMPDIR=self.folder), stderr=subprocess.PIPE, text=True)

    def check_no_tap(self):
        taps = [name for name in interfaces() if name.startswith("vmsuite")]
        harness.wait_for(lambda: not [name for name in interfaces() if name.startswith("vmsuite")],
                         f"the end of {taps}")

    def check_measures(self, driver, **guest):
        process = self.start(**guest)
        words = process.communicate(timeout=300)[1]
        self.assertEqual(process.returncode, 0, words)
        path, = glob.glob(os.path.join(self.folder, "out", "*.json"))
        with open(path) as file:
            record = json.load(file)
        self.assertEqual(record["status"], "ok")
        self.assertEqual(record["guest"]["network"], "bridge")
        case, = record["cases"]
        facts = {fact["key"]: fact["value"] for fact in case["facts"]}
        self.assertEqual(case["path"], "network")
        self.assertEqual((facts["path_driver"], facts["peer_path_interface"]), (driver, BRIDGE))
        self.check_no_tap()

    def test_a_guest_with_a_virtio_card(self):
        self.check_measures("virtio_net")

    def test_a_guest_with_an_e1000(self):
        self.check_measures("e1000", devices="emulated")

    def test_a_program_killed_in_mid_run_leaves_no_tap(self):
        process = self.start()
        for line in process.stderr:
            if "measuring" in line:
                break
        self.assertTrue([name for name in interfaces() if name.startswith("vmsuite")])
        harness.end(process)
        self.check_no_tap()

    def test_a_bridge_that_is_not_there_is_told(self):
        process = self.start(bridge="nowhere0")
        words = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 1, words)
        self.assertIn("nowhere0", words)
        self.check_no_tap()

    def test_settings_that_do_not_belong_together_are_told(self):
        process = self.start(network="user", address="10.99.0.2")
        words = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 2, words)
        self.assertIn("only it has them", words)


def enter_namespace():
    """Runs this test again in a namespace with a bridge of its own; never returns."""
    script = (f"ip link add {BRIDGE} type bridge && ip address add 10.99.0.1/24 dev {BRIDGE} && "
              f"ip link set {BRIDGE} up && ip link set lo up || exit 77; exec \"$@\"")
    os.environ["VMSUITE_IN_NAMESPACE"] = "1"
    os.execvp("unshare", ["unshare", "--net", "sh", "-c", script, "sh", sys.executable, *sys.argv])


if __name__ == "__main__":
    for tool in ("qemu-system-x86_64", "ip", "unshare"):
        if not shutil.which(tool):
            print(f"skipped: there is no {tool}")
            sys.exit(77)
    if os.geteuid() != 0 or not os.path.exists("/dev/net/tun"):
        print("skipped: a tap takes root and /dev/net/tun")
        sys.exit(77)
    if "VMSUITE_IN_NAMESPACE" in os.environ:
        unittest.main(verbosity=2)
    built = subprocess.run([harness.PROGRAM, "guest", "build"], capture_output=True, text=True)
    if built.returncode != 0:
        print("skipped: the appliance cannot be built:", built.stderr)
        sys.exit(77)
    if subprocess.run(["unshare", "--net", "true"]).returncode != 0:
        print("skipped: no network namespace can be made here")
        sys.exit(77)
    enter_namespace()
