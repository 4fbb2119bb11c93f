/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which block each operation of a pass moves, and which way: settled before the clock starts. */
#ifndef VMSUITE_MODULES_BLOCK_PASS_PLAN_H
#define VMSUITE_MODULES_BLOCK_PASS_PLAN_H

#include "block/target/job.h"
#include "block/target/pool.h"

enum plan_direction { PLAN_READS, PLAN_WRITES, PLAN_MIXED };

struct plan {
    enum plan_direction direction;
    uint64_t n_ops;
    uint32_t *order; /* the block of each operation; NULL: in the file's order */
    uint64_t *marks; /* one bit per block: the pass writes it; NULL: reads only */
    uint64_t seed;
    unsigned read_percent;
};

/* Whether the job's operation can be planned. -EINVAL: too many blocks to draw from. */
int plan_check(const struct job *job, struct vms_error *error);

/* Plans the job's operation. Random operations are a seeded draw of blocks without repetition (Fisher and
 * Yates), so that each block is moved at most once and its content is known afterwards. -ENOMEM; -EINVAL as
 * plan_check. Freed by plan_done. */
int plan_init(struct plan *ret_plan, const struct job *job, struct vms_error *error);
/* A pass over the whole file in order. Owns nothing. */
struct plan plan_whole(const struct job *job, enum plan_direction direction);
/* Bytes that plan_init will allocate. */
uint64_t plan_size(const struct job *job);
void plan_done(struct plan *plan);

static inline uint64_t plan_block(const struct plan *plan, uint64_t operation) {
    return plan->order ? plan->order[operation] : operation;
}

static inline bool plan_is_write(const struct plan *plan, uint64_t operation) {
    if (plan->direction != PLAN_MIXED)
        return plan->direction == PLAN_WRITES;
    return pool_mix(plan->seed + operation * UINT64_C(0x9e3779b97f4a7c15)) % 100 >= plan->read_percent;
}

/* Whether the pass wrote `block`. */
static inline bool plan_wrote(const struct plan *plan, uint64_t block) {
    return plan->marks && (plan->marks[block / 64] >> (block % 64) & 1);
}

#endif
