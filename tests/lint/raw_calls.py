# SPDX-License-Identifier: GPL-3.0-or-later
"""What is dangerous has one way each: calls that make, name, replace or remove files stand in the files that own them.
usage: raw_calls.py SOURCE_FOLDER"""
import os
import pathlib
import re
import sys

LAYERS = ("core", "modules", "results", "runner")
# What else would do: core/base/tree.h, private.h, output.h, file.h; common/scratch.h.
CALLS = {
    "removes a tree by its path": (r"\b(nftw|ftw)\s*\(", {}),
    "makes a name that others can guess or a folder that others may share": (
        r"\b(mkdtemp|mkstemps?|mkostemps?|tmpnam|tempnam|tmpfile|mktemp)\s*\(", {
            "results/record/temporary.c": "a file without a name, unlinked at once",
            "runner/guest/launchers/canary.c": "a file for one start of QEMU, made by mkostemp and unlinked",
        }),
    "writes a file in place": (
        r"\b(fopen|freopen)\s*\([^;]*?,\s*\"[wa]|\bO_CREAT\b|\bcreat\s*\(", {
            "core/base/output.c": "the owner",
            "core/source/recorder.c": "a captured machine: below a new folder, by descriptor, no links followed",
            "modules/block/target.c": "the file that is measured, O_EXCL and O_NOFOLLOW; modules know no layer",
            "results/record/journal.c": "grows while the run goes on; O_EXCL",
            "runner/common/scratch.c": "the lock file, O_EXCL in a private folder",
            "runner/guest/appliance/archive.c": "in a private folder of the boot or the cache",
            "runner/guest/appliance/vmlinux.c": "in a private draft folder of the cache",
            "runner/guest/boot/host_client.c": "in the boot's private folder, O_NOFOLLOW",
            "runner/guest/boot/boot_files.c": "O_EXCL and O_NOFOLLOW, in the boot's private folder",
            "runner/guest/exchange/handout.c": "a disk that a guest writes to",
            "runner/guest/launchers/launch_libvirt.c": "in the boot's private folder",
            "runner/guest/launchers/launch_xen.c": "in the boot's private folder",
            "runner/guest/tools/tool.c": "a filter's result, in a private draft folder",
        }),
    "replaces a file": (
        r"\brename(at2?)?\s*\(", {
            "core/base/output.c": "the owner",
            "core/base/tree.c": "lifts folders that are to be removed",
            "runner/guest/appliance/cache.c": "gives a draft its place in a private cache",
        }),
}
# Programs of a guest, alone on their machine.
LEFT_OUT = "runner/guest/appliance/init/"


def main():
    os.chdir(sys.argv[1])
    faults, used = [], set()
    for path in sorted(str(path) for layer in LAYERS for path in pathlib.Path(layer).rglob("*.[ch]")):
        if path.startswith(LEFT_OUT):
            continue
        text = pathlib.Path(path).read_text()
        text = re.sub(r"/\*.*?\*/", lambda comment: "\n" * comment[0].count("\n"), text, flags=re.S)
        for deed, (pattern, allowed) in CALLS.items():
            for found in re.finditer(pattern, text):
                used.add((deed, path))
                if path not in allowed:
                    line = text.count("\n", 0, found.start()) + 1
                    faults.append(f"{path}:{line}: {found[0].split('(')[0]} {deed}: use core/base (tree, private, "
                                  "output), or say in this test why not")
    for deed, (_, allowed) in CALLS.items():
        faults += [f"{path}: is allowed what it does not do ({deed})" for path in allowed if (deed, path) not in used]
    print("\n".join(faults))
    return bool(faults)


sys.exit(main())
