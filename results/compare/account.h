/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What went on beside the figures of a case: counts of the trials themselves, over all runs of a side. */
#ifndef VMSUITE_RESULTS_COMPARE_ACCOUNT_H
#define VMSUITE_RESULTS_COMPARE_ACCOUNT_H

#include "record/view.h"

/* A count, and the time of the trials that have it. */
struct account_sum {
    double count, duration_s;
};

struct account {
    struct account_sum host_cpu; /* seconds of processor time of the guest's monitor (host_cpu_s) */
    struct account_sum exits;    /* of the guest (host_exits) */
    struct account_sum steal;    /* share of all processors' time, times the trial's duration */
};

/* Adds the trials of a case that are ok. */
void account_add(struct account *account, const struct view_case *outcome);

/* In a second of the trials that have it; NaN where none has. */
double account_rate(const struct account_sum *sum);

#endif
