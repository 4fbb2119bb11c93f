/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/runs/autocorrelation.h"

#include "base/cleanup.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* With more trials, what the correlation seen is below the true one shrinks in proportion, and each further
 * one brings as many degrees of freedom as in a process without end. */
#define TRIALS_MAX 40

/* Variance of the mean of n trials. */
static double mean_variance(double r, double n) {
    return ((1 + r) / (1 - r) - 2 * r * (1 - pow(r, n)) / (n * pow(1 - r, 2))) / n;
}

/* Covariances of the deviations of n trials from their mean. */
static void fill(double r, size_t n, double ret[TRIALS_MAX][TRIALS_MAX]) {
    double powers[TRIALS_MAX] = {1}, means[TRIALS_MAX] = {0}, mean = 0;

    for (size_t i = 1; i < n; i++)
        powers[i] = powers[i - 1] * r;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            means[i] += powers[i > j ? i - j : j - i] / (double)n;
        mean += means[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            ret[i][j] = powers[i > j ? i - j : j - i] - means[i] - means[j] + mean;
}

/* The ratio of two quadratic forms, to the second order. */
static double expect_ratio(double products, double squares, double both, double spread) {
    return products / squares * (1 + 2 * spread / (squares * squares)) - 2 * both / (squares * squares);
}

void autocorrelation_of(double r, size_t n, struct autocorrelation *ret) {
    double covariances[TRIALS_MAX][TRIALS_MAX], products = 0, squares = 0, spread = 0, both = 0;
    size_t few = n < TRIALS_MAX ? n : TRIALS_MAX;

    fill(r, few, covariances);
    for (size_t i = 0; i < few; i++) {
        squares += covariances[i][i];
        products += i > 0 ? covariances[i][i - 1] : 0;
        for (size_t j = 0; j < few; j++) {
            spread += covariances[i][j] * covariances[i][j];
            both += i > 0 ? covariances[i][j] * covariances[j][i - 1] : 0;
        }
    }
    ret->seen = r + (expect_ratio(products, squares, both, spread) - r) * (double)few / (double)n;
    ret->mean = mean_variance(r, (double)n);
    ret->squares = (double)n * (1 - ret->mean);
    ret->df = squares * squares / spread + (double)(n - few) * (1 - r * r) / (1 + r * r);
}

/* How many rows the assumption that all correlations are equally likely counts as. */
#define PRIOR_ROWS 1.0
#define ROUNDS 50
#define QUANTILE 0.84

/* How likely what a side shows is: the logarithm. The variance is that of independent trials (Moran 1948),
 * which is larger than with correlated ones. */
static double log_likelihood(const struct autocorrelation_seen *seen, size_t step) {
    double n = (double)seen->n, off;

    if (!(seen->runs > 0) || n < 3)
        return 0;
    off = (seen->correlation - seen->expected[step].seen) * n / (n - 2);
    return -off * off * (n - 1) * seen->runs / 2;
}

/* Of a row with these sides, where that of the likeliest correlation counts as 1: of thousands of trials all
 * of them could round to 0. */
static void find_likelihoods(const struct autocorrelation_seen sides[2], double *ret) {
    double most = -INFINITY;

    for (size_t step = 0; step < AUTOCORRELATION_STEPS; step++) {
        ret[step] = log_likelihood(&sides[0], step) + log_likelihood(&sides[1], step);
        most = fmax(most, ret[step]);
    }
    for (size_t step = 0; step < AUTOCORRELATION_STEPS; step++)
        ret[step] = exp(ret[step] - most);
}

/* The row's share of each correlation, where `prior` is what the rows have in common. */
static void weigh(const double *likelihoods, const double *prior, double ret[AUTOCORRELATION_STEPS]) {
    double sum = 0;

    for (size_t i = 0; i < AUTOCORRELATION_STEPS; i++)
        sum += ret[i] = prior[i] * likelihoods[i];
    for (size_t i = 0; i < AUTOCORRELATION_STEPS; i++)
        ret[i] /= sum;
}

/* What `n` rows have in common, of whose shares `sums` are the sums; `left_out` (NULL: none) is not among
 * them. */
static void unite(const double *sums, double n, const double *left_out, double ret[AUTOCORRELATION_STEPS]) {
    for (size_t i = 0; i < AUTOCORRELATION_STEPS; i++)
        ret[i] = (PRIOR_ROWS / AUTOCORRELATION_STEPS + sums[i] - (left_out ? left_out[i] : 0)) /
                 (PRIOR_ROWS + n - (left_out ? 1 : 0));
}

/* By expectation and maximization. */
static void learn_shares(const double *likelihoods, size_t n_rows, double *ret_shares,
                         double ret_sums[AUTOCORRELATION_STEPS]) {
    double prior[AUTOCORRELATION_STEPS];

    memset(ret_sums, 0, AUTOCORRELATION_STEPS * sizeof(*ret_sums));
    unite(ret_sums, 0, NULL, prior);
    for (size_t round = 0; round < ROUNDS; round++) {
        memset(ret_sums, 0, AUTOCORRELATION_STEPS * sizeof(*ret_sums));
        for (size_t i = 0; i < n_rows; i++) {
            double *row = ret_shares + i * AUTOCORRELATION_STEPS;

            weigh(likelihoods + i * AUTOCORRELATION_STEPS, prior, row);
            for (size_t step = 0; step < AUTOCORRELATION_STEPS; step++)
                ret_sums[step] += row[step];
        }
        unite(ret_sums, (double)n_rows, NULL, prior);
    }
}

static size_t quantile(const double shares[AUTOCORRELATION_STEPS]) {
    double sum = 0;
    size_t step = 0;

    while (step + 1 < AUTOCORRELATION_STEPS && (sum += shares[step]) < QUANTILE)
        step++;
    return step;
}

int autocorrelation_learn(const struct autocorrelation_seen *seen, size_t n_rows, size_t *ret_steps) {
    cleanup_free double *likelihoods = calloc(n_rows * AUTOCORRELATION_STEPS + 1, sizeof(*likelihoods));
    cleanup_free double *shares = calloc(n_rows * AUTOCORRELATION_STEPS + 1, sizeof(*shares));
    double sums[AUTOCORRELATION_STEPS], prior[AUTOCORRELATION_STEPS], row[AUTOCORRELATION_STEPS];

    if (!likelihoods || !shares)
        return -ENOMEM;
    for (size_t i = 0; i < n_rows; i++)
        find_likelihoods(&seen[2 * i], likelihoods + i * AUTOCORRELATION_STEPS);
    learn_shares(likelihoods, n_rows, shares, sums);
    for (size_t i = 0; i < n_rows; i++) {
        unite(sums, (double)n_rows, shares + i * AUTOCORRELATION_STEPS, prior);
        weigh(likelihoods + i * AUTOCORRELATION_STEPS, prior, row);
        ret_steps[i] = quantile(row);
    }
    return 0;
}
