# SPDX-License-Identifier: GPL-3.0-or-later
"""What is dangerous has one way each: calls that make, name, replace or remove files stand in the files that own them.
usage: raw_calls.py SOURCE_FOLDER"""
import os
import pathlib
import re
import sys

LAYERS = ("core", "modules", "results", "runner")
# What else would do: core/files/ (tree.h, listing.h, private.h, file.h), core/output/ (output.h, terminal.h), base/number.h,
# common/scratch.h.
CALLS = {
    "removes a tree by its path": (r"\b(nftw|ftw)\s*\(", {}),
    "reads a folder, and may take an error for its end": (
        r"\b(readdir(_r)?|scandir(at)?|fts_read|getdents64)\s*\(", {
            "core/files/listing.c": "the owner",
            "modules/block/target/entries.c": "the owner in a module, which knows no layer",
            "runner/guest/appliance/cache_content.c": "a tree that is in the cache",
            "runner/guest/appliance/kernel_modules.c": "a tree that is in the cache",
        }),
    "makes a name that others can guess or a folder that others may share": (
        r"\b(mkdtemp|mkstemps?|mkostemps?|tmpnam|tempnam|tmpfile|mktemp)\s*\(", {
            "results/record/file/temporary.c": "a file without a name, unlinked at once",
            "runner/guest/launchers/canary.c": "a file for one start of QEMU, made by mkostemp and unlinked",
        }),
    "writes a file in place": (
        r"\b(fopen|freopen)\s*\([^;]*?,\s*\"[wa]|\bO_CREAT\b|\bcreat\s*\(", {
            "core/output/output.c": "the owner",
            "core/output/way.c": "the owner of files that are not replaced: O_EXCL and O_NOFOLLOW",
            "core/source/recorder.c": "a captured machine: below a new folder, by descriptor, no links followed",
            "modules/block/target/target.c": "the file that is measured, O_EXCL and O_NOFOLLOW; modules know no layer",
            "results/history/database/sqlite_file.c": "an empty store, O_EXCL and O_NOFOLLOW in its open folder",
            "results/history/database/sqlite_guard.c": "a store's journal, O_EXCL and O_NOFOLLOW, for SQLite to open",
            "runner/common/scratch.c": "the lock file, O_EXCL in a private folder",
            "runner/fleet/fleet_folder.c": "the lock file, O_NOFOLLOW, in a folder that was checked; nothing is written",
            "runner/guest/appliance/vmlinux.c": "in a private draft folder of the cache",
            "runner/guest/boot/host_client.c": "in the boot's private folder, O_NOFOLLOW",
            "runner/guest/boot/boot_files.c": "O_EXCL and O_NOFOLLOW, in the boot's private folder",
            "runner/guest/launchers/launch_libvirt.c": "in the boot's private folder",
            "runner/guest/launchers/launch_xen.c": "in the boot's private folder",
            "runner/guest/tools/tool.c": "a filter's result, in a private draft folder",
        }),
    "runs a shell, or looks for a program by PATH": (
        r"\b(system|popen|wordexp|execlp|execvp|execvpe|posix_spawnp)\s*\(", {
            "modules/linpack/batch.c": "the word of a message",
        }),
    "writes without a limit": (r"\b(gets|strcat|stpcpy|vsprintf)\s*\(", {}),
    "formats without a limit": (
        r"\bsprintf\s*\(", {
            "core/base/number.c": "numbers, whose longest form the header's sizes hold",
            "core/source/recorder.c": "a part of a path whose length was looked at",
        }),
    "copies without a limit": (
        r"\bstrcpy\s*\(", {
            "core/base/clock.c": "a literal",
            "core/output/output_target.c": "lengths were looked at",
            "core/output/terminal.c": "a literal",
            "core/base/units.c": "literals, and texts of its own of the same size",
            "results/record/identity/table.c": "literals",
            "runner/cli/option.c": "into memory of that length",
            "runner/common/locate.c": "a literal",
        }),
    "takes a text that is no number for 0": (
        r"\b(atoi|atol|atoll|atof)\s*\(", {
            "core/base/number.c": "the exponent that printf wrote",
            "modules/block/target/users.c": "the name of a folder of /proc",
            "runner/guest/launchers/launch_virtualbox.c": "the version of a tool, where 0 is older than all",
        }),
    "keeps its answer where threads share it": (
        r"\b(strtok|localtime|gmtime|ctime|asctime|inet_ntoa|gethostbyname|rand|srand|random|drand48)\s*\(", {
            "modules/block/block.c": "the word of a message",
        }),
    "changes the rights of what a path leads to now": (
        r"\b(chmod|chown|lchown|fchmodat|fchownat)\s*\(", {
            "runner/places/kinds/limits.c": "a control group that was just made: cgroupfs has no links",
            "runner/guest/launchers/launch_libvirt.c": "in a private folder of the boot",
        }),
    "removes a file by its path": (
        r"\b(unlink|rmdir|remove)\s*\(", {
            "modules/block/target/target.c": "the file that is measured, which it made; modules know no layer",
            "results/record/file/temporary.c": "which it has just made",
            "runner/guest/launchers/canary.c": "which it has just made",
            "runner/guest/launchers/emulated/launch_emulated_host.c": "in the boot's private folder",
        }),
    "shows a terminal what may be another's text": (
        r"\b(printf|puts|perror|vprintf)\s*\(|\bfprintf\s*\(\s*(stdout|stderr)|\bfputs\s*\([^;]*,\s*(stdout|stderr)\)"
        r"|\bjson_dumpf\s*\([^;]*?,\s*(stdout|stderr)\b", {
            "core/output/stream.c": "the program's own name and strerror",
            "runner/cli/commands.c": "the version",
            "runner/cli/env.c": "headings",
            "runner/cli/guest_list.c": "the tables of the program",
            "runner/cli/list_modules.c": "the tables of modules, which are code",
            "runner/cli/module_new.c": "a module's name, which was checked, and the folder that the user gave",
            "runner/cli/run_measure.c": "literals",
            "runner/guest/boot/measure_guest.c": "the tables of the program",
            "runner/run/measure.c": "a name that was checked",
            "runner/run/worker/worker_host.c": "strerror",
            "runner/manual/describe.c": "the tables of the program",
        }),
    "replaces a file": (
        r"\brename(at2?)?\s*\(", {
            "core/output/output.c": "the owner",
            "core/files/tree.c": "lifts folders that are to be removed",
            "runner/guest/appliance/cache.c": "gives a draft its place in a private cache",
        }),
}
# Programs of a guest, alone on their machine; what only tests link.
LEFT_OUT = ("runner/guest/appliance/init/", "core/fake_host/", "modules/template/test_template.c")


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
                    faults.append(f"{path}:{line}: {found[0].split('(')[0]} {deed}: use core/files (tree, listing, private), "
                                  "core/output (output, terminal) or base/number, or say in this test why not")
    for deed, (_, allowed) in CALLS.items():
        faults += [f"{path}: is allowed what it does not do ({deed})" for path in allowed if (deed, path) not in used]
    print("\n".join(faults))
    return bool(faults)


sys.exit(main())
