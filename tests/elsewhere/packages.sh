#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds the Debian packages, holds them against lintian, and tries them in a minimal Debian tree: install, measure,
# compare, read the manual, complete a command, remove; nothing may stay behind.
# usage, as root: packages.sh FOLDER    FOLDER gets the packages (out/) and the tree (tree/)
# Needs debhelper, dpkg-dev, lintian, debootstrap and systemd-container, and what debian/control builds with.
set -euo pipefail
source=$(cd "$(dirname "$0")/../.." && pwd)
folder=${1:?usage: packages.sh FOLDER}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

inside() { systemd-nspawn --quiet --register=no --directory="$folder/tree" --pipe "$@"; }

build() {
    rm -rf "$folder/out"
    mkdir -p "$folder/out/vmsuite"
    git -C "$source" archive HEAD | tar -C "$folder/out/vmsuite" -xf -
    (cd "$folder/out/vmsuite" && dpkg-buildpackage -us -uc -b)
    lintian --fail-on error,warning "$folder"/out/*.changes
}

# What the tree holds, but for what the package manager and the system write on their own.
files() {
    (cd "$folder/tree" && find . -xdev -path ./proc -prune -o -path ./sys -prune -o -path ./dev -prune -o -path ./run -prune \
        -o -path ./var/cache -prune -o -path ./var/lib/apt -prune -o -path ./var/lib/dpkg -prune -o -path ./var/log -prune \
        -o -path ./tmp -prune -o -print | sort)
}

[ -d "$folder/tree/etc" ] || debootstrap --variant=minbase bookworm "$folder/tree"
build
inside sh -ec 'apt-get -qq update; DEBIAN_FRONTEND=noninteractive apt-get -qq -y install man-db bash-completion >/dev/null'
# Slim trees leave pages out; ours are to be read here.
rm -f "$folder/tree/etc/dpkg/dpkg.cfg.d/excludes"
cp "$folder"/out/vmsuite_*.deb "$folder/tree/root/"
# What it depends on stays after it; so that the lists below differ by the package alone, it is there before.
inside sh -ec 'DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install /root/vmsuite_*.deb >/dev/null
    apt-get -qq -y purge vmsuite >/dev/null'
files >"$folder/before"
inside bash -ec '
DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install /root/vmsuite_*.deb >/dev/null
cd /tmp
vmsuite --version
vmsuite run --trials 1 --only linpack --quiet
vmsuite run --trials 1 --only linpack --quiet
vmsuite check vmsuite-results/*.json
vmsuite compare vmsuite-results/*.json
man vmsuite-compare | head -n 6
source /usr/share/bash-completion/bash_completion
source /usr/share/bash-completion/completions/vmsuite
COMP_WORDS=(vmsuite co) COMP_CWORD=1
$(complete -p vmsuite | sed "s/.*-F \([^ ]*\).*/\1/")
echo "completes: ${COMPREPLY[*]}"
[ "${COMPREPLY[*]}" = compare ]
apt-get -qq -y purge vmsuite >/dev/null
'
files >"$folder/after"
diff "$folder/before" "$folder/after"
echo "packages: installed, used and removed; nothing stayed"
