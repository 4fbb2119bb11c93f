#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# An include may only point down: modules -> the public header alone; results -> core; runner -> results, core.
# usage: layers.sh SOURCE_FOLDER
set -eu
cd "$1"
found=0

# forbid FOLDER PATTERN SENTENCE: no file of the folder has an include line that matches.
forbid() {
    if grep -rnE --include='*.[ch]' "^[[:space:]]*#[[:space:]]*include[[:space:]]+$2" "$1"; then
        echo "layers: $3"
        found=1
    fi
}

# names FOLDER: its headers, as an alternation for grep.
names() {
    find "$1" -name '*.h' ! -path '*/include/*' -exec basename {} \; | sort -u | paste -sd '|' | sed 's/\./\\./g'
}

upper_results="\"([^\"]*/)?($(names results))\""
upper_runner="\"([^\"]*/)?($(names runner))\""
report=$(mktemp)
trap 'rm -f "$report"' EXIT

forbid core "$upper_results" "core knows nobody above it"
forbid core "$upper_runner" "core knows nobody above it"
forbid core '<jansson\.h>' "core knows no JSON"
forbid results "$upper_runner" "results uses core only"
forbid modules '"\.\./\.\./' "a module includes only <vmsuite/module.h>, its own files and what modules share"
forbid modules '<jansson\.h>' "a module writes no JSON"
# What modules include between quotes lies below modules/.
grep -rhoE --include='*.[ch]' '^#include "[^"]+"' modules | sed 's/.*"\(.*\)"/\1/' | sort -u | while read -r header; do
    [ -n "$(find modules -path "*/${header#../}")" ] || echo "modules: \"$header\" is not theirs"
done >"$report"
if [ -s "$report" ]; then
    cat "$report"
    echo "layers: a module includes only <vmsuite/module.h>, its own files and what modules share"
    found=1
fi
# A module never prints, exits, reads the environment or installs handlers.
if grep -rnE --include='*.c' '[^a-z_](printf|puts|putchar|exit|getenv|setenv|signal|sigaction)\(' modules; then
    echo "layers: a module never prints, exits, reads the environment or installs handlers"
    found=1
fi
exit $found
