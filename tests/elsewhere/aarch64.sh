#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds for aarch64 with Debian's cross compiler in a Debian tree of its own, and runs the tests of the modules that
# compute (their NEON loops too) under QEMU's user mode. As root; some 600 MB and several minutes. Not run: tests of
# the machine's facts and of processes, for QEMU's user mode lacks openat2 and pidfds. A tree that is there already is
# used again.
# usage: aarch64.sh SOURCE_FOLDER TREE
set -eu
source=$(realpath "$1")
tree=$2
command -v debootstrap >/dev/null || {
    echo "skipped: debootstrap is not installed"
    exit 77
}
if [ ! -d "$tree/usr" ]; then
    debootstrap --variant=minbase bookworm "$tree" >/dev/null
    for file in /etc/apt/apt.conf.d/* /etc/resolv.conf; do
        [ ! -f "$file" ] || cp -n "$file" "$tree$file"
    done
fi
chroot "$tree" sh -eu <<'SETUP'
export DEBIAN_FRONTEND=noninteractive
dpkg --add-architecture arm64
apt-get -qq update
apt-get -qq -y --no-install-recommends install crossbuild-essential-arm64 meson ninja-build pkg-config python3 \
    qemu-user libjs-vega libjansson-dev:arm64 libopenblas-dev:arm64 libhwloc-dev:arm64 libgsl-dev:arm64 \
    libsodium-dev:arm64 libsqlite3-dev:arm64 libpq-dev:arm64 liburing-dev:arm64 libcmocka-dev:arm64 \
    libzstd-dev:arm64 libblkid-dev:arm64 libgomp1:arm64 >/dev/null
SETUP
rm -rf "$tree/source"
mkdir "$tree/source"
git -C "$source" archive HEAD | tar -x -C "$tree/source"
chroot "$tree" sh -eu <<'BUILD'
cd /source
meson setup build --cross-file tests/elsewhere/aarch64.ini -Dwerror=true >/dev/null
ninja -k 0 -C build >build.log || { grep -B 2 -A 12 -E "error:|FAILED" build.log; exit 1; }
meson test -C build --no-rebuild --print-errorlogs -q --timeout-multiplier 20 \
    stream linpack memlat memory block block_parts udp loaded cpu exits stall template stats units param scan view
BUILD
