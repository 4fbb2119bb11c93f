/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A system call that does next to nothing, and the instruction that a guest never executes by itself. */
#include "cpu/machine.h"
#include "cpu/probe.h"
#include "shared/case/report.h"

#include <errno.h>

static int call_cpuid(struct bench *bench, size_t n, struct vms_error *error) {
    uint32_t first = 0, vendor = 0, wrong = 0;

    (void)bench;
    (void)machine_cpuid(&first);
    for (size_t i = 0; i < n; i++) {
        (void)machine_cpuid(&vendor);
        wrong |= vendor ^ first;
    }
    return wrong ? report_error(error, -EBADMSG, "verification failed: cpuid changed its answer") : 0;
}

const struct probe probe_system_call = PROBE_SYSTEM_CALL(METRIC_SYSTEM_CALL);
const struct probe probe_cpuid = {.metric = METRIC_CPUID, .per_operation = 1, .run = call_cpuid};
