#!/bin/busybox sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Tells xen-blkback which device a domain's disk is: "add" from xl, for phy: disks alone.
export PATH=/bin:/usr/bin
[ "$1" = add ] || exit 0
device=$(readlink -f "$(xenstore read "$XENBUS_PATH/params")")
xenstore write "$XENBUS_PATH/physical-device" "$(stat -c '%t:%T' "$device")" \
    "$XENBUS_PATH/physical-device-path" "$device" "$XENBUS_PATH/hotplug-status" connected
