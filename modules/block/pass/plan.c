/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "block/pass/plan.h"

#include "shared/case/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static bool is_random(const struct job *job) {
    return job->operation >= JOB_RANDREAD;
}

static enum plan_direction direction_of(const struct job *job) {
    if (job->operation == JOB_READ || job->operation == JOB_RANDREAD)
        return PLAN_READS;
    return job->operation == JOB_RANDRW ? PLAN_MIXED : PLAN_WRITES;
}

static uint64_t count_words(const struct job *job) {
    return (job->n_blocks + 63) / 64;
}

uint64_t plan_size(const struct job *job) {
    uint64_t order = is_random(job) ? job->n_blocks * sizeof(uint32_t) : 0;

    return order + (direction_of(job) == PLAN_READS ? 0 : count_words(job) * sizeof(uint64_t));
}

/* Draws the first n_ops of a shuffle of all blocks. */
static void draw(uint32_t *order, const struct job *job) {
    uint64_t state = job->host->seed;

    for (uint64_t i = 0; i < job->n_blocks; i++)
        order[i] = (uint32_t)i;
    for (uint64_t i = 0; i < job->n_ops; i++) {
        uint64_t word = pool_mix(state += UINT64_C(0x9e3779b97f4a7c15));
        /* n_blocks is at most 2^32, so that the remainder's bias is below 2^-32. */
        uint64_t j = i + word % (job->n_blocks - i);
        uint32_t block = order[i];

        order[i] = order[j];
        order[j] = block;
    }
}

int plan_check(const struct job *job, struct vms_error *error) {
    if (is_random(job) && job->n_blocks > UINT32_MAX)
        return report_error(error, -EINVAL,
                            "%" PRIu64 " blocks are too many for a random order: choose a larger block_size",
                            job->n_blocks);
    return 0;
}

int plan_init(struct plan *ret_plan, const struct job *job, struct vms_error *error) {
    struct plan plan = {.direction = direction_of(job),
                        .n_ops = job->n_ops,
                        .seed = job->host->seed,
                        .read_percent = job->read_percent};

    int status = plan_check(job, error);

    if (status < 0)
        return status;
    if (is_random(job))
        plan.order = malloc(job->n_blocks * sizeof(*plan.order));
    if (plan.direction != PLAN_READS)
        plan.marks = calloc(count_words(job), sizeof(*plan.marks));
    if ((is_random(job) && !plan.order) || (plan.direction != PLAN_READS && !plan.marks)) {
        plan_done(&plan);
        return report_error(error, -ENOMEM, "no memory for %" PRIu64 " bytes of order", plan_size(job));
    }
    if (plan.order)
        draw(plan.order, job);
    for (uint64_t i = 0; plan.marks && i < plan.n_ops; i++) {
        uint64_t block = plan_block(&plan, i);

        if (plan_is_write(&plan, i))
            plan.marks[block / 64] |= UINT64_C(1) << (block % 64);
    }
    *ret_plan = plan;
    return 0;
}

struct plan plan_whole(const struct job *job, enum plan_direction direction) {
    return (struct plan){.direction = direction, .n_ops = job->n_blocks};
}

void plan_done(struct plan *plan) {
    free(plan->order);
    free(plan->marks);
    *plan = (struct plan){0};
}
