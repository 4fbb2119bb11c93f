#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Every command, and every option of every command's --help, is in the man page and the man page names no other.
# usage: documented.sh SOURCE_FOLDER PROGRAM
set -eu
page=$1/runner/vmsuite.1
program=$2
found=0
commands=$("$program" --help | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p' | grep -v '^vmsuite$')
[ -n "$commands" ]
options=""
for command in $commands; do
    grep -q "Cm .*$command" "$page" || {
        echo "$page: does not name the command $command"
        found=1
    }
    subcommands=$("$program" "$command" --help | sed -n "s/^  $command \([a-z-]*\)  .*/\1/p")
    for subcommand in "" $subcommands; do
        options="$options $("$program" "$command" $subcommand --help | grep -oE -- '--[a-z][a-z-]+' | sort -u)"
    done
done
for option in $options; do
    grep -qE -- "Fl -${option#--}( |$)" "$page" || {
        echo "$page: does not name the option $option"
        found=1
    }
done
for option in $(grep -oE 'Fl -[a-z-]+' "$page" | sed 's/Fl -/--/' | sort -u); do
    case " $(echo $options) " in
    *" $option "*) ;;
    *)
        echo "$page: names $option, which no command has"
        found=1
        ;;
    esac
done
exit $found
