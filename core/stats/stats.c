/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/stats.h"

#include "base/cleanup.h"
#include "stats/sort.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RESAMPLES 2000
#define LEVEL 0.95
#define LOWER_TAIL ((1 - LEVEL) / 2)
#define UPPER_TAIL ((1 + LEVEL) / 2)

const double stats_quantiles[STATS_QUANTILES] = {0, 0.5, 0.9, 0.99, 0.999, 0.9999, 1};

static double quantile(const double *sorted, size_t n, double q) {
    return gsl_stats_quantile_from_sorted_data(sorted, 1, n, q);
}

static void summarise_mean(const double *values, size_t n, struct stats_summary *ret) {
    double half_width;

    ret->mean = gsl_stats_mean(values, 1, n);
    if (n < 2)
        return;
    ret->sd = gsl_stats_sd_m(values, 1, n, ret->mean);
    if (ret->mean != 0)
        ret->cv = ret->sd / fabs(ret->mean);
    half_width = gsl_cdf_tdist_Pinv(UPPER_TAIL, (double)(n - 1)) * ret->sd / sqrt((double)n);
    ret->ci95_mean[0] = ret->mean - half_width;
    ret->ci95_mean[1] = ret->mean + half_width;
}

static void summarise_order(const double *sorted, size_t n, struct stats_summary *ret) {
    double fence;

    ret->min = sorted[0];
    ret->q1 = quantile(sorted, n, 0.25);
    ret->median = quantile(sorted, n, 0.5);
    ret->q3 = quantile(sorted, n, 0.75);
    ret->max = sorted[n - 1];
    fence = 1.5 * (ret->q3 - ret->q1);
    for (size_t i = 0; i < n; i++)
        ret->outliers += sorted[i] < ret->q1 - fence || sorted[i] > ret->q3 + fence;
}

/* Percentile bootstrap (Efron 1979). `sorted` is only drawn from. */
static void bootstrap_median(double *sorted, size_t n, uint64_t seed, double ret_interval[2]) {
    cleanup_free double *draw = malloc(n * sizeof(*draw));
    double medians[RESAMPLES];
    gsl_rng *random;

    if (!draw)
        return;
    random = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(random, (unsigned long)((seed ^ seed >> 32) & 0xffffffff)); /* it takes 32 bits */
    for (size_t i = 0; i < RESAMPLES; i++) {
        gsl_ran_sample(random, draw, n, sorted, n, sizeof(*draw));
        medians[i] = gsl_stats_median(draw, 1, n);
    }
    gsl_rng_free(random);
    sort_numbers(medians, RESAMPLES);
    ret_interval[0] = quantile(medians, RESAMPLES, LOWER_TAIL);
    ret_interval[1] = quantile(medians, RESAMPLES, UPPER_TAIL);
}

/* All but the interval of the median. Returns the values sorted, owned; NULL without any, or without
 * memory. */
static double *describe(const double *values, size_t n, struct stats_summary *ret) {
    double *sorted = n > 0 ? malloc(n * sizeof(*sorted)) : NULL;

    *ret = (struct stats_summary){.n = n,
                                  .mean = NAN,
                                  .sd = NAN,
                                  .cv = NAN,
                                  .min = NAN,
                                  .q1 = NAN,
                                  .median = NAN,
                                  .q3 = NAN,
                                  .max = NAN,
                                  .ci95_mean = {NAN, NAN},
                                  .ci95_median = {NAN, NAN}};
    if (n == 0)
        return NULL;
    summarise_mean(values, n, ret);
    if (!sorted)
        return NULL;
    memcpy(sorted, values, n * sizeof(*sorted));
    sort_numbers(sorted, n);
    summarise_order(sorted, n, ret);
    if (ret->min >= 0) /* nor is the mean of what is not negative */
        ret->ci95_mean[0] = isnan(ret->ci95_mean[0]) ? ret->ci95_mean[0] : fmax(0, ret->ci95_mean[0]);
    return sorted;
}

void stats_describe(const double *values, size_t n, struct stats_summary *ret) {
    free(describe(values, n, ret));
}

void stats_summarise(const double *values, size_t n, uint64_t seed, struct stats_summary *ret) {
    cleanup_free double *sorted = describe(values, n, ret);

    if (sorted && n > 1)
        bootstrap_median(sorted, n, seed, ret->ci95_median);
}

void stats_distribute(double *values, size_t n, struct stats_distribution *ret) {
    *ret = (struct stats_distribution){.n = n, .mean = NAN, .sd = NAN};
    for (size_t i = 0; i < STATS_QUANTILES; i++)
        ret->quantiles[i] = NAN;
    if (n == 0)
        return;
    sort_numbers(values, n);
    ret->mean = gsl_stats_mean(values, 1, n);
    if (n > 1)
        ret->sd = gsl_stats_sd_m(values, 1, n, ret->mean);
    for (size_t i = 0; i < STATS_QUANTILES; i++) {
        ret->quantiles[i] = quantile(values, n, stats_quantiles[i]);
        /* Interpolating between equal values may lose the last digit. */
        if (i > 0)
            ret->quantiles[i] = fmax(ret->quantiles[i], ret->quantiles[i - 1]);
    }
}
