#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs validate_shipped.py with the system's Python, which is the one that has Debian's packages.
# usage: validate_shipped.sh SOURCE_FOLDER
[ -x /usr/bin/python3 ] || {
    echo "skipped: /usr/bin/python3 is not installed"
    exit 77
}
exec /usr/bin/python3 "$1/tests/integration/validate_shipped.py" "$1"
