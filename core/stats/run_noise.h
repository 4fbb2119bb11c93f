/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The noise within runs, for sides with one run, whose noise between runs nobody has seen. */
#ifndef VMSUITE_CORE_STATS_RUN_NOISE_H
#define VMSUITE_CORE_STATS_RUN_NOISE_H

#include "stats/moderation.h"
#include "stats/run_figure.h"

/* The trials of a row, over all runs of both sides, and those of each side's runs on average. */
struct run_noise {
    double squares, df;  /* of the trials' logarithms from their run's mean */
    double trials[2];    /* of a run */
    double correlations; /* sum over the runs of the correlation of lag 1, each without its bias */
    double runs;         /* those runs */
};

/* Adds a run of a side. */
void run_noise_add(struct run_noise *noise, size_t side, const struct run_figure *figure);

/*
 * Sets the variance that the noise within a run gives the figure of a run, for each row and either side
 * (ret_variances[2 * row + side]). Variances of trials are moderated across the rows. Trials of a run depend
 * on their predecessor: by the correlation of lag 1, which all rows estimate together, drawn towards 0.5 as
 * if 50 trials had shown that, the noise of a mean is (1 + r) / (1 - r) times that of independent trials. A
 * variance is infinite where neither the row nor the others show any. -ENOMEM.
 */
int run_noise_variances(const struct run_noise *noise, size_t n_rows, struct variance *ret_variances);

#endif
