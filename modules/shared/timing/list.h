/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The metrics of a module that times single operations: which of them can be had, and all of those in one
 * trial. */
#ifndef VMSUITE_MODULES_SHARED_TIMING_LIST_H
#define VMSUITE_MODULES_SHARED_TIMING_LIST_H

#include "shared/timing/bench.h"

struct timing_list {
    const struct vms_metric *metrics;
    unsigned n;
    /* Why a metric cannot be had on this machine: -ENOTSUP with a sentence, or 0. */
    int (*check)(struct bench *bench, unsigned metric, struct vms_error *error);
    /* Measures and reports it. -EAGAIN: it could not be had just now. */
    int (*measure)(struct bench *bench, unsigned metric, struct vms_error *error);
};

#define TIMING_METRICS_MAX 64 /* as many as a module may have */

/* The state of a case of such a module. */
struct timing_case {
    struct bench bench;
    bool wanted[TIMING_METRICS_MAX]; /* what the user chose; once it is set up: and can be had */
};

/* Makes the bench ready, and takes out of `wanted` what cannot be had, with a fact that says why. Where
 * nothing is left: -ENOTSUP with the last reason, so that one that is asked for by its own name must be
 * there. The caller calls timing_cleanup whatever is returned. */
int timing_set_up(struct timing_case *timed, const struct timing_list *list, const struct vms_host *host,
                  const struct bench_plan *plan, struct vms_error *error);

/* One trial. What could not be measured just now is left out of it, unless there is nothing else. */
int timing_measure_all(struct timing_case *timed, const struct timing_list *list, const struct vms_host *host,
                       struct vms_error *error);

/* Frees a `struct timing_case`, with what is in it; takes NULL. */
void timing_cleanup(void *state);

#endif
