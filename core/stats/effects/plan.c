/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/effects/plan.h"

#include "stats/effects/balance.h"
#include "stats/runs/autocorrelation.h"
#include "stats/runs/moderation.h"
#include "stats/runs/run_figure.h"
#include "stats/runs/run_noise.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdbool.h>

#define FACTOR_MAX 1e6
#define BISECTIONS 40
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

/* What trials of a run may show: their correlation, normal about what it is on average, and their variance, a
 * chi-squared, each at its quantiles. */
#define SEEN 8
#define SPREADS 6
#define ROWS_MOST 20 /* more of them know hardly more of the noise */

/* The smallest effects that compare decides with one run of each side, all alike likely. */
struct single {
    double smallest[SEEN * SPREADS];
    double sd; /* of the estimate */
};

static double smallest_decided(const struct plan_sides *plan, struct variance noise) {
    struct effect effect = {.variance = noise.value, .df = noise.df, .unknown = 2, .prior = plan->prior};
    double low = 0, high = log(FACTOR_MAX);

    for (int i = 0; i < BISECTIONS; i++) {
        effect.estimate = (low + high) / 2;
        *(effect_p_difference(&effect) <= plan->alpha ? &high : &low) = effect.estimate;
    }
    return high;
}

/* What a row's runs show at shares of what is less, of the correlation and of the variance. */
static struct run_noise show_noise(const struct plan_noise *noise, size_t trials,
                                   const struct autocorrelation *of, double less_seen, double less_spread) {
    double n = (double)trials, sd = (n - 2) / (n * sqrt(n - 1));
    struct run_noise_side side = {.squares = noise->within * noise->within * of->squares *
                                             gsl_cdf_chisq_Pinv(less_spread, 2 * of->df) / (2 * of->df),
                                  .runs = 1,
                                  .trials = n,
                                  .correlations = n * (of->seen + gsl_cdf_gaussian_Pinv(less_seen, sd)),
                                  .moving = n};

    return (struct run_noise){{side, side}};
}

/* What compare takes the noise of the first row's effect for. */
static struct variance learn_noise(const struct run_noise *rows, size_t n) {
    struct variance ret[2 * ROWS_MOST];

    if (run_noise_variances(rows, n, ret) < 0)
        return (struct variance){INFINITY, 1};
    return (struct variance){ret[0].value + ret[1].value, ret[0].df + ret[1].df};
}

static double middle_of(size_t part, size_t parts) {
    return ((double)part + 0.5) / (double)parts;
}

static void find_single(const struct plan_sides *plan, const struct plan_noise *noise, struct single *ret) {
    size_t n = plan->rows < ROWS_MOST ? plan->rows : ROWS_MOST;
    struct run_noise rows[ROWS_MOST];
    struct autocorrelation of;

    ret->sd = sqrt(2 * plan_run_variance(noise, plan->trials));
    autocorrelation_of(noise->correlation, plan->trials, &of);
    for (size_t i = 1; i < n; i++) /* the others show all that there is, the two in no order */
        rows[i] = show_noise(noise, plan->trials, &of, middle_of(i - 1, n - 1),
                             middle_of((i - 1) * 7 % (n - 1), n - 1));
    for (size_t i = 0; i < SEEN * SPREADS; i++) {
        rows[0] = show_noise(noise, plan->trials, &of, middle_of(i / SPREADS, SEEN),
                             middle_of(i % SPREADS, SPREADS));
        ret->smallest[i] = smallest_decided(plan, learn_noise(rows, n));
    }
}

static double power_of_single(const struct single *single, double distance) {
    double sum = 0;

    for (size_t i = 0; i < SEEN * SPREADS; i++) {
        double beyond = distance - single->smallest[i];

        sum += single->sd > 0 ? gsl_cdf_ugaussian_P(beyond / single->sd) : (double)(beyond > 0);
    }
    return sum / (SEEN * SPREADS);
}

/* One trial of a run shows no noise: then nothing is decided. */
static bool is_blind(const struct plan_sides *plan) {
    return plan->runs < 2 && plan->trials < 2;
}

/* `single` is looked at where a side has one run. */
static double power_at(const struct plan_sides *plan, const struct plan_noise *noise,
                       const struct single *single, double distance) {
    double variance;

    if (is_blind(plan))
        return 0;
    if (plan->runs < 2)
        return power_of_single(single, distance);
    variance = 2 * plan_run_variance(noise, plan->trials) / (double)plan->runs;
    if (!(variance > 0))
        return distance > 0;
    return plan_power_t(distance / sqrt(variance), plan_df(plan->runs, plan->rows),
                        EFFECT_GUARD * plan->alpha);
}

double plan_power(const struct plan_sides *plan, const struct plan_noise *noise, double effect) {
    struct single single;

    if (plan->runs < 2 && !is_blind(plan))
        find_single(plan, noise, &single);
    return power_at(plan, noise, &single, fabs(effect));
}

double plan_smallest(const struct plan_sides *plan, const struct plan_noise *noise, double power) {
    double low = 0, high = log(FACTOR_MAX);
    struct single single;

    if (plan->runs < 2 && !is_blind(plan))
        find_single(plan, noise, &single);
    if (power_at(plan, noise, &single, high) < power)
        return INFINITY;
    for (int i = 0; i < BISECTIONS; i++) {
        double middle = (low + high) / 2;

        *(power_at(plan, noise, &single, middle) < power ? &low : &high) = middle;
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
