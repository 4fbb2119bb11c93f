# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders whose names mean something in the little languages of QEMU, xl and libvirt, and options for the guest's
kernel that do: each launcher's guest has to get them as they are. Programs in the places of QEMU, xl, virsh and
VBoxManage read each language by its own rules."""
import os
import pathlib
import re
import shutil
import xml.etree.ElementTree

import guests
import harness

SUITE = {"suite": "tiny", "trials": 1, "warmup": 0, "benchmarks": [
    {"group": "cpu", "module": "linpack", "params": {"seconds": "50ms"}}]}
NAMES = ["a,b,,c=d \"q\" 'p' 100%s%n back\\slash\\n &lt;<t>;$(d)`e` [g]* \u00fcn", "-li\nne,"]
OPTIONS = ["a,b=c d=\"e f\" g='h' 50%s back\\slash\\x41 i&j<k>", "x" * 1500]
HYPERVISORS = harness.SOURCE / "tests" / "fakes" / "fake_hypervisor.py"
QEMU = harness.BUILD / "tests" / "fakes" / "fake-qemu"


class Names(guests.Case):
    def setUp(self):
        super().setUp()
        self.put_in_place(HYPERVISORS, "xl", "virsh", "VBoxManage", "VBoxHeadless")
        os.symlink(QEMU, os.path.join(self.folder, "bin", "qemu-system-x86_64"))
        self.state = pathlib.Path(self.folder, "state")
        self.state.mkdir()
        self.environment.update(FAKE_STATE=str(self.state), FAKE_WORDS=str(self.state / "words"))
        self.hand_out_whole(SUITE)

    def boot(self, name, **guest):
        folder = os.path.join(self.folder, name)
        os.makedirs(folder, exist_ok=True)
        self.environment["TMPDIR"] = folder
        process, words = self.run_guest("guest", "kvm", SUITE, **guest)
        self.assertEqual(process.returncode, 0, f"{name!r} {guest}: {words}")
        self.assertEqual(os.listdir(folder), [])

    def domain(self):
        return (self.state / "domain").read_text()

    def test_folders(self):
        for name in NAMES:
            for guest in ({"launcher": "qemu-tcg"}, {"launcher": "xen", "kind": "pv", "network": "none"},
                          {"launcher": "libvirt", "kind": "kvm", "uri": "test:///x"}, {"launcher": "virtualbox"},
                          {"launcher": "emulated-host", "kind": "native"}):
                with self.subTest(name=name, launcher=guest["launcher"]):
                    self.boot(name, **guest)
        self.assertEqual(len(self.records()), 1)  # the fake guests hand the same one out

    def test_folders_below_xen_on_an_emulated_host(self):
        for name in NAMES:
            self.boot(name, launcher="emulated-host", kind="xen-pv")
            words = (self.state / "words").read_text().split("\0")
            self.assertRegex(words[words.index("-initrd") + 1], r"^dom0-kernel console=hvc0 quiet panic=-1,[a-z-]+$")

    def test_options_of_qemu(self):
        for options in OPTIONS:
            self.boot("plain", launcher="qemu-tcg", options=options)
            words = (self.state / "words").read_text().split("\0")
            self.assertTrue(words[words.index("-append") + 1].endswith(" " + options), words)

    def test_options_of_xl(self):
        for options in OPTIONS:
            self.boot("plain", launcher="xen", kind="pv", network="none", options=options)
            (extra,) = re.findall(r'(?m)^extra="((?:[^"\\]|\\.)*)"$', self.domain())
            quoted = options.replace("\\", "\\\\").replace('"', '\\"')
            self.assertTrue(extra.endswith(" " + quoted), extra)

    def test_options_of_libvirt(self):
        for options in OPTIONS:
            self.boot("plain", launcher="libvirt", kind="kvm", uri="test:///x", options=options)
            domain = xml.etree.ElementTree.fromstring(self.domain())
            self.assertTrue(domain.findtext("os/cmdline").endswith(" " + options))

    def test_what_this_host_has_not(self):
        """It cannot be booted, as without its hypervisor: nothing is made."""
        cases = [("pin", {"pin": "1023"})]
        if not shutil.which("qemu-img", path=harness.TOOL_FOLDERS):
            cases.append(("format", {"disk": "8MiB", "format": "qcow2"}))
        if not os.access("/dev/vhost-net", os.R_OK | os.W_OK):
            cases.append(("vhost", {"network": "bridge", "bridge": "lo", "address": "127.0.0.9/8", "vhost": "on"}))
        for name, guest in cases:
            folder = pathlib.Path(self.folder, "not-" + name)
            folder.mkdir()
            self.environment.update(TMPDIR=str(folder), PATH=os.path.join(self.folder, "bin"))
            process, words = self.run_guest("guest", "kvm", SUITE, launcher="qemu-tcg", **guest)
            self.assertEqual(process.returncode, 2, words)
            self.assertRegex(words, f'^vmsuite run: the guest "[^"]+" cannot be booted: "{name}": ')
            self.assertEqual(os.listdir(folder), [])
            self.assertFalse((self.state / "words").exists())

    def test_options_that_no_command_line_has(self):
        for options in ("a\nb", "a\tb", "\x7f", "\x1b[2J"):
            process, words = self.run_guest("guest", "kvm", SUITE, launcher="qemu-tcg", options=options)
            self.assertEqual(process.returncode, 2, words)
            self.assertIn("options: must be one line", words)


if __name__ == "__main__":
    guests.main()
