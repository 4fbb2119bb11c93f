# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds that results/ and runner/ compare enums, not their names: no strcmp with a name that a table of results/, or
that of the outcomes, gives to an enum. Names are read from the tables' rows, `[ENUM] = "name"`.

usage: enum_names.py SOURCE_FOLDER"""
import pathlib
import re
import sys

source = pathlib.Path(sys.argv[1])
ROW = re.compile(r'\[([A-Z]+_\w+)\] = "([^"]+)"')
# The same words of other meaning.
OTHERS = {("runner/study/baseline.c", "network"): "a path, which is network or loopback"}
TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|[(),]')


def compared(text):
    """(place, literal) of each text that is itself an argument of strcmp or strcasecmp."""
    for call in re.finditer(r"\bstr(?:case)?cmp\(", text):
        depth = 1
        for token in TOKEN.finditer(text, call.end()):
            depth += {"(": 1, ")": -1}.get(token[0], 0)
            if depth == 1 and token[0].startswith('"'):
                yield token.start(), token[0][1:-1]
            if depth == 0:
                break


def read(layer):
    return {path: path.read_text(encoding="utf-8") for path in sorted((source / layer).rglob("*.[ch]"))}


results, runner = read("results"), read("runner")
names, used = {}, set()
for text in [*results.values(), (source / "core/module/outcome.c").read_text(encoding="utf-8")]:
    names.update({name: enum for enum, name in ROW.findall(text)})
faults = [f"{name}: no table has it: the tables are not what this test reads"
          for name in ("higher", "lower", "ok", "crashed", "equivalent") if name not in names]
for path, text in (results | runner).items():
    for place, literal in compared(text):
        key = (path.relative_to(source).as_posix(), literal)
        used.add(key)
        if literal in names and key not in OTHERS:
            line = text.count("\n", 0, place) + 1
            faults.append(f'{key[0]}:{line}: compare with {names[literal]}, not with "{literal}"')
faults += [f'{path}: "{word}" is excepted here without need' for path, word in OTHERS.keys() - used]
print(*faults, sep="\n")
sys.exit(bool(faults))
