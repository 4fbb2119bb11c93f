/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The noise within runs, for sides with one run, whose noise between runs nobody has seen. */
#ifndef VMSUITE_CORE_STATS_RUN_NOISE_H
#define VMSUITE_CORE_STATS_RUN_NOISE_H

#include "stats/moderation.h"
#include "stats/run_figure.h"

/* The trials of a row's runs on one side. */
struct run_noise_side {
    double squares;      /* of the trials' logarithms from their run's mean: sum */
    double runs;         /* with two trials or more */
    double trials;       /* of the run that has fewest of them */
    double correlations; /* sum of the correlation of lag 1, over the `moving` runs that are not constant */
    double moving;
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
