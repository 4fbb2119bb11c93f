# SPDX-License-Identifier: GPL-3.0-or-later
"""Files, functions and lines of C are of a size that can be read. A function is counted from the line of its name to its
closing brace, both in the first column, as clang-format has them.

usage: sizes.py SOURCE_FOLDER"""
import pathlib
import re
import sys

FILE_MAX, TEST_MAX, FUNCTION_MAX, COLUMNS_MAX = 362, 500, 60, 110


def functions(lines):
    """(first line, name, length) of each function."""
    first, header, inside = 0, "", False
    for number, line in enumerate(lines, 1):
        if inside:
            if line == "}":
                yield first, re.search(r"(\w+)\(", header)[1], number - first + 1
                header, inside = "", False
            continue
        if re.match(r"[A-Za-z_]", line):
            first, header = number, ""
        header += line
        inside = line.endswith("{") and "(" in header and "=" not in header
        if line.endswith((";", "{", "}")) and not inside or line.startswith("#"):
            header = ""


source, faults, counted = pathlib.Path(sys.argv[1]), [], 0
for layer in ("core", "modules", "results", "runner", "tests"):
    for path in sorted((source / layer).rglob("*.[ch]")):
        lines, name = path.read_text(encoding="utf-8").splitlines(), path.relative_to(source)
        most = TEST_MAX if layer == "tests" else FILE_MAX
        if len(lines) > most:
            faults.append(f"{name}: has {len(lines)} lines: {most} at the most")
        # clang-format breaks code, but neither comments nor texts.
        faults += [f"{name}:{number}: has {len(line)} columns: {COLUMNS_MAX} at the most"
                   for number, line in enumerate(lines, 1) if len(line) > COLUMNS_MAX]
        for first, function, length in functions(lines):
            counted += 1
            if length > FUNCTION_MAX:
                faults.append(f"{name}:{first}: {function} has {length} lines: "
                              f"{FUNCTION_MAX} at the most")
if counted < 1000:
    faults.append(f"only {counted} functions were found: they do not look as this test expects")
print(*faults, sep="\n")
sys.exit(bool(faults))
