#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds for aarch64 with Debian's cross compiler in a Debian tree of its own, and runs the unit tests and those of the
# modules (their NEON loops too) under QEMU's user mode. As root; some 700 MB, and a quarter of an hour. QEMU is that of
# Debian testing: the one of Debian 12 lacks openat2 and pidfds. A tree that is there already is used again.
# usage: aarch64.sh SOURCE_FOLDER TREE
set -eu
source=$(realpath "$1")
tree=$2
# What QEMU's user mode lacks: options of sockets, confined sessions, files in memory that are executed; and each
# /proc/cpuinfo, of made-up machines too, is that of its own processor.
lacking="tcp tcp_figures udp_reports net_faults net peer cache cpu cpu_figures machines detection"
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
sed 's/bookworm/testing/' /etc/apt/sources.list >/etc/apt/sources.list.d/testing.list
echo 'APT::Default-Release "bookworm";' >/etc/apt/apt.conf.d/90default
apt-get -qq update
apt-get -qq -y --no-install-recommends install crossbuild-essential-arm64 meson ninja-build pkg-config python3 \
    libjs-vega libjansson-dev:arm64 libopenblas-dev:arm64 libhwloc-dev:arm64 libgsl-dev:arm64 \
    libsodium-dev:arm64 libsqlite3-dev:arm64 libpq-dev:arm64 liburing-dev:arm64 libcmocka-dev:arm64 \
    libzstd-dev:arm64 libblkid-dev:arm64 libgomp1:arm64 >/dev/null
apt-get -qq -y --no-install-recommends -t testing install qemu-user >/dev/null
SETUP
rm -rf "$tree/source"
mkdir "$tree/source"
git -C "$source" archive HEAD | tar -x -C "$tree/source"

# Its own /proc, /sys and /dev, which go with it.
exec unshare --mount --pid --fork sh -eu <<RUN
mount -t proc proc "$tree/proc"
mount --rbind /sys "$tree/sys"
mount --rbind /dev "$tree/dev"
exec chroot "$tree" sh -eu -c '
cd /source
aarch64-linux-gnu-gcc --version | head -n 1
qemu-aarch64 --version | head -n 1
meson setup build --cross-file tests/elsewhere/aarch64.ini -Dwerror=true >/dev/null
ninja -k 0 -C build >build.log || { grep -B 2 -A 12 -E "error:|FAILED" build.log; exit 1; }
tests=\$(meson test -C build --list --suite unit --suite modules | sed "s|.* / ||")
for lacks in $lacking; do tests=\$(echo "\$tests" | grep -vx "\$lacks"); done
meson test -C build --no-rebuild --print-errorlogs -q --timeout-multiplier 20 --suite unit --suite modules \$tests'
RUN
