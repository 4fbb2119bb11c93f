/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thread on each processor that does nothing but read the clock. */
#ifndef VMSUITE_CORE_GAPS_SPIN_H
#define VMSUITE_CORE_GAPS_SPIN_H

#include "gaps/accounts.h"
#include "gaps/gaps.h"

#include <vmsuite/module.h>

/* How time passes. */
struct gaps_clock {
    uint64_t (*now)(void *context); /* ns, monotonic */
    bool (*should_stop)(void *context);
    void *context;
};

/* One thread: its processor's gaps, and what the kernel says of the thread. */
struct spinner {
    struct gaps gaps;
    struct thread_account before, after;
    uint64_t wall_ns; /* from its first reading of the clock to its last */
    uint64_t looks;
    int status;
    struct vms_error error;
};

/* Spins on n processors at the same time, for `duration_ns`. `spinners` has n entries whose gaps are
 * initialized. 0 or the first error, with a sentence. */
int spin_all(const struct gaps_clock *clock, const int *cpus, unsigned n, uint64_t duration_ns,
             struct spinner *spinners, struct vms_error *error);

/* What all of them lost together; the accounts of their processors were taken before and after. */
void spin_sum_up(const struct spinner *spinners, unsigned n, const struct processor_account *before,
                 const struct processor_account *after, struct stall_account *ret_sum);

#endif
