#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Every shell script passes shellcheck, save those that busybox runs in a guest.
# usage: shell.sh SOURCE_FOLDER
set -eu
cd "$1"
command -v shellcheck >/dev/null || {
    echo "skipped: shellcheck is not installed"
    exit 77
}
{
    printf '%s\n' quickstart release .ci/run
    find runner results tests -name '*.sh' ! -path '*/init/*'
} | xargs shellcheck --severity=warning
