#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# cppcheck finds nothing but what cppcheck.suppressions names with its reason.
# usage: cppcheck.sh SOURCE_FOLDER
set -eu
cd "$1"
command -v cppcheck >/dev/null || {
    echo "skipped: cppcheck is not installed"
    exit 77
}
exec cppcheck --quiet --error-exitcode=1 --enable=warning,portability,performance --inline-suppr --std=c11 \
    --library=posix,gnu --library=tests/lint/cppcheck.cfg --suppressions-list=tests/lint/cppcheck.suppressions \
    -I core -I core/include -I results -I runner -I modules core results runner modules
