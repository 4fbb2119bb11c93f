/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What modules need that time single operations: two processors to be on, room for values, and the rows of
 * the tables that say so. */
#ifndef VMSUITE_MODULES_SHARED_TIMING_BENCH_H
#define VMSUITE_MODULES_SHARED_TIMING_BENCH_H

#include "shared/case/affinity.h"
#include "shared/memory/place.h"

#include <stdbool.h>

/* What a measurement has at hand. */
struct bench {
    const struct vms_host *host;
    struct place place;       /* two processors, the same where there is only one */
    struct place_mask before; /* where the calling thread could run before it was bound to the first */
    uint64_t samples;         /* values of each distribution */
    double interval;          /* seconds between two timers */
    double steps;             /* of the clock, that a value is to take: with 1000 it is exact to 0.1 % */
    double *values;           /* room for `samples` */
    void *state;              /* the running probe's own */
    unsigned metric;          /* what the running probe measures */
};

/* What a user chose. */
struct bench_plan {
    uint64_t samples;
    double interval, steps;
    const char *affinity;
};

/* Finds the processors, binds the calling thread to the first, and reports BENCH_FACTS. What it has set up
 * before it fails is undone by bench_done. */
int bench_init(struct bench *bench, const struct vms_host *host, const struct bench_plan *plan,
               struct vms_error *error);
void bench_done(struct bench *bench);

/* Whether `affinity` can be read; -EINVAL with a sentence. */
int bench_check_affinity(const char *affinity, struct vms_error *error);

#define BENCH_ROW_SAMPLES                                                                                    \
    {                                                                                                        \
        "samples", VMS_COUNT, "1000", "10", "1000000", NULL, "How many values each distribution has.",       \
            VMS_ROLE_PLAIN                                                                                   \
    }
#define BENCH_ROW_INTERVAL                                                                                   \
    { "interval", VMS_SECONDS, "1ms", "0.00001", "1", NULL, "Time between two timers.", VMS_ROLE_PLAIN }
#define BENCH_ROW_AFFINITY(second)                                                                           \
    {                                                                                                        \
        "affinity", VMS_TEXT, "spread", NULL, NULL, NULL,                                                    \
            "Which two processors: spread (far apart), compact, or a list such as 0,3; all runs on "         \
            "the first, " second,                                                                            \
            VMS_ROLE_PLAIN                                                                                   \
    }
/* A distribution of seconds. */
#define BENCH_ROW_COST(name, role, help)                                                                     \
    { name, VMS_UNIT_SECONDS, VMS_LOWER, VMS_DISTRIBUTION, VMS_LOCAL, help, VMS_ROLE_##role }
#define BENCH_FACTS                                                                                          \
    {"processors", VMS_ROLE_PLAIN, "The two processors."}, AFFINITY_FACTS,                                   \
        {"clock_source", VMS_ROLE_PLAIN, "What the kernel keeps time by."},                                  \
        {"idle_driver", VMS_ROLE_PLAIN, "How an idle processor is put to sleep."}, {                         \
        "idle_governor", VMS_ROLE_PLAIN, "What decides how deep that sleep is."                              \
    }

#endif
