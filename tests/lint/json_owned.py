# SPDX-License-Identifier: GPL-3.0-or-later
"""A reference to JSON that a function makes for itself is a json_auto_t: json_decref frees members of structures, and what a
function takes over as a parameter. usage: json_owned.py SOURCE_FOLDER"""
import pathlib
import re
import sys

LAYERS = ("core", "modules", "results", "runner")


def faults(text):
    """The line and name of each local that is freed by hand."""
    function = ""
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(r"[a-z]", line):
            function = line
        elif line.startswith(" ") and "{" not in function:
            function += line  # a signature of several lines
        for name in re.findall(r"\bjson_decref\((\w+)\)", line):
            if not re.search(rf"\bjson_t \*{name}\b", function):
                yield number, name


def main():
    found = []
    root = pathlib.Path(sys.argv[1])
    for layer in LAYERS:
        for path in sorted((root / layer).rglob("*.c")):
            found += [f"{path.relative_to(root)}:{number}: {name} should be a json_auto_t" for number, name in
                      faults(path.read_text(encoding="utf-8"))]
    local = "static int f(int a,\n             json_t *b) {\n    json_t *c = g();\n    json_decref(b);\n    json_decref(c);\n"
    assert list(faults(local)) == [(5, "c")]
    print("\n".join(found))
    sys.exit(bool(found))


main()
