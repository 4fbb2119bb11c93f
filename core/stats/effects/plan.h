/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a plan of runs and trials can find, before anything is measured. */
#ifndef VMSUITE_CORE_STATS_EFFECTS_PLAN_H
#define VMSUITE_CORE_STATS_EFFECTS_PLAN_H

#include "stats/effects/effect.h"

#include <stddef.h>

/* The noise of a figure, on its logarithm (0.03: 3%), alike on both sides. */
struct plan_noise {
    double between;     /* standard deviation of whole runs (boots) */
    double within;      /* of a trial within its run */
    double correlation; /* of a trial with its predecessor, from 0 to below 1 */
};

/* Two sides that are compared. */
struct plan_sides {
    size_t runs;   /* of each side, 1 or more */
    size_t trials; /* of each run, 1 or more */
    size_t rows;   /* that are compared together and tell each other how far runs differ; 1: alone */
    double alpha;  /* two-sided error that a claim may use: COMPARE_ERROR times step_down_share() */
    struct shift_prior prior; /* what compare assumes where a side has one run */
};

/* The variance of a run's figure, the 20% trimmed mean of its trials' logarithms: of the run's own shift, and
 * of trials that depend on each other. */
double plan_run_variance(const struct plan_noise *noise, size_t trials);

/* Degrees of freedom with which `runs` runs (two or more) of both sides show the variance, on average: with
 * what the other rows add, as moderation.h has it for rows alike that share part of their shift. */
double plan_df(size_t runs, size_t rows);

/* The probability that Student's t with `df` degrees of freedom is above its two-sided critical value at
 * `alpha` where the truth is `distance` standard errors above 0: the noncentral t distribution. */
double plan_power_t(double distance, double df, double alpha);

/* The probability that a true effect (the logarithm of a ratio, of either sign) is found. With one
 * run of each side it is that of what compare makes of the noise that it sees (run_noise.h), over what it may
 * see: few trials show little of it. */
double plan_power(const struct plan_sides *plan, const struct plan_noise *noise, double effect);

/* The smallest effect that is found with probability `power`, as a logarithm; INFINITY where a factor of a
 * million is not. */
double plan_smallest(const struct plan_sides *plan, const struct plan_noise *noise, double power);

/* The fewest runs of each side, from `least` (1 or more) to `most`, that find the effect with probability
 * `power`; 0 where none do. plan->runs is not looked at. */
size_t plan_runs(const struct plan_sides *plan, const struct plan_noise *noise, double effect, double power,
                 size_t least, size_t most);

/*
 * Trials of a run with which a given time gives the least variance (Kalibera and Jones 2013, section 6): the
 * more a run costs besides its trials, and the more trials differ among themselves, the more trials; at least
 * 1, at most `most`. Costs are in any unit of time.
 */
size_t plan_best_trials(const struct plan_noise *noise, double run_cost, double trial_cost, size_t most);

#endif
