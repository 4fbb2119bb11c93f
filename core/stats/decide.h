/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From an estimate to a verdict. */
#ifndef VMSUITE_CORE_STATS_DECIDE_H
#define VMSUITE_CORE_STATS_DECIDE_H

#include "stats/resample.h"

#include <stdbool.h>

#define DECIDE_ALPHA 0.05 /* of wrong finds */
#define DECIDE_POWER 0.8  /* with which the trials that decide_effort names will do */
#define DECIDE_TRIALS_MAX 1000
#define DECIDE_RUNS_MAX 100

/* Two-sided p-value of "there is no difference" from the ratio and its standard error (Student t). Beside the
 * Mann-Whitney test, which takes all trials for independent, it knows that runs differ. */
double decide_difference(const struct resample_ratio *ratio);

/* Two one-sided tests (Schuirmann 1987): p-value of "the ratio is not between 1 / (1 + margin) and 1 +
 * margin". `margin` > 0. */
double decide_equivalence(const struct resample_ratio *ratio, double margin);

/* What it would take to decide a row. */
struct decide_effort {
    size_t trials; /* in each run */
    size_t runs;   /* of each configuration */
};

/*
 * Trials and runs after which the row would be decided with probability DECIDE_POWER, if ratio and noise
 * are as estimated: the fewest trials with as many runs as there are, else the fewest runs with `n_trials`
 * each. `alpha` is the level after the correction for many rows; numbers of trials with which the
 * Mann-Whitney test cannot reach it are passed over. False where DECIDE_RUNS_MAX runs would not do either.
 */
bool decide_effort(const struct resample_estimate *estimate, double margin, double alpha, size_t n_runs,
                   size_t n_trials, struct decide_effort *ret);

#endif
