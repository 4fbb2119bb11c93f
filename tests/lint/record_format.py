#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds the tables of docs/record-format.md against the schema: each object's members, in its order, and whether they
may be null.

usage: record_format.py SOURCE_FOLDER"""
import json
import pathlib
import re
import sys

source = pathlib.Path(sys.argv[1])
schema = json.loads((source / "results/schema/record.schema.json").read_text())
wrong = []


def resolve(node):
    name = node.get("$ref", "")
    return schema["$defs"][name.rsplit("/", 1)[1]] if name.startswith("#/") else node


def may_be_null(node):
    node = resolve(node)
    kinds = node.get("type", [])
    return "null" in ([kinds] if isinstance(kinds, str) else kinds) or any(map(may_be_null, node.get("anyOf", [])))


def objects(name, node):
    """Every object with members of its own that is not another definition, under the heading that it has in the page."""
    yield name, node["properties"]
    for key, member in node["properties"].items():
        inside, ending = (member["items"], "[]") if "items" in member else (member, "")
        if "properties" in inside:
            start = "" if name == "Record: the top level" else name
            joint = f"{start}: `{key}{ending}`" if start in schema["$defs"] else \
                f"`{start.strip('`')}.{key}{ending}`" if start else f"`{key}{ending}`"
            yield from objects(joint, inside)


wanted = dict(objects("Record: the top level", schema))
for name, definition in schema["$defs"].items():
    if "properties" in definition:
        wanted.update(objects(name, definition))

sections = re.split(r"^### ", (source / "docs/record-format.md").read_text(), flags=re.M)[1:]
found = {section.split("\n", 1)[0]: re.findall(r"^\| `(\w+)` \| ([^|]*) \| \S[^|]* \|$", section, flags=re.M)
         for section in sections}
for name in wanted.keys() | found.keys():
    members, rows = wanted.get(name, {}), found.get(name, [])
    if [key for key, _ in rows] != list(members):
        wrong.append(f"### {name}: the page has {[key for key, _ in rows]}, the schema {list(members)}")
        continue
    wrong += [f"### {name}: `{key}` is \"{holds}\", but the schema says that it may {'' if may_be_null(members[key]) else 'not '}"
              "be null" for key, holds in rows if ("null" in holds) != may_be_null(members[key])]
print("\n".join(wrong) or "the page is the schema's")
sys.exit(bool(wrong))
