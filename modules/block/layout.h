/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The content that an operation finds. */
#ifndef VMSUITE_MODULES_BLOCK_LAYOUT_H
#define VMSUITE_MODULES_BLOCK_LAYOUT_H

#include "block/target/job.h"
#include "block/target/target.h"

/* Writes the whole target with large transfers, stamped with `generation` and `seed`, and flushes it, so that
 * no write-back falls into what is timed next. */
int layout_write(const struct job *job, const struct target *target, uint64_t generation, uint64_t seed,
                 struct vms_error *error);

#endif
