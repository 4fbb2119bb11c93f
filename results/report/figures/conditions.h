/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What disturbed the trials, and how this machine's clock ran against the peer's. */
#ifndef VMSUITE_RESULTS_REPORT_FIGURES_CONDITIONS_H
#define VMSUITE_RESULTS_REPORT_FIGURES_CONDITIONS_H

#include "record/read/reader.h"

/* The disturbances that have a figure, all shares of time. */
enum { CONDITION_STEAL, CONDITION_OTHER_LOAD, CONDITION_STALL_CPU, CONDITION_STALL_IO, CONDITIONS };

struct condition {
    size_t configuration;            /* among the list's */
    char *label;                     /* owned: the case */
    unsigned order;                  /* place of the trial in its run */
    double shares[CONDITIONS];       /* NaN: unknown */
    double rate_ppm, rate_bound_ppm; /* of this machine's clock against the peer's; NaN: no peer */
};

/* How many trials bear a flag. */
struct condition_flag {
    char *name; /* owned */
    size_t n_trials;
};

/* How many trials of a configuration bear which flag. */
struct condition_tally {
    char *configuration; /* owned */
    size_t n_trials, n_flagged;
    struct condition_flag *flags; /* owned; in the order of first appearance */
    size_t n_flags;
};

struct condition_list {
    struct condition *conditions; /* of the trials with counters or clock */
    size_t n_conditions, capacity;
    struct condition_tally *tallies;
    size_t n_tallies;
};

/* Reads all trials of all records. -EINVAL, -ENOMEM with a sentence. The caller frees with conditions_done,
 * also after a failure. */
int conditions_collect(struct reader *const *readers, size_t n_readers, struct condition_list *ret_list,
                       struct vms_error *error);

/* The trials of a tally that bear a flag. */
size_t condition_count(const struct condition_tally *tally, const char *flag);

void conditions_done(struct condition_list *list);

#endif
