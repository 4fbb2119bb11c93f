# SPDX-License-Identifier: GPL-3.0-or-later
"""Launchers whose guests are a service's: xen, libvirt and virtualbox, with a program in the place of xl, virsh,
VBoxManage and VBoxHeadless that keeps their calls. What each is told, that records come back, and that nothing is
left behind, also where a guest is refused or does not end."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import xml.etree.ElementTree

import guests
import harness

SUITE = {"suite": "tiny", "trials": 1, "warmup": 0, "benchmarks": [
    {"group": "cpu", "module": "linpack", "params": {"seconds": "50ms"}}]}
FAKE = harness.SOURCE / "tests" / "fakes" / "fake_hypervisor.py"


class Services(guests.Case):
    def setUp(self):
        super().setUp()
        self.put_in_place(FAKE, "xl", "virsh", "VBoxManage", "VBoxHeadless")
        self.state = pathlib.Path(self.folder, "state")
        self.state.mkdir()
        self.environment["FAKE_STATE"] = str(self.state)
        self.hand_out_whole(SUITE)

    def boot(self, launcher, mode="", **guest):
        self.environment["FAKE_MODE"] = mode
        process, words = self.run_guest("guest", "kvm", SUITE, launcher=launcher, **guest)
        return process.returncode, words

    def calls(self, program, *skipped):
        """The calls of a program, but those whose words hold one of `skipped`."""
        lines = (self.state / "calls").read_text().splitlines()
        return [call[1:] for call in map(json.loads, lines)
                if call[0] == program and not set(skipped) & set(call)]

    def check_done(self, result, label="guest"):
        self.assertEqual(result[0], 0, result[1])
        self.assertEqual(self.record()["guest"]["label"], label)
        self.check_nothing_left()

    def check_failed(self, result, words):
        self.assertEqual(result[0], 1, result[1])
        self.assertIn(words, result[1])
        self.check_nothing_left()
        self.assertEqual(self.records(), [])

    def test_xen(self):
        self.check_done(self.boot("xen", kind="hvm", devices="emulated", network="none", memory="256MiB"))
        create, destroy = self.calls("xl", "info")
        domain = (self.state / "domain").read_text()
        name = re.search(r'^name="(.*)"$', domain, re.MULTILINE).group(1)
        self.assertEqual(create[:3], ["create", "-F", "-c"])
        self.assertEqual(destroy, ["destroy", name])
        for line in ('type="hvm"', "memory=256", 'tsc_mode="native"', "xen_platform_pci=0", 'serial="pty"'):
            self.assertIn(line + "\n", domain)
        self.assertRegex(domain, r'(?m)^disk=\["format=raw,vdev=hda,access=w,target=/.*/record.img", '
                                 r'"format=raw,vdev=hdb,access=w,target=/.*/scratch.img"\]$')

    def test_xen_pv_has_its_own_disks(self):
        self.check_done(self.boot("xen", kind="pv", network="none", kernel=None))
        domain = (self.state / "domain").read_text()
        self.assertRegex(domain, r'(?m)^disk=\["format=raw,vdev=xvda,access=w,target=/.*/record.img", '
                                 r'"format=raw,vdev=xvdb,access=w,target=/.*/scratch.img"\]$')
        self.assertIn('extra="console=hvc0 ', domain)
        self.assertNotIn("serial", domain)

    def test_xen_cannot_do_that(self):
        for guest, words in (({"network": "user"}, '"network"'),
                             ({"network": "none", "devices": "emulated"}, '"devices"'),
                             ({"network": "none", "options": "a\nb"}, "options: must be one line")):
            status, told = self.boot("xen", kind="pv", **guest)
            self.assertEqual(status, 2, told)
            self.assertIn(words, told)
            self.assertFalse((self.state / "calls").exists())
            self.check_nothing_left()

    def test_xen_refuses(self):
        self.check_failed(self.boot("xen", "refuse", kind="pv", network="none"), "it is refused")

    def test_xen_guest_that_does_not_end(self):
        self.check_failed(self.boot("xen", "hang", kind="pv", network="none", deadline="2s"), "after 2 s")
        self.assertEqual(self.calls("xl")[-1][0], "destroy")

    def test_libvirt(self):
        self.check_done(self.boot("libvirt", kind="qemu", uri="test:///default", options="a<b & c",
                                  kernel=None),
                        "guest (emulated hardware)")
        create, *asked, destroy = self.calls("virsh")
        domain = xml.etree.ElementTree.parse(self.state / "domain").getroot()
        name = domain.findtext("name")
        self.assertEqual(create[:4], ["-q", "-c", "test:///default", "create"])
        self.assertTrue(asked and all(call[3:] == ["domstate", name] for call in asked))
        self.assertEqual(destroy[3:], ["destroy", name])
        self.assertEqual(domain.get("type"), "qemu")
        self.assertTrue(domain.findtext("os/cmdline").endswith(" a<b & c"))
        self.assertEqual([disk.find("target").get("dev") for disk in domain.iterfind("devices/disk")], ["vda", "vdb"])
        self.assertEqual(domain.find("devices/interface").get("type"), "user")

    def test_a_console_is_closed_to_others(self):
        """libvirt's guests need a way through the boot's folder, which others then have, too."""
        console = pathlib.Path(self.folder, "console")
        attend = harness.SOURCE / "runner" / "guest" / "launchers" / "attend.sh"
        subprocess.run(["sh", attend, console, "true"], umask=0o022,
                       check=True, stdin=subprocess.DEVNULL)
        self.assertEqual(oct(console.stat().st_mode & 0o777), "0o600")

    def test_libvirt_with_fewer_devices_and_a_template(self):
        template = pathlib.Path(self.folder, "template.xml")
        template.write_text((harness.SOURCE / "runner" / "guest" / "launchers" / "libvirt-domain.xml").read_text()
                            .replace("@VCPUS@", "3"))
        self.check_done(self.boot("libvirt", kind="kvm", uri="test:///x", network="none", disk="8MiB",
                                  devices="emulated", template=str(template)))
        domain = xml.etree.ElementTree.parse(self.state / "domain").getroot()
        self.assertEqual(domain.findtext("vcpu"), "3")
        self.assertIsNone(domain.find("devices/interface"))
        self.assertEqual(domain.find("devices/disk/target").get("bus"), "ide")

    def test_libvirt_template_with_an_unknown_word(self):
        template = pathlib.Path(self.folder, "template.xml")
        template.write_text("<domain>@VCPU@</domain>")
        status, words = self.boot("libvirt", kind="kvm", uri="test:///x", template=str(template))
        self.assertEqual(status, 1, words)
        self.assertIn("@VCPU@", words)
        self.check_nothing_left()

    def test_libvirt_refuses(self):
        self.check_failed(self.boot("libvirt", "refuse", kind="kvm", uri="test:///x"), "it is refused")

    def test_libvirt_guest_that_does_not_end(self):
        self.check_failed(self.boot("libvirt", "hang", kind="kvm", uri="test:///x", deadline="3s"), "after 3 s")
        self.assertFalse((self.state / "running").exists())

    def test_the_real_libvirt(self):
        self.environment["PATH"] = os.environ["PATH"]
        self.kernel = guests.KERNEL
        uri = "qemu:///system"
        if not shutil.which("virsh") or subprocess.run(["virsh", "-q", "-c", uri, "list"], capture_output=True,
                                                       stdin=subprocess.DEVNULL).returncode:
            self.skipTest("skipped: no libvirt answers at " + uri)
        os.chmod(self.folder, 0o711)  # its guests are run by another user
        process, words = self.run_guest("guest", "qemu", SUITE, launcher="libvirt", kind="qemu", uri=uri)
        self.check_done((process.returncode, words), "guest (emulated hardware)")

    def test_virtualbox(self):
        self.check_done(self.boot("virtualbox", vcpus=2, memory="300MiB", kernel=None))
        calls = self.calls("VBoxManage", "--version")
        name, folder = calls[0][2], calls[0][4]
        iso = calls[5][-1]
        disks = [f"{folder}/{file}.vmdk" for file in ("job.cpio", "record.img", "scratch.img")]
        place = [["--storagectl", "disks", "--port", str(port), "--device", "0"] for port in range(3)]
        self.assertEqual(name, os.path.basename(folder))
        self.assertTrue(iso.endswith("/image.iso") or "/images/" in iso, iso)
        self.assertEqual(calls, [
            ["createvm", "--name", name, "--basefolder", folder, "--ostype", "Linux_64", "--register"],
            ["modifyvm", name, "--cpus", "2", "--memory", "300", "--ioapic", "on", "--boot1", "dvd", "--audio-driver", "none"],
            ["modifyvm", name, "--uart1", "0x3F8", "4", "--uartmode1", "file", f"{folder}/console"],
            ["modifyvm", name, "--nic1", "nat", "--nic-type1", "virtio", "--nat-localhostreachable1", "on"],
            ["storagectl", name, "--name", "boot", "--add", "ide", "--controller", "PIIX4"],
            ["storageattach", name, "--storagectl", "boot", "--port", "0", "--device", "0", "--type", "dvddrive", "--medium", iso],
            ["storagectl", name, "--name", "disks", "--add", "virtio", "--controller", "VirtIO", "--portcount", "3"],
            *(["storageattach", name, *port, "--type", "hdd", "--medium", disk] for port, disk in zip(place, disks)),
            ["controlvm", name, "poweroff"],
            *(call for port, disk in zip(place, disks)
              for call in (["storageattach", name, *port, "--medium", "none"], ["closemedium", "disk", disk])),
            ["unregistervm", name, "--delete"]])
        self.assertEqual(self.calls("VBoxHeadless"), [["--startvm", name, "--vrde", "off"]])

    def test_virtualbox_with_the_devices_of_a_pc(self):
        self.check_done(self.boot("virtualbox", devices="emulated", network="none", kernel=None))
        calls = self.calls("VBoxManage", "--version")
        name = calls[0][2]
        self.assertEqual(calls[3], ["modifyvm", name, "--nic1", "none"])
        self.assertEqual(calls[6][3:], ["disks", "--add", "sata", "--controller", "IntelAhci", "--portcount", "3"])

    def test_virtualbox_refuses(self):
        self.check_failed(self.boot("virtualbox", "refuse"), "it is refused")
        self.assertEqual(self.calls("VBoxManage")[-1][0], "unregistervm")
        self.assertEqual(self.calls("VBoxHeadless"), [])

    def test_virtualbox_guest_that_does_not_end(self):
        self.check_failed(self.boot("virtualbox", "hang", deadline="2s"), "after 2 s")
        self.assertEqual(self.calls("VBoxManage")[-1][0], "unregistervm")


if __name__ == "__main__":
    guests.main()
