#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What an include may name. Layers point down: runner -> results -> core; a module sees <vmsuite/module.h>, its own
# folder, modules/shared, and core/gaps, which it may be built with. Includes are written from the layer's root
# ("run/plan/plan.h"), and no two folders and no two headers include each other, by however many steps.
# usage: layers.sh SOURCE_FOLDER
set -eu
cd "$1"
found=0
/usr/bin/python3 tests/lint/includes.py || found=1
/usr/bin/python3 tests/lint/names.py || found=1

# forbid FOLDER PATTERN SENTENCE: no file of the folder has an include line that matches.
forbid() {
    if grep -rnE --include='*.[ch]' "^[[:space:]]*#[[:space:]]*include[[:space:]]+$2" "$1"; then
        echo "layers: $3"
        found=1
    fi
}

forbid core '<jansson\.h>' "core knows no JSON"
forbid modules '<jansson\.h>' "a module writes no JSON"
# A module never prints, exits, reads the environment or installs handlers.
if grep -rnE --include='*.c' --exclude='test_*.c' '[^a-z_](printf|puts|putchar|exit|getenv|setenv|signal|sigaction)\(' modules; then
    echo "layers: a module never prints, exits, reads the environment or installs handlers"
    found=1
fi
exit $found
