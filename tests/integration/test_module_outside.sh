#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs into a folder, builds a module outside the tree against the installed header and pkg-config file, and
# runs it with the installed program.
# usage: test_module_outside.sh BUILD PREFIX
set -eu
build=$1 prefix=$2
folder=$(mktemp -d /var/tmp/vmsuite-install-XXXXXX)
trap 'rm -rf "$folder"' EXIT
unset VMSUITE_MODULE_PATH VMSUITE_DATA_PATH

DESTDIR="$folder" meson install -C "$build" --no-rebuild --quiet
installed="$folder$prefix"
pc=$(dirname "$(find "$installed" -name vmsuite.pc)")
cat >"$folder/answer.c" <<'MODULE'
#include <vmsuite/module.h>

static const struct vms_metric metrics[] = {
    {"answer", VMS_RATIO, VMS_HIGHER, VMS_SCALAR, VMS_LOCAL, "The answer.", VMS_ROLE_HEADLINE}};

static int measure(const struct vms_host *host, const union vms_value *values, void *state,
                   struct vms_error *error) {
    (void)values, (void)state, (void)error;
    return host->sample(host->context, 0, 42);
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI, .name = "answer", .summary = "A module of somebody else's.", .resource = VMS_CPU, .workload_version = 1,
    .metrics = metrics, .n_metrics = VMS_LENGTH(metrics), .measure = measure};
MODULE
flags=$(PKG_CONFIG_PATH="$pc" PKG_CONFIG_SYSROOT_DIR="$folder" pkg-config --cflags vmsuite)
case $flags in
*"$folder"*) ;;
*) flags="-I$folder$prefix/include" ;; # pkg-config leaves out what it takes for a system folder
esac
mkdir "$folder/modules"
# shellcheck disable=SC2086 # a list of words
${CC:-cc} -shared -fPIC -fvisibility=hidden -Wall -Wextra -Werror $flags -o "$folder/modules/answer.so" "$folder/answer.c"

cd "$folder"
export VMSUITE_MODULE_PATH="$folder/modules"
# The installed program looks for its data where the prefix says; here that lies below $folder.
export VMSUITE_DATA_PATH="$installed/share/vmsuite"
"$installed/bin/vmsuite" list | grep -q '^answer '
printf '%s' '{"configuration": "outside", "suite": {"suite": "s", "trials": 2, "benchmarks":
 [{"group": "g", "module": "answer"}]}}' >outside.json
"$installed/bin/vmsuite" run outside.json
grep -q '"value": 42' vmsuite-results/outside-*.json
"$installed/bin/vmsuite" check "$installed"/share/vmsuite/suites/*.json >/dev/null 2>&1 && exit 1 # no stream module here
VMSUITE_MODULE_PATH=$(find "$installed" -name stream.so -printf '%h\n') "$installed/bin/vmsuite" check \
    "$installed"/share/vmsuite/suites/*.json "$installed"/share/vmsuite/configurations/*.json
for file in schema/record.schema.json schema/suite.schema.json schema/configuration.schema.json; do
    [ -f "$installed/share/vmsuite/$file" ]
done

# What `module new` writes is built and tested against the installed headers and host for tests.
if command -v meson >/dev/null && command -v ninja >/dev/null; then
    PATH="$installed/bin:$PATH"
    export PATH PKG_CONFIG_PATH="$pc"
    unset VMSUITE_MODULE_PATH
    vmsuite module new mine >/dev/null
    # pkg-config names folders of the prefix; here those lie below $folder. The host for tests is built as this program.
    CFLAGS="-I$installed/include" LDFLAGS="-L$(dirname "$pc")" meson setup mine/build mine \
        -Db_sanitize="${VMSUITE_SANITIZER:-none}" -Db_lundef=false >/dev/null
    meson test -C mine/build >/dev/null || {
        cat mine/build/meson-logs/testlog.txt
        exit 1
    }
    grep -q 'ok: a damaged buffer fails the trial' mine/build/meson-logs/testlog.txt
fi
