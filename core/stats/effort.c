/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/effort.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>

/* The fewest runs that show a shift between runs at all. */
#define RUNS_MIN 3

static bool decides(double distance, double variance, double df, double alpha) {
    double needed = gsl_cdf_tdist_Qinv(alpha, df) + gsl_cdf_tdist_Pinv(EFFORT_POWER, df);

    return distance > needed * sqrt(variance);
}

size_t effort_runs(const struct effect *effect, size_t runs, double margin, double alpha) {
    double differs = fabs(effect->estimate), equals = margin - differs, now = (double)runs;
    double shift = effect->unknown * fmax(pow(effect->prior.median, 2), effect->floor);
    double variance = effect->variance + shift, df = effect->unknown > 0 ? 1 : effect->df / fmax(1, now - 1);

    if (!isfinite(variance) || !isfinite(effect->estimate))
        return 0;
    for (size_t wanted = runs + 1 > RUNS_MIN ? runs + 1 : RUNS_MIN; wanted <= EFFORT_RUNS_MAX; wanted++) {
        double k = (double)wanted, then = variance * now / k, known = df * (k - 1);

        if (decides(differs, then, known, alpha / 2) || decides(equals, then, known, alpha))
            return wanted;
    }
    return 0;
}
