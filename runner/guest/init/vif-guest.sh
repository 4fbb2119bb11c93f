#!/bin/busybox sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Joins the guest's end of its network card to the bridge. QEMU calls it with the name of its tap; xl with
# "online" and a name in $vif or, for the device model's tap, "add" and a name in $INTERFACE; for Xen's own
# card it has to say in xenstore that it is done.
export PATH=/bin:/usr/bin
case "$1" in
offline | remove) exit 0 ;;
add | online) card=${vif:-$INTERFACE} ;;
*) card=$1 ;;
esac
[ "$type_if" = tap ] && card=$INTERFACE
ip link set "$card" up && brctl addif br0 "$card" || exit 1
if [ "$1" = online ]; then
    xenstore write "$XENBUS_PATH/hotplug-status" connected
fi
