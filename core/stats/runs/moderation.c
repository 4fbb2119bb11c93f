/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/runs/moderation.h"

#include <gsl/gsl_sf_psi.h>
#include <math.h>

#define SPREAD_MIN 1e-3 /* of the true variances' logarithms: keeps df finite */

double moderation_trigamma_inverse(double y) {
    double x = 0.5 + 1 / y;

    for (int i = 0; i < 50; i++) {
        double at = gsl_sf_psi_1(x), step = at * (1 - at / y) / gsl_sf_psi_n(2, x);

        x += step;
        if (fabs(step) < 1e-9 * x)
            break;
    }
    return x;
}

/* The logarithm of a variance, less what chance adds to it on average. */
static double unbiased_log(struct variance variance) {
    double half = variance.df / 2;

    return log(variance.value) - gsl_sf_psi(half) + log(half);
}

/* Sums over the variances that take part. */
struct sums {
    double n, mean, squares; /* of the logarithms: number, mean, squared deviations (Welford 1962) */
    double trigamma, fourth; /* what chance makes of their variance, and of its variance */
    double variance;         /* plain sum of the variances */
};

static struct sums sum_up(const struct variance *variances, size_t n) {
    struct sums sums = {0};

    for (size_t i = 0; i < n; i++) {
        double value, delta;

        if (!(variances[i].value > 0) || !(variances[i].df > 0))
            continue;
        value = unbiased_log(variances[i]);
        delta = value - sums.mean;
        sums.n++;
        sums.mean += delta / sums.n;
        sums.squares += delta * (value - sums.mean);
        sums.trigamma += gsl_sf_psi_1(variances[i].df / 2);
        sums.fourth += gsl_sf_psi_n(3, variances[i].df / 2);
        sums.variance += variances[i].value;
    }
    return sums;
}

/* The prior degrees of freedom, from how far the logarithms are spread beyond chance. */
static double prior_df(const struct sums *sums, double seen) {
    double chance = sums->trigamma / sums->n;
    double error = sqrt(2 * pow(fmax(seen, chance), 2) / (sums->n - 1) + sums->fourth / sums->n / sums->n);

    return 2 * moderation_trigamma_inverse(fmax(fmax(seen - chance, 0) + error, SPREAD_MIN));
}

struct variance moderation_learn(const struct variance *variances, size_t n) {
    struct sums sums = sum_up(variances, n);
    double df, half, value, least;

    if (sums.n < MODERATION_ROWS_MIN)
        return (struct variance){0};
    df = prior_df(&sums, sums.squares / (sums.n - 1));
    half = df / 2;
    value = exp(sums.mean + gsl_sf_psi(half) - log(half));
    least = sums.variance / sums.n * half / (half + 1);
    return (struct variance){.value = fmax(value, least), .df = df};
}

struct variance moderation_expect(struct variance variance, size_t n) {
    double count = (double)n;
    struct sums sums = {.n = count,
                        .trigamma = count * gsl_sf_psi_1(variance.df / 2),
                        .fourth = count * gsl_sf_psi_n(3, variance.df / 2)};

    if (n < MODERATION_ROWS_MIN)
        return (struct variance){0};
    return (struct variance){variance.value, prior_df(&sums, sums.trigamma / count)};
}

struct variance moderation_apply(struct variance learned, struct variance own) {
    double df = learned.df + own.df;

    if (!(learned.df > 0))
        return own;
    return (struct variance){(learned.df * learned.value + own.df * own.value) / df, df};
}
