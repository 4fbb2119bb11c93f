/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One timed pass over a file. */
#ifndef VMSUITE_BLOCK_PASS_H
#define VMSUITE_BLOCK_PASS_H

#include "job.h"
#include "pool.h"
#include "target.h"

/* Writes every block in order, each in one call, and makes it durable as the job says, all of which is in
 * *ret_seconds. */
int pass_write(const struct job *job, const struct target *target, struct pool *pool, uint64_t generation,
               double *ret_seconds, struct vms_error *error);

/* Reads every block in order, each in one call, and drops what it read. */
int pass_read(const struct job *job, const struct target *target, struct pool *pool, double *ret_seconds,
              struct vms_error *error);

#endif
