/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The host's clock: what it can distinguish. */
#ifndef VMSUITE_MODULES_SHARED_CASE_STEP_H
#define VMSUITE_MODULES_SHARED_CASE_STEP_H

#include <vmsuite/module.h>

#define STEP_COUNT 1000 /* a piece that is timed is to take so many steps, so that it is exact to 0.1 % */

/* The smallest step of the clock that can be seen, in seconds, the cost of reading it included. */
static inline double step_of_clock(const struct vms_host *host) {
    uint64_t step_ns = UINT64_MAX;

    for (int i = 0; i < 100; i++) {
        uint64_t begin_ns = host->now(host->context), end_ns;

        do
            end_ns = host->now(host->context);
        while (end_ns == begin_ns);
        if (end_ns - begin_ns < step_ns)
            step_ns = end_ns - begin_ns;
    }
    return 1e-9 * (double)step_ns;
}

#endif
