/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/effects/random_effects.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#define STEPS_MAX 200
#define PRECISION 1e-12
#define CONFIDENCE 0.975 /* of one end */

void random_effects_within(const double *squares, const double *df, const double *shares, size_t n,
                           double *ret_variances) {
    double all = 0, all_df = 0;

    for (size_t i = 0; i < n; i++)
        if (df[i] > 0) {
            all += squares[i];
            all_df += df[i];
        }
    for (size_t i = 0; i < n; i++)
        ret_variances[i] = all_df > 0 ? all / all_df * shares[i] : (double)NAN;
}

/* What is pooled, and the ends of what its variances are. */
struct sample {
    const double *effects, *variances;
    size_t n;
    double least, most; /* of the known variances above 0; 0: there are none */
};

struct weighted {
    double mean, weights, squares; /* the squares are weighted */
};

static struct sample sample_of(const double *effects, const double *variances, size_t n) {
    struct sample sample = {effects, variances, n, INFINITY, 0};

    for (size_t i = 0; i < n; i++)
        if (isfinite(effects[i]) && isfinite(variances[i]) && variances[i] > 0) {
            sample.least = fmin(sample.least, variances[i]);
            sample.most = fmax(sample.most, variances[i]);
        }
    if (!isfinite(sample.least))
        sample.least = 0;
    return sample;
}

static double variance_at(const struct sample *sample, size_t i) {
    double variance = sample->variances[i];

    return isfinite(variance) && variance >= 0 ? variance : sample->most;
}

/* What is known exactly weighs as the best known of the others, where nothing else sets a limit to its
 * weight; where all is known exactly, all weighs the same. */
static double weight_of(const struct sample *sample, size_t i, double between) {
    double variance = variance_at(sample, i) + between;

    if (variance > 0)
        return 1 / variance;
    return sample->least > 0 ? 1 / sample->least : 1;
}

static struct weighted weigh(const struct sample *sample, double between) {
    struct weighted result = {0};
    double sum = 0;

    for (size_t i = 0; i < sample->n; i++)
        if (isfinite(sample->effects[i])) {
            double weight = weight_of(sample, i, between);

            result.weights += weight;
            sum += weight * sample->effects[i];
        }
    result.mean = sum / result.weights;
    for (size_t i = 0; i < sample->n; i++)
        if (isfinite(sample->effects[i])) {
            double deviation = sample->effects[i] - result.mean;

            result.squares += weight_of(sample, i, between) * deviation * deviation;
        }
    return result;
}

/* The effects' own variance, with equal weights. */
static double plain_variance(const struct sample *sample, size_t count) {
    double mean = 0, squares = 0;

    for (size_t i = 0; i < sample->n; i++)
        if (isfinite(sample->effects[i]))
            mean += sample->effects[i] / (double)count;
    for (size_t i = 0; i < sample->n; i++)
        if (isfinite(sample->effects[i]))
            squares += (sample->effects[i] - mean) * (sample->effects[i] - mean);
    return squares / ((double)count - 1);
}

/* By halving: the weighted sum of squares falls with the variance between hosts, and is at most n - 1 where
 * that is the effects' own variance. */
static double find_between(const struct sample *sample, size_t count) {
    double low = 0, high = plain_variance(sample, count);

    if (sample->most == 0)
        return high;
    if (weigh(sample, 0).squares <= (double)count - 1)
        return 0;
    for (int step = 0; step < STEPS_MAX && high - low > PRECISION * high; step++) {
        double middle = (low + high) / 2;

        if (weigh(sample, middle).squares > (double)count - 1)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

/* The mean variance that effects are known by. */
static double mean_within(const struct sample *sample, size_t count) {
    double within = 0;

    for (size_t i = 0; i < sample->n; i++)
        if (isfinite(sample->effects[i]))
            within += variance_at(sample, i) / (double)count;
    return within;
}

void random_effects_pool(const double *effects, const double *variances, size_t n,
                         struct random_effects *ret) {
    struct sample sample = sample_of(effects, variances, n);
    struct weighted result;
    double between, all, half;
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += isfinite(effects[i]);
    *ret = (struct random_effects){
        .n = count, .mean = NAN, .variance = NAN, .ci95 = {NAN, NAN}, .between = NAN, .between_part = NAN};
    if (count == 0)
        return;
    between = count > 1 ? find_between(&sample, count) : 0;
    result = weigh(&sample, between);
    ret->mean = result.mean;
    if (count == 1)
        return;
    all = between + mean_within(&sample, count);
    ret->between = sqrt(between);
    ret->between_part = all > 0 ? between / all : 0;
    ret->variance = result.squares / ((double)count - 1) / result.weights;
    half = gsl_cdf_tdist_Pinv(CONFIDENCE, (double)count - 1) * sqrt(ret->variance);
    ret->ci95[0] = ret->mean - half;
    ret->ci95[1] = ret->mean + half;
}
