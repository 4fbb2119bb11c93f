/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Effects of several hosts, each known with a precision of its own, as those of a population of hosts. */
#ifndef VMSUITE_CORE_STATS_EFFECTS_RANDOM_EFFECTS_H
#define VMSUITE_CORE_STATS_EFFECTS_RANDOM_EFFECTS_H

#include <stddef.h>

struct random_effects {
    size_t n;        /* effects that were pooled */
    double mean;     /* of the population; NaN: there are none */
    double variance; /* of that estimate, with n - 1 degrees of freedom; NaN below two */
    double ci95[2];  /* Student's t with as many; NaN below two */
    /* standard deviation from host to host, beyond what each is known by (tau); NaN below two */
    double between;
    double between_part; /* its share of all variance of a usual host's effect, from 0 to 1; NaN below two */
};

/*
 * The variance of each of n hosts' means, where a host alone shows its own only roughly, from the deviations
 * of what is averaged: `squares` is their sum of squares, with `df` degrees of freedom (0: nothing is known
 * of that host), `shares` the host's variance over that of one of what is averaged, such as 1 / number. One
 * variance is estimated from all hosts together: with weights from variances of three trials each, intervals
 * of 95% would cover only 85%. NaN where nothing is known.
 */
void random_effects_within(const double *squares, const double *df, const double *shares, size_t n,
                           double *ret_variances);

/*
 * Pools n effects, each with its variance: 0 means known exactly; NaN, infinity or less than 0 means unknown,
 * for which the largest known variance is taken. The variance between hosts is Paule and Mandel's (1982): the
 * one that makes the weighted sum of squares n - 1, or 0; the interval of the mean is Hartung and Knapp's
 * (2001). Effects that are not finite are left out.
 */
void random_effects_pool(const double *effects, const double *variances, size_t n,
                         struct random_effects *ret);

#endif
