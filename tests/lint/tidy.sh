#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# clang-tidy finds nothing but what .clang-tidy leaves out with its reason. A minute on two processors.
# usage: tidy.sh BUILD_FOLDER [PATTERN_OF_FILES]     (a folder that CC=clang was set up and built in)
set -eu
command -v run-clang-tidy-14 >/dev/null || {
    echo "skipped: clang-tidy-14 is not installed"
    exit 77
}
if ! run-clang-tidy-14 -quiet -p "$1" -j "$(nproc)" "${2-\.c$}" >"$1/tidy.log" 2>&1; then
    grep -E -A 4 '(warning|error):' "$1/tidy.log" | head -n 200
    exit 1
fi
