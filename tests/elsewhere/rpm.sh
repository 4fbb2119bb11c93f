#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds the RPMs of vmsuite.spec with the rpmbuild of a system that has its requirements in packages of another kind, such
# as Debian, unpacks them, and measures with what lies there. Needs rpmbuild, cpio and what debian/control builds with;
# several minutes.
# usage: rpm.sh SOURCE_FOLDER NEW_FOLDER
set -eu
source=$(realpath "$1")
folder=$2
[ ! -e "$folder" ] || {
    echo "rpm.sh: $folder is there; name a folder that is not" >&2
    exit 2
}
for tool in rpmbuild rpm2cpio cpio; do
    command -v "$tool" >/dev/null || {
        echo "skipped: $tool is not installed"
        exit 77
    }
done
mkdir -p "$folder/SOURCES" "$folder/tree"
folder=$(realpath "$folder")
name=vmsuite-$(sed -n 's/^Version: *//p' "$source/vmsuite.spec")
git -C "$source" archive --prefix="$name/" HEAD | xz -1 >"$folder/SOURCES/$name.tar.xz"
rpmbuild --define "_topdir $folder" --nodeps -bb "$source/vmsuite.spec" >"$folder/log" 2>&1 || {
    tail -n 40 "$folder/log"
    exit 1
}
for package in "$folder"/RPMS/*/*.rpm; do
    echo "$(basename "$package"): $(rpm -qlp "$package" 2>/dev/null | wc -l) files"
    (cd "$folder/tree" && rpm2cpio "$package" | cpio -idm --quiet)
done
modules=$(find "$folder/tree" -type d -path '*/vmsuite/modules')
export VMSUITE_MODULE_PATH="$modules" VMSUITE_DATA_PATH="$folder/tree/usr/share/vmsuite"
vmsuite=$folder/tree/usr/bin/vmsuite
"$vmsuite" --version
"$vmsuite" run --only linpack --trials 3 --output "$folder/records"
"$vmsuite" check "$folder"/records/*.json
man "$folder"/tree/usr/share/man/man1/vmsuite-compare.1* | sed -n 1,4p
echo "rpm: built, unpacked, measured with"
