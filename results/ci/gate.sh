#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A CI job for any runner: measures this machine (a guest, say) and fails where it got slower than the baseline.
# usage: gate.sh BASELINE.json -- [argument of `vmsuite run`]...
#   LIMIT    the loss that fails the job (default 5%)
#   RUNS     how often the suite is run: several runs show the shift between runs (default 3)
#   SUMMARY  a file that the comparison is appended to as markdown (default: GITHUB_STEP_SUMMARY, else none)
# Exit status: 0 passed; 1 failed: slower beyond doubt; 4 inconclusive: perhaps above the limit; else what vmsuite said.
set -eu
[ $# -gt 0 ] && [ "$1" != -- ] && [ -r "$1" ] || {
    echo "gate.sh: ${1:-}: no such record; usage: gate.sh BASELINE.json -- [argument of vmsuite run]..." >&2
    exit 2
}
baseline=$1
shift
[ $# -eq 0 ] || shift

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
run=0
while [ "$run" -lt "${RUNS:-3}" ]; do
    vmsuite run --output "$folder" "$@"
    run=$((run + 1))
done

compare() {
    vmsuite compare "$baseline" "$folder"/*.json "$@"
}
summary=${SUMMARY:-${GITHUB_STEP_SUMMARY:-}}
[ -z "$summary" ] || compare --format markdown --fail-above "${LIMIT:-5%}" >>"$summary" || :
compare --fail-above "${LIMIT:-5%}"
