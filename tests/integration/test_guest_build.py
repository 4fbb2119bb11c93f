# SPDX-License-Identifier: GPL-3.0-or-later
"""What `vmsuite guest build` writes, from a kernel and drivers that are made up: nothing is fetched, and nothing boots. Its
archives are read by a reader of their own (Linux: Documentation/driver-api/early-userspace/buffer-format.rst)."""
import hashlib
import os
import pathlib
import re
import stat

from harness import BUILD, PLUGINS, PROGRAM, SOURCE, Case, main

DRIVERS = {"kernel/virtio.ko": "", "kernel/virtio-pci.ko": "virtio", "kernel/virtio_blk.ko": "virtio", "kernel/veth.ko": "",
           "kernel/brd.ko": "", "kernel/virtio_console.ko": "virtio,virtio_pci", "kernel/of_nobody.ko": ""}
# The lists of drivers that the guest's first process loads; virtio_net and others are built into this kernel.
ORDERS = {"guest": "virtio virtio_pci virtio_blk", "ramdisk": "brd", "peer": "veth", "channel": "virtio virtio_pci virtio_console"}


def read_archive(data):
    """{name: (mode, content)} in the order of a cpio archive, and how many bytes it has."""
    entries, at = {}, 0
    while True:
        assert data[at:at + 6] == b"070701", at
        fields = [int(data[at + 6 + 8 * i:at + 14 + 8 * i], 16) for i in range(13)]
        mode, links, mtime, size, length = fields[1], fields[4], fields[5], fields[6], fields[11]
        name = data[at + 110:at + 110 + length - 1].decode()
        at = (at + 110 + length + 3) & ~3
        content, at = data[at:at + size], (at + size + 3) & ~3
        if name == "TRAILER!!!":
            return entries, (at + 511) & ~511
        assert name not in entries and (mtime, fields[2], fields[3]) == (0, 0, 0), name
        assert links == (2 if stat.S_ISDIR(mode) else 1), name
        entries[name] = mode, content


class Build(Case):
    def setUp(self):
        super().setUp()
        self.environment["XDG_CACHE_HOME"] = str(self.folder / "cache")
        self.kernel = self.folder / "vmlinuz"
        self.kernel.write_bytes(b"a kernel\n" * 1000)
        self.drivers = self.folder / "6.1.0-test"
        for name, needs in DRIVERS.items():
            path = self.drivers / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"\177ELF " + name.encode() + b"\0depends=" + needs.encode() + b"\0name=x\0")

    def build(self, *arguments, status=0):
        out, err = self.run_program("guest", "build", "--kernel", self.kernel, *arguments, status=status)
        parts = dict(re.findall(r"^  (\w+) +(.*) \(\d+ bytes\)$", out, re.M))
        return out, err, {name: pathlib.Path(path) for name, path in parts.items()}

    def test_it_says_what_it_wrote(self):
        out, _, parts = self.build()
        appliance = re.match(r"appliance ([0-9a-f]{64})\n", out)[1]
        folder = self.folder / "cache" / "vmsuite" / "appliances" / appliance[:16]
        lines = [f"appliance {appliance}"] + [f"  {name:8} {folder / file} ({(folder / file).stat().st_size} bytes)" for name, file in
                                              (("kernel", "vmlinuz"), ("base", "base.cpio"), ("payload", "payload.cpio"))]
        self.assertEqual(out.splitlines(), lines)
        self.assertEqual(parts["kernel"].read_bytes(), self.kernel.read_bytes())
        self.assertEqual(self.build()[0], out)  # the same input, the same bytes

    def test_the_base_is_the_first_process_and_drivers(self):
        base = read_archive(self.build("--drivers", self.drivers)[2]["base"].read_bytes())[0]
        self.assertEqual(base["init"], (0o100755, (BUILD / "runner" / "guest" / "appliance" / "init" / "vmsuite-init").read_bytes()))
        self.assertEqual({name: base[f"modules/{name}.order"][1].decode().split() for name in ORDERS},
                         {name: order.split() for name, order in ORDERS.items()})
        drivers = {name.removesuffix(".ko") for name in base if name.endswith(".ko")}
        self.assertEqual(drivers, {f"modules/{name}" for order in ORDERS.values() for name in order.split()})
        self.assertEqual(base["modules/virtio_pci.ko"], (0o100644, (self.drivers / "kernel" / "virtio-pci.ko").read_bytes()))
        self.assertEqual(base["modules"], (0o040755, b""))
        self.assertEqual(list(base), sorted(base))

    def test_the_payload_is_the_program_and_what_it_needs(self):
        payload = read_archive(self.build()[2]["payload"].read_bytes())[0]
        self.assertEqual(payload["bin/vmsuite"], (0o100755, PROGRAM.read_bytes()))
        modules = {pathlib.Path(name).name: content for name, content in payload.items() if name.endswith(".so") and "/vmsuite/" in name}
        wanted = {path.name: path for path in [*(BUILD / "modules").glob("*.so"), *PLUGINS.glob("test*.so")]}
        self.assertEqual(sorted(modules), sorted(wanted))
        for name, content in modules.items():
            self.assertEqual(content, (0o100755, wanted[name].read_bytes()), name)
        for kind in ("suites", "configurations"):
            shipped = {path.name: (0o100644, path.read_bytes()) for path in (SOURCE / "runner" / kind).glob("*.json")}
            packed = {pathlib.Path(name).name: content for name, content in payload.items() if f"vmsuite/{kind}/" in name}
            self.assertEqual(packed, shipped)
        needed = [name for name in payload if pathlib.Path(name).name.startswith("libc.so")]
        self.assertEqual(len(needed), 1, needed)
        for name in payload:  # a folder stands before what is in it
            parent = os.path.dirname(name)
            self.assertTrue(not parent or list(payload).index(parent) < list(payload).index(name), name)

    def test_plain_files(self):
        folder = self.folder / "files"
        out, _, parts = self.build("--directory", folder)
        self.assertEqual(out.splitlines()[-1], f"  files    {folder}")
        files = {path.name: path.read_bytes() for path in folder.iterdir()}
        self.assertEqual(sorted(files), ["README", "SHA256SUMS", "initrd", "linux"])
        self.assertEqual(files["linux"], self.kernel.read_bytes())
        self.assertEqual(files["initrd"], parts["base"].read_bytes() + parts["payload"].read_bytes())
        sums = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in ("README", "initrd", "linux"))
        self.assertEqual(files["SHA256SUMS"].decode(), sums)

    def test_plain_files_with_drivers_of_further_machines(self):
        """The kernel unpacks one archive behind the other: the last holds what only a CD's machines need."""
        further = self.drivers / "kernel" / "nvme.ko"
        further.write_bytes(b"\177ELF nvme\0depends=virtio\0name=x\0")
        folder = self.folder / "files"
        _, _, parts = self.build("--drivers", self.drivers, "--directory", folder)
        initrd, first = (folder / "initrd").read_bytes(), parts["base"].read_bytes() + parts["payload"].read_bytes()
        self.assertEqual(initrd[:len(first)], first)
        image, size = read_archive(initrd[len(first):])
        self.assertEqual(len(initrd), len(first) + size)
        self.assertEqual(image["modules/image.order"][1], b"virtio\nnvme\n")
        self.assertEqual(image["modules/nvme.ko"][1], further.read_bytes())
        self.assertEqual(sorted(path.name for path in folder.iterdir()), ["README", "SHA256SUMS", "initrd", "linux"])

    def test_what_could_not_be_written_is_not_said_to_be_there(self):
        self.write("taken", "a file\n")
        for folder, sentence in ((self.folder / "taken", "taken"), ("/dev/null/files", "/dev/null")):
            out, err, _ = self.build("--directory", folder, status=1)
            self.assertIn("appliance ", out)
            self.assertNotIn("files  ", out)
            self.assertIn(sentence, err)
        self.assertEqual((self.folder / "taken").read_text(), "a file\n")

    def test_a_kernel_that_is_not_there(self):
        self.kernel.unlink()
        out, err, _ = self.build(status=1)
        self.assertEqual(out, "")
        self.assertIn(f"the kernel {self.kernel}: No such file or directory", err)


if __name__ == "__main__":
    main()
