/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One timed pass over a file, by either engine. */
#ifndef VMSUITE_MODULES_BLOCK_PASS_PASS_H
#define VMSUITE_MODULES_BLOCK_PASS_PASS_H

#include "block/pass/plan.h"
#include "block/target/cache.h"
#include "block/target/job.h"
#include "block/target/pool.h"
#include "block/target/target.h"

enum { PASS_READ, PASS_WRITE, PASS_WAYS };

/* The times of single operations, in seconds. */
struct pass_latencies {
    double *seconds;
    size_t n, capacity;
};

struct pass {
    const struct job *job;
    const struct target *target;
    struct pool *pool;
    const struct plan *plan;
    uint64_t generation;                        /* of what it writes */
    uint64_t latency_every;                     /* every n-th operation is timed; 0: none */
    struct pass_latencies latencies[PASS_WAYS]; /* owned */
};

struct pass_figures {
    double seconds;     /* with the flush, if the job asks for one */
    double cpu_seconds; /* this process's, user and system */
    uint64_t ops[PASS_WAYS];
    bool fell_back;           /* io_uring was asked for and the kernel or the build refused it */
    int refusal;              /* with which negative errno */
    struct cache_count after; /* of a direct job: what was in memory after the pass */
};

/* Runs the pass: every operation in one call or one queue entry. *ret_figures and pass->latencies are set on
 * success. -ECANCELED, or what the system said with a sentence that names the byte. */
int pass_run(struct pass *pass, struct pass_figures *ret_figures, struct vms_error *error);

/* Frees the latencies. */
void pass_done(struct pass *pass);

#define PASS_LATENCIES_MAX (UINT64_C(1) << 20) /* 8 MiB of them; beyond, every second, third, ... is timed */

/* Every how many-th of n_ops operations is timed, so that no more than PASS_LATENCIES_MAX times are kept. */
static inline uint64_t pass_latency_every(uint64_t n_ops) {
    return (n_ops + PASS_LATENCIES_MAX - 1) / PASS_LATENCIES_MAX;
}

/* For engines: keeps an operation's time. */
static inline void pass_keep(struct pass *pass, int way, uint64_t ns) {
    struct pass_latencies *latencies = &pass->latencies[way];

    if (latencies->n < latencies->capacity)
        latencies->seconds[latencies->n++] = (double)ns / 1e9;
}

/* For engines: whether this operation is timed. */
static inline bool pass_is_timed(const struct pass *pass, uint64_t operation) {
    return pass->latency_every > 0 && operation % pass->latency_every == 0;
}

#endif
