# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds the quoted includes of C files against the layers, and finds circles of folders and of headers.

Run in the source folder; prints each fault with its file, and exits with 1 if there is any. `--pairs` prints how
many includes go from which folder to which.
"""

import collections
import pathlib
import re
import sys

LAYERS = {"core": ["core"], "results": ["results", "core"], "runner": ["runner", "results", "core"], "modules": ["modules", "core"]}

# What both the core and a module are built with: it needs nothing of either.
GAPS = ("core", "gaps")


def targets(path, layer):
    """Each quoted include of a file, with the file of the project that it names or None."""
    for name in re.findall(r'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', path.read_text(encoding="utf-8"), re.M):
        files = [pathlib.Path(root, name) for root in LAYERS[layer]]
        yield name, next((file for file in files if file.is_file()), None)


def circles(edges):
    """The strongly connected components of more than one node (Tarjan 1972, by recursion)."""
    index, low, stack, result = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(edges.get(node, ())):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            component = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(component) > 1:
                result.append(sorted(component))

    for node in sorted(edges):
        if node not in index:
            visit(node)
    return result


def main():
    faults = []
    folders, headers = collections.defaultdict(collections.Counter), collections.defaultdict(set)
    for layer in LAYERS:
        for path in sorted(pathlib.Path(layer).rglob("*.[ch]")):
            for name, target in targets(path, layer):
                if target is None:
                    if name not in ("report/assets.h", "cli/command_rows.h", "export/format_rows.h"):
                        faults.append(f'{path}: "{name}" is no header of this layer or one below, from its root')
                    continue
                if layer == "modules" and target.parts[:2] not in (("modules", "shared"), ("modules", path.parts[1]), GAPS):
                    faults.append(f'{path}: "{name}": a module includes <vmsuite/module.h>, its own folder, shared/ and core/gaps/')
                if path.parts[:2] == GAPS and target.parts[:2] != GAPS:
                    faults.append(f'{path}: "{name}": core/gaps/ includes <vmsuite/module.h> and its own folder')
                if target.parent != path.parent:
                    folders[str(path.parent)][str(target.parent)] += 1
                if path.suffix == ".h":
                    headers[str(path)].add(str(target))
    if "--pairs" in sys.argv:
        for folder, others in sorted(folders.items()):
            print(folder, dict(others))
    faults += [f"these folders include each other: {', '.join(circle)}" for circle in circles(folders)]
    faults += [f"these headers include each other: {', '.join(circle)}" for circle in circles(headers)]
    print(*faults, sep="\n", end="\n" if faults else "")
    return 1 if faults else 0


sys.exit(main())
