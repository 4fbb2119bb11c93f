#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# hardening.sh says the same of a program that has lost its names, as packages have it, and finds what a program lacks.
# usage: hardening_judges.sh HARDENING PROGRAM
set -eu
for tool in cc strip readelf; do
    command -v "$tool" >/dev/null || {
        echo "skipped: $tool is not installed"
        exit 77
    }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
strip --strip-all -o "$folder/stripped" "$2"
sh "$1" "$folder/stripped"

case $(uname -m) in
x86_64) without='-fcf-protection=none' lacks='has no landing pads' ;;
aarch64) without='-mbranch-protection=none' lacks='signs no return addresses' ;;
*) without='' lacks='has no stack protector' ;;
esac
echo 'int main(void) { return 0; }' >"$folder/bare.c"
# shellcheck disable=SC2086 # no word, or one
cc -O1 -U_FORTIFY_SOURCE -fno-stack-protector $without -no-pie -z norelro -z lazy -z execstack -o "$folder/bare" "$folder/bare.c"
if said=$(sh "$1" "$folder/bare"); then
    echo "a program that is not hardened passes"
    exit 1
fi
for words in 'is not position-independent' 'no RELRO' 'partial RELRO' 'stack is executable' "$lacks" \
    'has no stack protector' 'has no fortified calls'; do
    case $said in
    *"$words"*) ;;
    *)
        echo "not found of a program that is not hardened: $words"
        exit 1
        ;;
    esac
done
