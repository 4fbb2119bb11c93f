#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds and tests with what the next release of Debian has (its compiler, its libraries), in a Debian tree of its own.
# As root; some 800 MB and several minutes. A tree that is there already is used again.
# usage: testing.sh SOURCE_FOLDER TREE [SUITE]...      (suites: unit, modules, lint, ...; without one unit and modules)
set -eu
source=$(realpath "$1")
tree=$2
shift 2
[ $# -gt 0 ] || set -- unit modules
command -v debootstrap >/dev/null || {
    echo "skipped: debootstrap is not installed"
    exit 77
}
if [ ! -d "$tree/usr" ]; then
    debootstrap --variant=minbase testing "$tree" >/dev/null
    for file in /etc/apt/apt.conf.d/* /etc/resolv.conf; do
        [ ! -f "$file" ] || cp -n "$file" "$tree$file"
    done
fi
chroot "$tree" sh -eu <<'SETUP'
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq -y --no-install-recommends install gcc libc6-dev meson ninja-build pkg-config python3 python3-jsonschema \
    libjansson-dev libzstd-dev libblkid-dev libopenblas-dev libhwloc-dev libgsl-dev libsodium-dev libsqlite3-dev libpq-dev liburing-dev \
    libjs-vega libcmocka-dev iproute2 >/dev/null
SETUP
rm -rf "$tree/source"
mkdir "$tree/source"
git -C "$source" archive HEAD | tar -x -C "$tree/source"

# Its own /proc, /sys and /dev, which go with it.
suites=$(printf ' --suite %s' "$@")
unshare --mount --pid --fork sh -eu <<RUN
mount -t proc proc "$tree/proc"
mount --rbind /sys "$tree/sys"
mount --rbind /dev "$tree/dev"
exec chroot "$tree" sh -eu -c '
cd /source
gcc --version | head -n 1
meson setup build -Dwerror=true >/dev/null
ninja -k 0 -C build >build.log || { grep -B 2 -A 12 -E "error:|FAILED" build.log; exit 1; }
meson test -C build --no-rebuild --print-errorlogs -q --timeout-multiplier 6 $suites'
RUN
