/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One thing whose cost is measured, and where it is done. */
#ifndef VMSUITE_MODULES_SHARED_TIMING_PROBE_H
#define VMSUITE_MODULES_SHARED_TIMING_PROBE_H

#include "shared/timing/bench.h"

/*
 * A probe is begun, then asked again and again to do so many operations, which is timed, and ended. All
 * functions return 0 or a negative errno with a sentence; what `begin` has set up is undone by `end`, which
 * also runs after a failure and checks that what was timed has really happened.
 */
struct probe {
    unsigned metric;
    double per_operation; /* how often one operation holds what the metric is about */
    size_t most;          /* operations in one go; 0: any number */
    int (*begin)(struct bench *bench, struct vms_error *error); /* may be NULL */
    int (*ready)(struct bench *bench, size_t n,
                 struct vms_error *error); /* before n operations; may be NULL */
    int (*run)(struct bench *bench, size_t n, struct vms_error *error);
    int (*end)(struct bench *bench, struct vms_error *error); /* may be NULL */
};

/* Measures one probe and reports its distribution: each value is the mean over as many operations as it takes
 * for the clock to be as exact as the bench asks. */
int timing_measure(struct bench *bench, const struct probe *probe, struct vms_error *error);

/* Begins a probe, does one operation and ends it: whether it can be had here at all. */
int timing_try(struct bench *bench, const struct probe *probe, struct vms_error *error);

/* Sleeps until points in time that are the bench's interval apart, and reports how late (seconds) each sleep
 * ended. */
int timer_measure(struct bench *bench, unsigned metric, struct vms_error *error);

/* A probe of getppid, which does next to nothing: that it always gives the same answer is checked. */
int system_call_run(struct bench *bench, size_t n, struct vms_error *error);
#define PROBE_SYSTEM_CALL(number)                                                                            \
    { .metric = (number), .per_operation = 1, .run = system_call_run }

/* The functions of a probe that touches fresh pages, PAGES_MOST at the most in one go. `pages_end` checks
 * that as many faults were counted, and says by a fact where the kernel counts none. */
#define PAGES_MOST 4096
int pages_begin(struct bench *bench, struct vms_error *error);
int pages_forget(struct bench *bench, size_t n, struct vms_error *error);
int pages_touch(struct bench *bench, size_t n, struct vms_error *error);
int pages_end(struct bench *bench, struct vms_error *error);
#define PROBE_PAGE_FAULT(number)                                                                             \
    {                                                                                                        \
        .metric = (number), .per_operation = 1, .most = PAGES_MOST, .begin = pages_begin,                    \
        .ready = pages_forget, .run = pages_touch, .end = pages_end                                          \
    }

/* Of the running measurement: its first page, and its bytes. */
void *pages_first(const struct bench *bench, size_t *ret_bytes);

#endif
