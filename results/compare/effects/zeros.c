/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures that are 0 or negative have no ratio: counts, losses, signed delays. */
#include "compare/effects/ratios.h"

#include "base/cleanup.h"

#include <math.h>

/* Trials of a run count as a third of their number: they depend on their predecessors. */
#define TRIALS_WORTH 3.0
#define SINGLE_TRIALS_MIN 3

/* What the trials of a side look like. */
struct side_signs {
    double trials;
    bool all_zero, all_positive, none_negative;
};

static struct side_signs signs_of(const struct series *series) {
    struct side_signs signs = {.all_zero = true, .all_positive = true, .none_negative = true};

    for (size_t i = 0; i < series->n_runs; i++) {
        const struct series_run *run = &series->runs[i];

        signs.trials += (double)run->figure.n;
        signs.all_zero &= run->least == 0 && run->most == 0;
        signs.all_positive &= run->least > 0;
        signs.none_negative &= run->least >= 0;
    }
    return signs;
}

/*
 * One side has nothing but zeros, the other none at all. Whatever chance it is that a trial is above 0, the
 * probability of both is at most z^z m^m / (z + m)^(z + m) for z zeros and m others that are independent.
 */
static double p_of_separation(const struct side_signs signs[2], double worth) {
    double z = signs[0].trials / worth, m = signs[1].trials / worth;

    return fmin(1, 2 * exp(z * log(z) + m * log(m) - (z + m) * log(z + m)));
}

static bool is_separated(const struct side_signs *a, const struct side_signs *b) {
    return (a->all_zero && b->all_positive) || (a->all_positive && b->all_zero);
}

/* A rate that was never 0 and falls to 0 in every trial is beyond any shift between runs; a loss that rises
 * from 0 may be the doing of one run's neighbours, so that it takes more runs. */
static bool decides_alone(const struct compare_row *row, const struct side_signs signs[2]) {
    return !compare_is_lower_better(row) && signs[0].all_positive && signs[1].all_zero &&
           signs[0].trials >= SINGLE_TRIALS_MIN && signs[1].trials >= SINGLE_TRIALS_MIN;
}

static void set_losses(struct compare_row *row, const struct side_signs signs[2]) {
    struct compare_finding *finding = &row->finding;
    double baseline = row->figures[0].value, bound = compare_is_lower_better(row) ? -1 : 1;
    bool has_loss = baseline > 0 && signs[0].none_negative && signs[1].none_negative;

    finding->loss = has_loss ? finding->effect.estimate / baseline : (double)NAN;
    for (size_t i = 0; i < 2; i++) {
        double end = finding->loss_ci95[i] / baseline;

        /* The other side's figure is not below 0. */
        finding->loss_ci95[i] = !has_loss ? (double)NAN : bound < 0 ? fmax(end, bound) : fmin(end, bound);
    }
    finding->loss_of_cost = bound < 0;
    finding->cost = bound < 0 ? 1 + finding->loss : finding->loss < 1 ? 1 / (1 - finding->loss) : (double)NAN;
    finding->cost_ci95[0] = finding->cost_ci95[1] = NAN;
}

/* Of each run; NaN where it has none. */
static double *new_figures(size_t n) {
    double *figures = calloc(n + 1, sizeof(*figures));

    for (size_t i = 0; figures && i < n; i++)
        figures[i] = NAN;
    return figures;
}

void compare_measure_difference(const struct ratios *ratios, struct compare_row *row,
                                const struct row_series *pair) {
    struct compare_finding *finding = &row->finding;
    struct side_signs signs[] = {signs_of(pair->sides[0]), signs_of(pair->sides[1])};
    cleanup_free double *baseline = new_figures(ratios->n_runs[0]);
    cleanup_free double *other = new_figures(ratios->n_runs[1]);
    double sign = compare_is_lower_better(row) ? 1 : -1, *runs[] = {baseline, other};
    struct effect_row effect_row = {.runs = {baseline, other}};
    struct effect_table table = {&effect_row, 1, {ratios->n_runs[0], ratios->n_runs[1]}, ratios->rounds};

    finding->scale = COMPARE_DIFFERENCE;
    finding->effect = (struct effect){.estimate = NAN, .variance = NAN, .df = 1};
    if (!baseline || !other)
        return;
    for (size_t side = 0; side < 2; side++) {
        row->figures[side].value = 0;
        for (size_t i = 0; i < pair->sides[side]->n_runs; i++) {
            const struct series_run *run = &pair->sides[side]->runs[i];

            runs[side][side == 1 ? ratios->places[run->run] : run->run] = sign * run->figure.mean;
            row->figures[side].value += run->figure.mean / (double)pair->sides[side]->n_runs;
        }
    }
    if (table_effects(&table, &finding->effect) < 0)
        return;
    finding->loss_ci95[0] = finding->loss_ci95[1] = NAN;
    finding->p = NAN;
    if (finding->effect.unknown == 0) {
        effect_interval(&finding->effect, 0.95, finding->loss_ci95);
        finding->p = effect_p_difference(&finding->effect);
    }
    if (decides_alone(row, signs))
        finding->p = p_of_separation(signs, 1);
    else if (finding->runs[0] > 1 && finding->runs[1] > 1 && is_separated(&signs[0], &signs[1]))
        finding->p = fmin(finding->p, p_of_separation(signs, TRIALS_WORTH)); /* fmin passes over NaN */
    set_losses(row, signs);
}
