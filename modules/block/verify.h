/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a file back and judges every sector of it. */
#ifndef VMSUITE_MODULES_BLOCK_VERIFY_H
#define VMSUITE_MODULES_BLOCK_VERIFY_H

#include "block/pass/plan.h"
#include "block/target/cache.h"
#include "block/target/job.h"
#include "block/target/target.h"

/* What should be there. */
struct verify_expectation {
    const struct plan *plan; /* the blocks that it wrote are of `generation` */
    uint64_t generation;
    uint64_t laid_out; /* the generation of all others */
    uint64_t seed;     /* of both */
};

/* Reads the whole file, through the device where the job asks for that and the kernel lets go of its pages,
 * and checks that each block is whole and of its generation. -EIO with a sentence that names the first block
 * that is stale, torn, misplaced or damaged. *ret_left is what was in memory before, which tells where the
 * data came from. */
int verify_file(const struct job *job, const struct target *target, const struct verify_expectation *expected,
                struct cache_count *ret_left, struct vms_error *error);

#endif
