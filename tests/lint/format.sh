#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Every C file is as clang-format 14 would have it and begins with its licence.
# usage: format.sh SOURCE_FOLDER
set -eu
cd "$1"
found=0
files=$(find core docs modules results runner tests -name '*.[ch]' -o -name '*.cpp')
for file in $files; do
    head -n 1 "$file" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later' || {
        echo "$file: the first line is not the SPDX line"
        found=1
    }
done
command -v clang-format-14 >/dev/null || {
    echo "skipped: clang-format-14 is not installed"
    exit 77
}
# shellcheck disable=SC2086 # a list of files
clang-format-14 --dry-run --Werror $files || found=1
exit $found
