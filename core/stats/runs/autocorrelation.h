/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trials of a run that depend on the trial before: how strongly, and what that adds to the noise of their
 * mean. */
#ifndef VMSUITE_CORE_STATS_RUNS_AUTOCORRELATION_H
#define VMSUITE_CORE_STATS_RUNS_AUTOCORRELATION_H

#include <stddef.h>

/* Correlations are taken from a grid: 0, 0.05, ... 0.95. */
#define AUTOCORRELATION_STEPS 20
#define AUTOCORRELATION_STEP 0.05

/*
 * `n` trials of an autoregressive process of order 1 with a variance of 1, each correlated by r with the one
 * before it: what they show of that, in expectation.
 */
struct autocorrelation {
    double seen;    /* correlation of lag 1 about their own mean: sum of products over sum of squares */
    double squares; /* sum of the squared deviations from their own mean */
    double df;      /* degrees of freedom of that sum as a chi-squared (Satterthwaite) */
    double mean;    /* variance of their mean */
};

/* For n > 1 and 0 <= r < 1. */
void autocorrelation_of(double r, size_t n, struct autocorrelation *ret);

/* What a row's runs show: the mean correlation of lag 1 of `runs` runs that have `n` trials each. */
struct autocorrelation_seen {
    double correlation;
    double runs;                            /* 0: nothing */
    const struct autocorrelation *expected; /* borrowed: of n trials, at each correlation of the grid */
    size_t n;
};

/*
 * The correlation that each of `n_rows` rows has, as an index into the grid, from what its sides show: those
 * of the first row, then those of the second, and so on. Before anything is seen all correlations are equally
 * likely. How they are spread is learned from the other rows, among which that assumption counts as one
 * (empirical Bayes, by expectation and maximization; Efron 2010); the row's is then the 84% quantile of what
 * its own runs leave likely: one standard deviation above the middle. -ENOMEM.
 */
int autocorrelation_learn(const struct autocorrelation_seen *seen, size_t n_rows, size_t *ret_steps);

#endif
