/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Summaries of samples. Distributions, quantiles and resampling are GSL's. */
#ifndef VMSUITE_CORE_STATS_STATS_H
#define VMSUITE_CORE_STATS_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A summary of n samples. Figures that n samples cannot give (sd of one) are NaN; records write null. */
struct stats_summary {
    size_t n;
    double mean, sd, cv;             /* sd with n-1; cv = sd / |mean| */
    double min, q1, median, q3, max; /* quantiles by linear interpolation (R type 7) */
    double ci95_mean[2];             /* Student t; not below 0 where no value is */
    double ci95_median[2];           /* percentile bootstrap, 2,000 resamples, seeded */
    size_t outliers;                 /* beyond Tukey's fences at 1.5 interquartile ranges; never dropped */
};

/* Summarises `values` (n of them, finite, any order, left as they are). n = 0 gives n and NaN. */
void stats_summarise(const double *values, size_t n, uint64_t seed, struct stats_summary *ret);

/* The same without `ci95_median` (NaN), which takes a thousand times as long as all others. */
void stats_describe(const double *values, size_t n, struct stats_summary *ret);

/* The quantiles that a distribution is kept as. */
#define STATS_QUANTILES 7
extern const double stats_quantiles[STATS_QUANTILES]; /* 0, 0.5, 0.9, 0.99, 0.999, 0.9999, 1 */

/* A distribution's stand-in: count, mean, sd and the quantiles above (R type 7). Sorts `values`. */
struct stats_distribution {
    uint64_t n;
    double mean, sd;
    double quantiles[STATS_QUANTILES];
};
void stats_distribute(double *values, size_t n, struct stats_distribution *ret);

#endif
