#!/bin/busybox sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Joins the guest's end of its network card to the bridge. QEMU calls it with the name of its tap. xl calls it with
# "online" and a name in $vif for Xen's own card, of which xenstore must learn that it is ready, and with "add"
# and a name in $INTERFACE for the device model's tap.
export PATH=/bin:/usr/bin
case "$1" in
offline | remove) exit 0 ;;
online) card=$vif ;;
add) card=$INTERFACE ;;
*) card=$1 ;;
esac
ip link set "$card" up && brctl addif br0 "$card" || exit 1
if [ "$1" = online ]; then
    xenstore write "$XENBUS_PATH/hotplug-status" connected
fi
