/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/effects/effort.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>

/* The fewest runs that show a shift between runs at all. */
#define RUNS_MIN 3

/* What is claimed of an effect, and what it rests on: one run of each has `variance`, and `known` of its
 * degrees of freedom. */
struct claim {
    double differs, equals; /* how far the estimate is from either limit */
    double variance, known, alpha;
};

static bool decides(double distance, double variance, double df, double alpha) {
    return distance > 0 &&
           distance > (gsl_cdf_tdist_Qinv(alpha, df) + gsl_cdf_tdist_Pinv(EFFORT_POWER, df)) * sqrt(variance);
}

static bool is_decided(const struct claim *claim, size_t runs) {
    double k = (double)runs, variance = claim->variance / k, df = claim->known * (k - 1);

    return decides(claim->differs, variance, df, claim->alpha / 2) ||
           decides(claim->equals, variance, df, claim->alpha);
}

size_t effort_runs(const struct effect *effect, size_t runs, double margin, double alpha) {
    double differs = fabs(effect->estimate), now = (double)runs;
    double shift = effect->unknown * fmax(pow(effect->prior.median, 2), effect->floor);
    const struct claim claim = {differs, margin - differs, (effect->variance + shift) * now,
                                effect->unknown > 0 ? 1 : effect->df / fmax(1, now - 1), alpha};
    size_t least = runs + 1 > RUNS_MIN ? runs + 1 : RUNS_MIN, most = EFFORT_RUNS_MAX;

    if (!isfinite(claim.variance) || !isfinite(effect->estimate) || least > most || !is_decided(&claim, most))
        return 0;
    while (least < most) { /* what some runs decide, more runs decide */
        size_t middle = least + (most - least) / 2;

        if (is_decided(&claim, middle))
            most = middle;
        else
            least = middle + 1;
    }
    return most;
}
