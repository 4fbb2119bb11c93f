#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds the container's image with podman, from Containerfile, and measures in a container of it. Where the image that it
# begins with is not here and cannot be fetched, it is made by debootstrap, under the same name. As root; some 2 GB and
# several minutes. The image stays, as vmsuite-elsewhere.
# usage: container.sh SOURCE_FOLDER
set -eu
source=$(realpath "$1")
for tool in podman debootstrap; do
    command -v "$tool" >/dev/null || {
        echo "skipped: $tool is not installed"
        exit 77
    }
done
folder=$(mktemp -d /var/tmp/vmsuite-container-XXXXXX)
trap 'rm -rf "$folder"' EXIT
# Limits that any root may set, and control groups without a service manager.
export CONTAINERS_CONF="$folder/containers.conf"
cat >"$CONTAINERS_CONF" <<'SETTINGS'
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
SETTINGS

base() {
    podman image exists "$1" || podman pull -q "$1" >/dev/null 2>&1 || {
        [ -d "$folder/tree" ] || debootstrap --variant=minbase bookworm "$folder/tree" >/dev/null
        cp -n /etc/apt/apt.conf.d/* "$folder/tree/etc/apt/apt.conf.d/"
        tar -C "$folder/tree" -c . | podman import -q - "$1" >/dev/null
    }
}
base docker.io/library/debian:12
base docker.io/library/debian:12-slim

mkdir "$folder/source" "$folder/records"
git -C "$source" archive HEAD | tar -x -C "$folder/source"
podman build -q --network host -t vmsuite-elsewhere "$folder/source" >"$folder/log" 2>&1 || {
    tail -n 40 "$folder/log"
    exit 1
}
in_container() { podman run --rm --network host -v "$folder/records:/records" -w /records vmsuite-elsewhere "$@"; }
in_container --version
in_container env | head -n 3
in_container run --only linpack --trials 3 --output /records
in_container check "$(cd "$folder/records" && echo *.json)"
podman image inspect --format 'the image: {{.Size}} bytes' vmsuite-elsewhere
echo "container: built, measured in"
