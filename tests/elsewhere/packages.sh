#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds the Debian packages, holds them against lintian, and uses them in a minimal Debian tree of its own: install,
# measure, compare, read the manual, complete a command, remove; nothing may stay behind. Then the bundle of the installed
# program, in a tree that holds a shell and nothing else. As root, with debhelper,
# dpkg-dev, lintian, debootstrap and what debian/control builds with; some 600 MB and several minutes.
# usage: packages.sh SOURCE_FOLDER NEW_FOLDER [PACKAGES_FOLDER]      (packages that are built already, with their .changes)
set -eu
source=$(realpath "$1")
folder=$2
built=${3:+$(realpath "$3")}
[ ! -e "$folder" ] || {
    echo "packages.sh: $folder is there; name a folder that is not" >&2
    exit 2
}
for tool in debootstrap dpkg-buildpackage lintian; do
    command -v "$tool" >/dev/null || {
        echo "skipped: $tool is not installed"
        exit 77
    }
done
mkdir -p "$folder/packages/vmsuite"
folder=$(realpath "$folder")
tree=$folder/tree

if [ -n "$built" ]; then
    cp "$built"/*.deb "$built"/*.changes "$built"/*.buildinfo "$folder/packages/"
else
    git -C "$source" archive HEAD | tar -x -C "$folder/packages/vmsuite"
    (cd "$folder/packages/vmsuite" && dpkg-buildpackage -us -uc -b >"$folder/build.log" 2>&1) || {
        tail -n 40 "$folder/build.log"
        exit 1
    }
fi
lintian --fail-on error,warning "$folder"/packages/*.changes

debootstrap --variant=minbase bookworm "$tree" >/dev/null
for file in /etc/apt/apt.conf.d/* /etc/resolv.conf; do
    [ ! -f "$file" ] || cp -n "$file" "$tree$file"
done
cp "$folder"/packages/vmsuite_*.deb "$tree/root/"
chroot "$tree" bash -eu <<'USE'
export DEBIAN_FRONTEND=noninteractive
package=$(echo /root/vmsuite_*.deb)
install() { apt-get -qq -y --no-install-recommends install "$@" >/dev/null; }
# What the package manager and the system write on their own is not the package's.
files() {
    find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /var/cache \
        -o -path /var/lib/apt -o -path /var/lib/dpkg -o -path /var/log \) -prune -o -print | sort
}
apt-get -qq update
install man-db bash-completion busybox-static mount
mount -t proc proc /proc
mount -t sysfs sys /sys
trap 'umount /proc /sys' EXIT
# What it depends on stays when it goes: that is there before, so that the lists differ by the package alone.
install "$package"
apt-get -qq -y purge vmsuite >/dev/null
files >/tmp/before

install "$package"
mkdir /tmp/use
cd /tmp/use
vmsuite --version
vmsuite run --trials 3 --only linpack
vmsuite run --trials 3 --only linpack --quiet
vmsuite check vmsuite-results/*.json
vmsuite compare vmsuite-results/*.json
man vmsuite-compare | head -n 6
set +u
. /usr/share/bash-completion/bash_completion
. /usr/share/bash-completion/completions/vmsuite
COMP_WORDS=(vmsuite co) COMP_CWORD=1 COMPREPLY=()
"$(complete -p vmsuite | sed 's/.*-F \([^ ]*\).*/\1/')" vmsuite co vmsuite
echo "co is completed to: ${COMPREPLY[*]}"
[ "${COMPREPLY[*]}" = "compare" ]
vmsuite bundle -o /tmp/bundle.tar
cd /
apt-get -qq -y purge vmsuite >/dev/null
files >/tmp/after
diff /tmp/before /tmp/after
USE

bare=$folder/bare
mkdir -p "$bare/bin" "$bare/dev" "$bare/proc" "$bare/var/tmp" "$bare/vmsuite"
cp "$tree/bin/busybox" "$bare/bin/sh"
tar -C "$bare/vmsuite" -xf "$tree/tmp/bundle.tar"
# shellcheck disable=SC2016 # the inner shell's
unshare --mount --pid --fork sh -eu -c '
mount -t proc proc "$1/proc"
mount --bind /dev "$1/dev"
exec chroot "$1" /bin/sh -eu -c "cd /var/tmp; /vmsuite/run --version; /vmsuite/run run --only linpack --trials 3 --output records; /vmsuite/run check records/*.json"
' sh "$bare"
echo "packages: installed, used and removed; nothing stayed behind"
