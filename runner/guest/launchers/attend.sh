#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Becomes the process of a guest whose console is a file: what is written there is repeated on stdout until that
# process has ended; the service may make the file anew.
# usage: attend.sh CONSOLE PROGRAM ARGUMENT...
console=$1
shift
(umask 077 && : >>"$console") || exit 1
tail -c +1 -F --pid=$$ "$console" 2>/dev/null &
exec "$@"
