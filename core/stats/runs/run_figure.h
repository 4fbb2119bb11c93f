/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run has to say: one figure of its trials. */
#ifndef VMSUITE_CORE_STATS_RUNS_RUN_FIGURE_H
#define VMSUITE_CORE_STATS_RUNS_RUN_FIGURE_H

#include <stdbool.h>
#include <stddef.h>

#define RUN_TRIM 0.2          /* of the values at each end */
#define RUN_TRIM_VARIANCE 1.1 /* of that mean where noise is normal, over that of the plain mean */

struct run_figure {
    size_t n;
    double mean;    /* of the values */
    double log;     /* 20% trimmed mean of the logarithms; -infinity or NaN where there are too many zeros */
    double squares; /* of the logarithms' deviations from their mean: sum; zeros count as the least above 0 */
    double products; /* of neighbours in time: sum; over `squares` the correlation of lag 1 */
};

/* `values` (n > 0 of them, in the order of time) are left sorted. */
void run_figure_of(double *values, size_t n, struct run_figure *ret);

/* Takes what is known of the whole run, such as the quantile of all its samples, for its figure. The noise
 * stays that of the values. */
void run_figure_give(struct run_figure *figure, double value);

#endif
