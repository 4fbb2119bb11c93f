/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "block/pass/pace.h"

#include "shared/case/report.h"

#include <errno.h>

#define NS_PER_MS UINT64_C(1000000)
#define BATCH_MAX UINT64_C(65536)
#define SPACE_EVERY_NS (100 * NS_PER_MS)

void pace_start(struct pace *pace, const struct vms_host *host, const struct target *watched) {
    uint64_t now_ns = host->now(host->context);

    *pace = (struct pace){.host = host, .target = watched, .batch = 1, .last_ns = now_ns, .space_ns = now_ns};
}

int pace_look(struct pace *pace, struct vms_error *error) {
    uint64_t now_ns = pace->host->now(pace->host->context);
    uint64_t taken_ns = now_ns - pace->last_ns;

    if (pace->host->should_stop(pace->host->context))
        return report_error(error, -ECANCELED, "stopped before the end of the file");
    if (taken_ns < 5 * NS_PER_MS && pace->batch < BATCH_MAX)
        pace->batch *= 2;
    else if (taken_ns > 20 * NS_PER_MS && pace->batch > 1)
        pace->batch /= 2;
    pace->last_ns = now_ns;
    if (!pace->target || now_ns - pace->space_ns < SPACE_EVERY_NS)
        return 0;
    pace->space_ns = now_ns;
    return target_watch_space(pace->target, error);
}
