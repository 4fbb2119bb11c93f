# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds that core/ and results/ name no hypervisor outside of its row in core/virtualization/hypervisors.c.

Run in the source folder; prints each place, and exits with 1 if there is any.
"""

import pathlib
import re
import sys

TABLE = pathlib.Path("core/virtualization/hypervisors.c")


def strip_comments(text):
    """The text without comments, each line where it was."""
    def keep(match):
        return match.group() if match.group().startswith('"') else "\n" * match.group().count("\n")

    return re.sub(r'"(?:\\.|[^"\\\n])*"|/\*.*?\*/|//[^\n]*', keep, text, flags=re.S)


def main():
    names = set(re.findall(r'\.name = "([^"]+)"', TABLE.read_text(encoding="utf-8")))
    if len(names) < 20:
        sys.exit(f"{TABLE}: only {len(names)} names were found: the table is not what this test reads")
    faults = []
    for layer in ("core", "results"):
        for path in sorted(pathlib.Path(layer).rglob("*.[ch]")):
            if path == TABLE:
                continue
            for number, line in enumerate(strip_comments(path.read_text(encoding="utf-8")).splitlines(), 1):
                faults += [f'{path}:{number}: "{name}": take it from {TABLE}'
                           for name in re.findall(r'"([^"]*)"', line) if name in names]
    print(*faults, sep="\n", end="\n" if faults else "")
    return 1 if faults else 0


sys.exit(main())
