/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What went on beside the figures of a case: counts of the trials themselves, over all runs of a side. */
#ifndef VMSUITE_RESULTS_COMPARE_COMPARISON_ACCOUNT_H
#define VMSUITE_RESULTS_COMPARE_COMPARISON_ACCOUNT_H

#include "record/host_reasons.h"
#include "record/view/view.h"

/* A count, and the time of the trials that have it. */
struct account_sum {
    double count, duration_s;
};

struct account {
    struct account_sum host_cpu;     /* seconds of processor time of the guest's monitor (host_cpu_s) */
    struct account_sum host_guest;   /* of it, while the guest itself ran (host_guest_s) */
    struct account_sum exits;        /* of the guest (host_exits) */
    struct account_sum device_exits; /* those that a process of the host answered (host_device_exits) */
    struct account_sum reasons[HOST_REASONS]; /* exits, or events, by their reason */
    struct account_sum switches;              /* context switches of the monitor (host_switches) */
    struct account_sum steal;                 /* share of all processors' time, times the trial's duration */
};

/* Adds the trials of a case that are ok. */
void account_add(struct account *account, const struct view_case *outcome);

/* In a second of the trials that have it; NaN where none has. */
double account_rate(const struct account_sum *sum);

/* What the host pays for each unit of work, as metrics of their own: seconds of the monitor's processor time
 * for 10^9 bytes, or for one transaction, by the case's first rate. */
#define ACCOUNT_PER_GIGABYTE "host_cpu_per_gigabyte"
#define ACCOUNT_PER_TRANSACTION "host_cpu_per_transaction"

/* Whether a metric is one of them. */
bool account_is_metric(const char *name);

/* Fills the values of the trials that are ok and have such an account, room for all of them, and returns how
 * many there are. */
size_t account_values(const struct view_case *outcome, const struct view_metric **ret_metric, double *values);

#endif
