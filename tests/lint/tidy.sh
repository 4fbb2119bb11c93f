#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# clang-tidy finds nothing but what .clang-tidy leaves out with its reason. A minute on two processors.
# usage: tidy.sh BUILD_FOLDER [PATTERN_OF_FILES]     (a folder that CC=clang was set up and built in)
set -eu
command -v clang-tidy-14 >/dev/null || {
    echo "skipped: clang-tidy-14 is not installed"
    exit 77
}
mkdir -p "$1/tidy"
# A file that is built for several targets is looked at once, unless other words are defined for it.
/usr/bin/python3 - "$1" "${2-\.c$}" >"$1/tidy/files" <<'PYTHON'
import json
import os
import re
import shlex
import sys

folder, pattern = sys.argv[1:]
kept = {}
with open(os.path.join(folder, "compile_commands.json"), encoding="utf-8") as file:
    for command in json.load(file):
        path = os.path.normpath(os.path.join(command["directory"], command["file"]))
        defined = [word for word in shlex.split(command["command"]) if word.startswith("-D")]
        if re.search(pattern, path):
            kept[path, *defined] = command
with open(os.path.join(folder, "tidy", "compile_commands.json"), "w", encoding="utf-8") as file:
    json.dump(list(kept.values()), file)
print(*sorted({path for path, *_ in kept}), sep="\0", end="")
PYTHON
if ! xargs -0 -r -n 8 -P "$(nproc)" clang-tidy-14 -quiet -p "$1/tidy" <"$1/tidy/files" >"$1/tidy.log" 2>&1; then
    grep -E -A 4 '(warning|error):' "$1/tidy.log" | head -n 200
    exit 1
fi
