/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/plan.h"

#include "stats/balance.h"
#include "stats/moderation.h"
#include "stats/run_figure.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdbool.h>

#define FACTOR_MAX 1e6
#define SHARED 0.25 /* of the rows' shifts, as planned: what they share counts once */
#define STEPS 400   /* of an integral over the estimated standard deviation */
#define TAIL 1e-9   /* of it that is left out */

double plan_run_variance(const struct plan_noise *noise, size_t trials) {
    double inflation = (1 + noise->correlation) / (1 - noise->correlation);
    double of_mean = noise->within * noise->within * inflation / (double)trials;

    return noise->between * noise->between + (trials > 1 / RUN_TRIM ? RUN_TRIM_VARIANCE : 1) * of_mean;
}

double plan_df(size_t runs, size_t rows) {
    struct balance_side sides[] = {{(double)runs, 1}, {(double)runs, 1}};
    double n = (double)rows, worth = n / (1 + (n - 1) * SHARED), capped;
    double own = balance_effective(sides, worth, &capped);
    struct variance learned = moderation_expect((struct variance){1, 2 * (double)(runs - 1)}, rows);

    return fmin(learned.df + own, worth * capped);
}

/* The estimated standard deviation over the true one, s, has the density of chi over its degrees of freedom:
 * the power is the mean over s of the probability that a normal figure is beyond critical * s. */
double plan_power_t(double distance, double df, double alpha) {
    double critical = gsl_cdf_tdist_Qinv(alpha / 2, df), sum = 0, weights = 0;
    double low = sqrt(gsl_cdf_chisq_Pinv(TAIL, df) / df), high = sqrt(gsl_cdf_chisq_Qinv(TAIL, df) / df);

    for (size_t i = 0; i < STEPS; i++) {
        double s = low + (high - low) * ((double)i + 0.5) / STEPS;
        double weight = s * gsl_ran_chisq_pdf(s * s * df, df);

        weights += weight;
        sum += weight * gsl_cdf_ugaussian_P(distance - critical * s);
    }
    return sum / weights;
}

/* One run of each side: what compare decides depends on its prior, how often that is reached on the noise. */
static double power_of_single(const struct plan_sides *plan, const struct plan_noise *noise,
                              double distance) {
    double variance = 2 * plan_run_variance(noise, plan->trials), low = 0, high = log(FACTOR_MAX);
    double within = variance - 2 * noise->between * noise->between;
    struct effect effect = {.variance = within, .df = 1e3, .unknown = 2, .prior = plan->prior};

    for (int i = 0; i < 40; i++) {
        effect.estimate = (low + high) / 2;
        *(effect_p_difference(&effect) > plan->alpha ? &low : &high) = effect.estimate;
    }
    return variance > 0 ? gsl_cdf_ugaussian_P((distance - high) / sqrt(variance)) : distance > high;
}

double plan_power(const struct plan_sides *plan, const struct plan_noise *noise, double effect) {
    double variance, distance = fabs(effect);

    if (plan->runs < 2)
        return power_of_single(plan, noise, distance);
    variance = 2 * plan_run_variance(noise, plan->trials) / (double)plan->runs;
    if (!(variance > 0))
        return distance > 0;
    return plan_power_t(distance / sqrt(variance), plan_df(plan->runs, plan->rows),
                        EFFECT_GUARD * plan->alpha);
}

double plan_smallest(const struct plan_sides *plan, const struct plan_noise *noise, double power) {
    double low = 0, high = log(FACTOR_MAX);

    if (plan_power(plan, noise, high) < power)
        return INFINITY;
    for (int i = 0; i < 40; i++) {
        double middle = (low + high) / 2;

        *(plan_power(plan, noise, middle) < power ? &low : &high) = middle;
    }
    return high;
}

size_t plan_runs(const struct plan_sides *plan, const struct plan_noise *noise, double effect, double power,
                 size_t least, size_t most) {
    struct plan_sides tried = *plan;

    for (tried.runs = least; tried.runs <= most; tried.runs++)
        if (plan_power(&tried, noise, effect) >= power)
            return tried.runs;
    return 0;
}

size_t plan_best_trials(const struct plan_noise *noise, double run_cost, double trial_cost, size_t most) {
    double of_trial = plan_run_variance(noise, 1) - noise->between * noise->between;
    double best = sqrt(run_cost / trial_cost * of_trial) / noise->between;

    return !(best < (double)most) ? most : best < 1 ? 1 : (size_t)lround(best);
}
