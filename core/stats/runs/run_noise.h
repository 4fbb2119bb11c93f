/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The noise within runs, for sides with one run, whose noise between runs nobody has seen. */
#ifndef VMSUITE_CORE_STATS_RUNS_RUN_NOISE_H
#define VMSUITE_CORE_STATS_RUNS_RUN_NOISE_H

#include "stats/runs/moderation.h"
#include "stats/runs/run_figure.h"

/* The runs of a row on one side that have two trials or more. They count as runs that all have as many trials
 * as these have on average: what trials show is nearly proportional to their number. */
struct run_noise_side {
    double squares; /* of the trials' logarithms from their run's mean: sum */
    double runs;
    double trials;       /* sum */
    double moving;       /* the same of the runs that are not constant */
    double correlations; /* of lag 1 in those: sum, each times its run's trials */
};

struct run_noise {
    struct run_noise_side sides[2];
};

/* Adds a run of a side. */
void run_noise_add(struct run_noise *noise, size_t side, const struct run_figure *figure);

/*
 * Sets the variance that the noise within a run gives the figure of a run, for each row and either side
 * (ret_variances[2 * row + side]). Trials of a run depend on the one before, as an autoregressive process of
 * order 1 does; how strongly is learned from all rows (autocorrelation.h). The process's variances are
 * moderated across the rows. A variance is infinite where neither the row nor the others show any. -ENOMEM.
 */
int run_noise_variances(const struct run_noise *noise, size_t n_rows, struct variance *ret_variances);

#endif
