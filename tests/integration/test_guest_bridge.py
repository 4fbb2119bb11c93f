# SPDX-License-Identifier: GPL-3.0-or-later
"""Guests on a bridge, in a network namespace that this test makes for itself: through a virtio card and an
e1000, as the server of this host, killed in mid-run, and on a bridge that is not there. No tap is left. Exit 77: skipped, the reason is
told."""
import glob
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import unittest

import guests
import harness

BRIDGE = "vmsbr0"
# In /proc/net/tcp: port 7411, established.
PEER_CONNECTED = ":1CF3 01 "
SUITE = {"suite": "tiny", "trials": 2, "warmup": 0, "benchmarks": [
    {"group": "tcp", "module": "tcp", "params": {"mode": "stream", "seconds": "300ms"}}]}


def interfaces():
    return [name for _, name in socket.if_nameindex()]


class Bridge(unittest.TestCase):
    def setUp(self):
        self.folder = harness.tempfile.mkdtemp(prefix="vmsuite-bridge-test-", dir="/var/tmp")
        self.addCleanup(shutil.rmtree, self.folder, True)

    def start(self, suite=SUITE, claims=None, **guest):
        settings = {"launcher": "qemu-tcg", "network": "bridge", "bridge": BRIDGE, "address": "10.99.0.2/24",
                    "deadline": "400s", "options": guests.NO_TIMER_CHECK, **guests.KERNEL, **guest}
        path = os.path.join(self.folder, "bridged.json")
        with open(path, "w") as file:
            json.dump({"configuration": "bridged", "suite": suite, "guest": settings, **(claims or {})}, file)
        process = subprocess.Popen([harness.PROGRAM, "run", path, "--output", os.path.join(self.folder, "out")],
                                   env=dict(os.environ, TMPDIR=self.folder), stderr=subprocess.PIPE, text=True)
        self.addCleanup(harness.end, process)
        return process

    def check_no_tap(self):
        taps = [name for name in interfaces() if name.startswith("vmsuite")]
        harness.wait_for(lambda: not [name for name in interfaces() if name.startswith("vmsuite")],
                         f"the end of {taps}")

    def run_guest(self, **guest):
        """Runs it to its end; returns its record and its one case, with the case's facts."""
        process = self.start(**guest)
        words = process.communicate(timeout=guests.PATIENCE)[1]
        self.assertEqual(process.returncode, 0, words)
        path, = glob.glob(os.path.join(self.folder, "out", "*.json"))
        with open(path) as file:
            record = json.load(file)
        self.assertEqual(record["status"], "ok")
        self.assertEqual(record["guest"]["network"], "bridge")
        case, = record["cases"]
        facts = {fact["key"]: fact["value"] for fact in case["facts"]}
        self.assertEqual(case["path"], "network")
        self.check_no_tap()
        return record, case, facts

    def check_measures(self, driver, **guest):
        _, _, facts = self.run_guest(**guest)
        self.assertEqual((facts["path_driver"], facts["peer_path_interface"]), (driver, BRIDGE))

    def test_a_guest_with_a_virtio_card(self):
        self.check_measures("virtio_net")

    def test_a_guest_with_an_e1000(self):
        self.check_measures("e1000", devices="emulated")

    def test_a_guest_that_serves_this_host(self):
        record, case, facts = self.run_guest(role="serves", claims={"expect": {"virtualization": "qemu"}})
        self.assertEqual([trial["status"] for trial in case["trials"]], ["ok", "ok"])
        self.assertEqual(facts["path_interface"], BRIDGE)
        self.assertEqual([record["guest"][key] for key in ("role", "peer", "label")],
                         ["serves", "guest", "bridged (emulated hardware)"])
        self.assertEqual(record["guest"]["layers"][-1]["virtualization"], "qemu")
        self.assertTrue([text for text in record["warnings"] if "the guest served" in text])
        checked = subprocess.run([harness.PROGRAM, "check", *glob.glob(f"{self.folder}/out/*.json")])
        self.assertEqual(checked.returncode, 0)

    def test_a_guest_that_ends_while_it_serves_is_told(self):
        process = self.start(role="serves", suite=dict(SUITE, trials=200), deadline="20s")
        words = process.communicate(timeout=guests.PATIENCE)[1]
        self.assertEqual(process.returncode, 1, words)
        # On a busy machine it does not come as far as to serve.
        self.assertRegex(words, "it had not (ended|reached its first process) after 20 s")
        self.assertEqual(glob.glob(f"{self.folder}/out/*.json"), [])
        self.assertEqual(glob.glob(f"{self.folder}/vmsuite-guest-*"), [])
        self.check_no_tap()

    def test_a_guest_that_is_killed_while_it_serves_is_told(self):
        process = self.start(role="serves", suite=dict(SUITE, trials=200))
        harness.wait_for(lambda: PEER_CONNECTED in pathlib.Path("/proc/net/tcp").read_text(), "the client", process,
                         patience=300)  # a boot may be tried twice
        guests.Case.signal_qemu(process, signal.SIGKILL)
        words = process.communicate(timeout=guests.PATIENCE)[1]
        self.assertEqual(process.returncode, 1, words)
        self.assertIn("killed by signal 9", words)
        self.assertEqual(glob.glob(f"{self.folder}/out/*.json"), [])
        self.assertEqual(glob.glob(f"{self.folder}/vmsuite-guest-*"), [])
        self.check_no_tap()

    def test_a_guest_that_serves_and_is_not_what_is_expected_is_told(self):
        process = self.start(role="serves", claims={"expect": {"virtualization": "xen-pv"}})
        words = process.communicate(timeout=guests.PATIENCE)[1]
        self.assertEqual(process.returncode, 3, words)
        self.assertIn("is not what the configuration expects", words)
        self.check_no_tap()

    def test_what_a_guest_that_serves_cannot_give_is_refused(self):
        linpack = {"group": "cpu", "module": "linpack", "params": {"n": 100, "seconds": "100ms"}}
        for changed, sentence in ((dict(suite=dict(SUITE, benchmarks=[linpack])), "would measure this host"),
                                  (dict(claims={"expect": {"cpus": 1}}), "leave"),
                                  (dict(clock="instructions"), '"clock": "real-time"')):
            process = self.start(role="serves", **changed)
            words = process.communicate(timeout=guests.PATIENCE)[1]
            self.assertEqual(process.returncode, 2, words)
            self.assertIn(sentence, words)

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
        words = process.communicate(timeout=guests.PATIENCE)[1]
        self.assertEqual(process.returncode, 1, words)
        self.assertIn("nowhere0", words)
        self.check_no_tap()

    def test_settings_that_do_not_belong_together_are_told(self):
        process = self.start(network="user", address="10.99.0.2")
        words = process.communicate(timeout=guests.PATIENCE)[1]
        self.assertEqual(process.returncode, 2, words)
        self.assertIn("which no other network takes", words)


def enter_namespace():
    """Runs this test again in a namespace with a bridge of its own; never returns."""
    script = (f"ip link add {BRIDGE} type bridge && ip address add 10.99.0.1/24 dev {BRIDGE} && "
              f"ip link set {BRIDGE} up && ip link set lo up || exit 77; exec \"$@\"")
    os.environ["VMSUITE_IN_NAMESPACE"] = json.dumps(guests.KERNEL)
    os.execvp("unshare", ["unshare", "--net", "sh", "-c", script, "sh", sys.executable, *sys.argv])


if __name__ == "__main__":
    for tool in ("qemu-system-x86_64", "ip", "unshare"):
        if not shutil.which(tool):
            print(f"skipped: there is no {tool}")
            sys.exit(77)
    if os.geteuid() != 0 or not os.path.exists("/dev/net/tun"):
        print("skipped: a tap needs root and /dev/net/tun")
        sys.exit(77)
    if "VMSUITE_IN_NAMESPACE" in os.environ:
        guests.KERNEL.update(json.loads(os.environ["VMSUITE_IN_NAMESPACE"]))
        unittest.main(verbosity=2)
    built = subprocess.run([harness.PROGRAM, "guest", "build"], capture_output=True, text=True)
    if built.returncode != 0:
        print("skipped: the appliance cannot be built:", built.stderr)
        sys.exit(77)
    guests.KERNEL.update(guests.find_kernel(built.stdout))
    if subprocess.run(["unshare", "--net", "true"]).returncode != 0:
        print("skipped: no network namespace can be made here")
        sys.exit(77)
    enter_namespace()
