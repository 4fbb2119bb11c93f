/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thread on each processor that does nothing but look at the clock. */
#ifndef VMSUITE_MODULES_STALL_SPIN_H
#define VMSUITE_MODULES_STALL_SPIN_H

#include "stall/accounts.h"
#include "stall/gaps.h"

/* One thread: its processor's gaps, and what the kernel says of the thread. */
struct spinner {
    struct gaps gaps;
    struct thread_account before, after;
    uint64_t wall_ns; /* from its first look to its last */
    uint64_t looks;
    int status;
    struct vms_error error;
};

/* Spins on all processors of the place for so long, at the same time. `spinners` has place->threads entries whose
 * gaps are ready. 0 or the first error, with a sentence. */
int spin_all(const struct vms_host *host, const struct place *place, uint64_t duration_ns,
             struct spinner *spinners, struct vms_error *error);

#endif
