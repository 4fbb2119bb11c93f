#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bundles the parts of Vega that the report's figures need into one script that defines `vega`.

Debian ships Vega's parts as separate UMD files. Each is wrapped in a function that hands it `exports` and a
`require` that knows the other parts. Usage: bundle_vega.py FOLDER OUTPUT"""

import pathlib
import sys

# name as it is required -> file; each after the parts that it requires
PARTS = [
    ("vega-util", "vega-util"),
    ("vega-time", "vega-time"),
    ("vega-format", "vega-format"),
    ("vega-loader", "vega-loader"),
    ("vega-dataflow", "vega-dataflow"),
    ("vega-statistics", "vega-statistics"),
    ("vega-canvas", "vega-canvas"),
    ("vega-scale", "vega-scale"),
    ("vega-scenegraph", "vega-scenegraph"),
    ("vega-expression", "vega-expression"),
    ("vega-selections", "vega-selection"),
    ("vega-functions", "vega-functions"),
    ("vega-event-selector", "vega-event-selector"),
    ("vega-runtime", "vega-runtime"),
    ("vega-parser", "vega-parser"),
    ("vega-transforms", "vega-transforms"),
    ("vega-view-transforms", "vega-view-transforms"),
    ("vega-encode", "vega-encode"),
    ("vega-interpreter", "vega-interpreter"),
    ("vega-view", "vega-view"),
]

HEAD = """(function () {
"use strict";
var parts = {}, names = [];
function require(name) {
    if (!parts[name]) throw new Error("the bundle lacks " + name);
    return parts[name];
}
function part(name, define) {
    parts[name] = {};
    define.call({}, parts[name], { exports: parts[name] }, require);
}
"""

TAIL = """
var transforms = require("vega-dataflow").transforms;
["vega-transforms", "vega-view-transforms", "vega-encode"].forEach(function (name) {
    Object.assign(transforms, require(name));
});
window.vega = {
    View: require("vega-view").View,
    parse: require("vega-parser").parse,
    Warn: require("vega-util").Warn,
    expressionInterpreter: require("vega-interpreter").expressionInterpreter
};
})();
"""


def main(folder, output):
    bundle = [HEAD]
    for name, file in PARTS:
        text = (pathlib.Path(folder) / f"{file}.min.js").read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if not line.startswith("//# sourceMappingURL")]
        bundle.append(f'part("{name}", function (exports, module, require) {{\n')
        bundle.append("\n".join(lines) + "\n});\n")
    bundle.append(TAIL)
    script = "".join(bundle)
    # Nothing may end the page's script element early.
    script = script.replace("</script", "<\\/script").replace("<!--", "<\\!--")
    pathlib.Path(output).write_text(script, encoding="utf-8")


main(*sys.argv[1:])
