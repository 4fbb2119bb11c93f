#!/bin/busybox sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What the emulated host does between its boot and its guest's end. /job/guest.sh, which it ends in, starts the
# guest under this host's hypervisor and waits for it. What begins with "vmsuite-host: failed: " is read by the
# launcher (guest/boot/console.c).
export PATH=/bin:/sbin:/usr/bin:/usr/sbin

say() {
    echo "vmsuite-host: $*"
}

# What of the guest's life begins now, by this machine's clock (guest/exchange/host_moments.h).
at() {
    read -r up _ </proc/uptime
    say "at $up $1"
}

fail() {
    say "failed: $*"
    exit 1
}

/bin/busybox --install -s /bin || fail "busybox cannot be set up"

# The bridge that the guest's card and the host's own (if it has one) are on.
brctl addbr br0 && echo 0 >/sys/class/net/br0/bridge/forward_delay && ip addr add 10.0.2.1/24 dev br0 && ip link set br0 up ||
    fail "the bridge cannot be made"
for device in /sys/class/net/*/device; do
    [ -e "$device" ] || continue
    card=${device%/device}
    card=${card##*/}
    ip link set "$card" up && brctl addif br0 "$card" || fail "the card $card cannot join the bridge"
done

# A scratch disk in memory: what is on the disk, copied.
if [ -e /job/ramdisk ]; then
    insmod /modules/brd.ko rd_nr=1 rd_size="$(cat /job/ramdisk)" max_part=0 &&
        dd if=/dev/vdb of=/dev/ram0 bs=1M 2>/dev/null || fail "the RAM disk cannot be made"
fi

# The peer beside the hypervisor.
if [ -e /job/peer.token ]; then
    /bin/vmsuite serve --bind 10.0.2.1 --token-file /job/peer.token --quiet >/run/peer.log 2>&1 &
fi

. /job/guest.sh
