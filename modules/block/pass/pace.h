/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often a pass looks up from its work: after batches of blocks that take about 10 ms, whatever a block
 * costs, so that a fast loop does not pay for it and a slow one does not miss that it should stop. */
#ifndef VMSUITE_MODULES_BLOCK_PASS_PACE_H
#define VMSUITE_MODULES_BLOCK_PASS_PACE_H

#include "block/target/target.h"

struct pace {
    const struct vms_host *host;
    const struct target *target; /* whose free space is watched, or NULL */
    uint64_t batch;              /* blocks until the next look */
    uint64_t last_ns, space_ns;  /* when we looked last, and at the space */
};

void pace_start(struct pace *pace, const struct vms_host *host, const struct target *watched);

/* To be called after each batch: sets the next one. -ECANCELED: the host wants the trial to end; -ENOSPC: the
 * disk's reserve is touched. */
int pace_look(struct pace *pace, struct vms_error *error);

#endif
