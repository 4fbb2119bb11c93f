#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Creates a transient domain of libvirt and stays until it is gone. virsh has no command that does both without a
# terminal.
# usage: libvirt.sh URI FILE NAME
virsh -q -c "$1" create "$2" >/dev/null || exit 1
while state=$(virsh -q -c "$1" domstate "$3" 2>/dev/null) && [ "$state" != "shut off" ]; do
    sleep 0.5
done
exit 0
