/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/decide.h"

#include "stats/ranktest.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

double decide_difference(const struct resample_ratio *ratio) {
    double distance = fabs(log(ratio->ratio));

    if (ratio->log_se == 0)
        return distance > 0 ? 0 : 1;
    return fmin(1, 2 * gsl_cdf_tdist_Q(distance / ratio->log_se, ratio->df));
}

double decide_equivalence(const struct resample_ratio *ratio, double margin) {
    double room = log1p(margin) - fabs(log(ratio->ratio)); /* to the nearer limit: the larger p of the two */

    if (ratio->log_se == 0)
        return room > 0 ? 0 : 1;
    return gsl_cdf_tdist_Q(room / ratio->log_se, ratio->df);
}

/* Variance of the logarithm of the ratio with that many runs and trials a side. */
static double variance_with(const struct resample_estimate *estimate, size_t runs, size_t trials) {
    double within = estimate->within_sd * estimate->within_sd / (double)trials;

    return 2 * (estimate->run_sd * estimate->run_sd + within) / (double)runs;
}

/* The larger of the standard errors with which a difference, or equivalence, would be found. */
static double wanted_se(const struct resample_estimate *estimate, double margin, double alpha) {
    double distance = fabs(log(estimate->trimmed.ratio)), room = log1p(margin) - distance;
    double power = gsl_cdf_ugaussian_Pinv(DECIDE_POWER);
    double differs = distance / (gsl_cdf_ugaussian_Qinv(alpha / 2) + power);

    return fmax(differs, room / (gsl_cdf_ugaussian_Qinv(DECIDE_ALPHA) + power));
}

bool decide_effort(const struct resample_estimate *estimate, double margin, double alpha, size_t n_runs,
                   size_t n_trials, struct decide_effort *ret) {
    double wanted = wanted_se(estimate, margin, alpha), limit = wanted * wanted;

    for (size_t trials = n_trials; trials <= DECIDE_TRIALS_MAX; trials++) {
        if (variance_with(estimate, n_runs, trials) > limit ||
            ranktest_least_p(n_runs * trials, n_runs * trials) > alpha)
            continue;
        *ret = (struct decide_effort){.trials = trials, .runs = n_runs};
        return true;
    }
    for (size_t runs = n_runs + 1; runs <= DECIDE_RUNS_MAX; runs++) {
        if (variance_with(estimate, runs, n_trials) > limit ||
            ranktest_least_p(runs * n_trials, runs * n_trials) > alpha)
            continue;
        *ret = (struct decide_effort){.trials = n_trials, .runs = runs};
        return true;
    }
    return false;
}
