#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Each public header compiles alone, as C and as C++, without a warning.
# usage: header.sh SOURCE_FOLDER
set -eu
check() {
    command -v "$1" >/dev/null || {
        echo "skipped: $1 is not installed"
        return 0
    }
    for header in module fake_host; do
        printf '#include <vmsuite/%s.h>\n' "$header" | "$@" -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I"$include" -
    done
}
include=$1/core/include
check gcc -x c -std=c11
check g++ -x c++ -std=c++17
