#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What is built is hardened: position-independent, full RELRO, no executable stack, stack protector, fortified
# calls, and marks in the code for control-flow enforcement: landing pads on x86, signed return addresses on 64-bit Arm.
# usage: hardening.sh PROGRAM MODULE...
set -eu
MARKS_MIN=100 # the start files have two or three, the program more than a thousand
command -v readelf >/dev/null || {
    echo "skipped: binutils are not installed"
    exit 77
}
found=0

# hold FILE SENTENCE PATTERN: what readelf says of the file matches.
hold() {
    grep -qE "$3" "$report" || {
        echo "$1: $2"
        found=1
    }
}

report=$(mktemp)
trap 'rm -f "$report"' EXIT
for file in "$@"; do
    readelf --wide --file-header --program-headers --dynamic "$file" >"$report"
    hold "$file" "is not position-independent" 'Type: +DYN'
    hold "$file" "its relocations stay writable (no RELRO)" 'GNU_RELRO'
    hold "$file" "binds symbols late (partial RELRO)" 'BIND_NOW|\(FLAGS_1\).*NOW'
    hold "$file" "its stack is executable" 'GNU_STACK .* RW '
done
# What only the program is sure to have. The mark for control-flow enforcement is the C library's start files' to give,
# which Debian's lack; the marks in the code are ours. They are counted as bytes: a stripped program has no names.
case $(readelf --file-header "$1") in
*X86-64*) mark='\xf3\x0f\x1e\xfa' what="has no landing pads (-fcf-protection)" ;;                       # endbr64
*AArch64*) mark='[\x3f\x7f]\x23\x03\xd5' what="signs no return addresses (-mbranch-protection)" ;; # paciasp, pacibsp
*) mark='' what='' ;;
esac
if [ "$mark" ] && [ "$(LC_ALL=C grep -aoP "$mark" "$1" | wc -l)" -lt "$MARKS_MIN" ]; then
    echo "$1: $what"
    found=1
fi
readelf --wide --dyn-syms "$1" >"$report"
hold "$1" "has no stack protector" '__stack_chk_fail'
hold "$1" "has no fortified calls (_FORTIFY_SOURCE)" '__(memcpy|snprintf|vsnprintf|read)_chk'
exit $found
