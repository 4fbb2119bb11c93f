/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the figures of runs to the effects of rows and resources. */
#include "compare/effects/effects.h"

#include "base/cleanup.h"
#include "compare/collect/rounds.h"
#include "compare/effects/learned.h"
#include "stats/runs/run_noise.h"

#include <math.h>
#include <string.h>

/* How far whole runs may be off where one run does not show it. Measured on two-core guests of a shared host,
 * 20 cases, 12 and 9 runs (tests/benchmark/simulate_verdicts.c): medians of 2 to 3% in CPU and memory, of
 * more in disk and network, whose shifts are not often within a third of that. */
static const struct {
    const char *resource;
    struct shift_prior prior;
} priors[] = {{"cpu", {0.02, 1}}, {"memory", {0.02, 1}}, {"network", {0.03, 0.85}}, {"disk", {0.03, 0.85}}};

struct shift_prior compare_prior(const char *resource) {
    for (size_t i = 0; i < VMS_LENGTH(priors); i++)
        if (strcmp(priors[i].resource, resource) == 0)
            return priors[i].prior;
    return priors[0].prior;
}

struct shift_prior ratios_prior(const struct comparison *comparison, const char *resource) {
    struct shift_prior prior = compare_prior(resource);

    if (!isnan(comparison->options.run_shift))
        prior.median = comparison->options.run_shift;
    return prior;
}

static void ratios_done(struct ratios *ratios) {
    free(ratios->places);
    free(ratios->rows);
    free(ratios->figures);
    free(ratios->noise);
    free(ratios->effect_rows);
    free(ratios->effects);
}

static int ratios_init(struct ratios *ratios, struct comparison *comparison, size_t other, bool tested) {
    size_t n = comparison->n_rows + 1, runs;

    *ratios = (struct ratios){.comparison = comparison,
                              .other = other,
                              .tested = tested,
                              .n_runs = {comparison->sides[0].n_runs, comparison->sides[other].n_runs}};
    runs = ratios->n_runs[0] + ratios->n_runs[1];
    ratios->places = calloc(ratios->n_runs[1] + 1, sizeof(*ratios->places));
    ratios->rows = calloc(n, sizeof(*ratios->rows));
    ratios->figures = calloc(n * runs, sizeof(*ratios->figures));
    ratios->noise = calloc(2 * n, sizeof(*ratios->noise));
    ratios->effect_rows = calloc(n, sizeof(*ratios->effect_rows));
    ratios->effects = calloc(n, sizeof(*ratios->effects));
    if (!ratios->places || !ratios->rows || !ratios->figures || !ratios->noise || !ratios->effect_rows ||
        !ratios->effects)
        return -ENOMEM;
    ratios->rounds = rounds_match(comparison, other, ratios->places);
    comparison->sides[other].paired = ratios->rounds > 0;
    return 0;
}

static double *figures_of(const struct ratios *ratios, size_t index, size_t side) {
    return ratios->figures + index * (ratios->n_runs[0] + ratios->n_runs[1]) +
           (side == 0 ? 0 : ratios->n_runs[0]);
}

static bool has_ratio(const struct row_series *pair) {
    for (size_t side = 0; side < 2; side++)
        for (size_t i = 0; i < pair->sides[side]->n_runs; i++)
            if (!isfinite(pair->sides[side]->runs[i].figure.log))
                return false;
    return true;
}

static bool is_identical(const struct row_series *pair) {
    double first = pair->sides[0]->runs[0].least;

    for (size_t side = 0; side < 2; side++)
        for (size_t i = 0; i < pair->sides[side]->n_runs; i++)
            if (pair->sides[side]->runs[i].least != first || pair->sides[side]->runs[i].most != first)
                return false;
    return true;
}

/* Takes a row's figures into the table. */
static void add_row(struct ratios *ratios, size_t row_index, const struct row_series *pair,
                    struct run_noise *noise) {
    struct compare_row *row = &ratios->comparison->rows[row_index];
    double sign = compare_is_lower_better(row) ? 1 : -1;

    ratios->rows[ratios->n_rows] = row_index;
    for (size_t side = 0; side < 2; side++) {
        double *figures = figures_of(ratios, ratios->n_rows, side), sum = 0;
        const struct series *series = pair->sides[side];

        for (size_t i = 0; i < ratios->n_runs[side]; i++)
            figures[i] = NAN;
        for (size_t i = 0; i < series->n_runs; i++) {
            size_t run = series->runs[i].run;

            figures[side == 1 ? ratios->places[run] : run] = sign * series->runs[i].figure.log;
            sum += series->runs[i].figure.log;
            run_noise_add(noise, side, &series->runs[i].figure);
        }
        row->figures[side].value = exp(sum / (double)series->n_runs);
        ratios->effect_rows[ratios->n_rows].runs[side] = figures;
    }
    ratios->effect_rows[ratios->n_rows].prior = ratios_prior(ratios->comparison, compare_resource(row));
    ratios->n_rows++;
}

static void set_identical(struct compare_row *row, const struct row_series *pair) {
    row->finding.scale = COMPARE_IDENTICAL;
    row->finding.effect = (struct effect){.df = 1};
    row->finding.loss = row->finding.loss_ci95[0] = row->finding.loss_ci95[1] = 0;
    row->finding.cost = row->finding.cost_ci95[0] = row->finding.cost_ci95[1] = 1;
    row->finding.p = 1;
    row->figures[0].value = row->figures[1].value = pair->sides[0]->runs[0].least;
}

void compare_set_loss(struct compare_finding *finding, bool lower) {
    double interval[2];

    effect_interval(&finding->effect, 0.95, interval);
    finding->loss_of_cost = lower;
    finding->cost = exp(finding->effect.estimate);
    finding->loss = lower ? expm1(finding->effect.estimate) : -expm1(-finding->effect.estimate);
    for (size_t i = 0; i < 2; i++) {
        finding->cost_ci95[i] = exp(interval[i]);
        finding->loss_ci95[i] = lower ? expm1(interval[i]) : -expm1(-interval[i]);
    }
    finding->p = effect_p_difference(&finding->effect);
}

static void set_ratio(struct compare_row *row) {
    struct compare_finding *finding = &row->finding;
    bool lower = compare_is_lower_better(row);

    compare_set_loss(finding, lower);
    row->ratio = lower ? finding->cost : 1 / finding->cost;
    for (size_t i = 0; i < 2; i++)
        row->ratio_ci95[i] = lower ? finding->cost_ci95[i] : 1 / finding->cost_ci95[1 - i];
}

static int measure_row(struct ratios *ratios, size_t index, struct run_noise *noise) {
    struct compare_row *row = &ratios->comparison->rows[index];
    const struct row_series *pair = &ratios->comparison->raw->pairs[index];
    int status = 0;

    row->ratio = row->ratio_ci95[0] = row->ratio_ci95[1] = NAN;
    for (size_t side = 0; side < 2; side++) {
        row->finding.runs[side] = pair->sides[side]->n_runs;
        if (status == 0)
            status = series_load(pair->sides[side], ratios->comparison->raw->spill);
    }
    if (status < 0)
        return status;
    if (is_identical(pair))
        set_identical(row, pair);
    else if (has_ratio(pair))
        add_row(ratios, index, pair, &noise[ratios->n_rows]);
    else
        compare_measure_difference(ratios, row, pair);
    series_unload(pair->sides[0]);
    series_unload(pair->sides[1]);
    return 0;
}

/* Takes the rows of the side: those with a ratio into the table, the others are measured at once. */
static int gather(struct ratios *ratios, struct run_noise *noise) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < ratios->comparison->n_rows; i++) {
        const struct compare_row *row = &ratios->comparison->rows[i];

        if (row->other == ratios->other && (row->finding.weight > 0) == ratios->tested)
            status = measure_row(ratios, i, noise);
    }
    return status;
}

static int estimate(struct ratios *ratios, const struct run_noise *noise) {
    struct effect_table effects = {
        ratios->effect_rows, ratios->n_rows, {ratios->n_runs[0], ratios->n_runs[1]}, ratios->rounds};
    int status = run_noise_variances(noise, ratios->n_rows, ratios->noise);

    for (size_t i = 0; status == 0 && i < ratios->n_rows; i++) {
        for (size_t side = 0; side < 2; side++)
            ratios->effect_rows[i].noise[side] = ratios->noise[2 * i + side];
        status = learned_set(ratios->learned, ratios->n_runs, &i, 1, &ratios->effect_rows[i],
                             &ratios->comparison->rows[ratios->rows[i]].finding.earlier);
    }
    if (status == 0)
        status = table_effects(&effects, ratios->effects);
    for (size_t i = 0; status == 0 && i < ratios->n_rows; i++) {
        struct compare_row *row = &ratios->comparison->rows[ratios->rows[i]];

        row->finding.effect = ratios->effects[i];
        set_ratio(row);
    }
    return status;
}

static int measure_side(struct comparison *comparison, size_t other, bool tested) {
    cleanup_free struct run_noise *noise = calloc(comparison->n_rows + 1, sizeof(*noise));
    struct learned learned[2] = {0};
    struct ratios ratios;
    int status = ratios_init(&ratios, comparison, other, tested);

    if (!noise)
        status = -ENOMEM;
    if (status == 0) {
        ratios.learned = learned;
        status = gather(&ratios, noise);
    }
    if (status == 0)
        status = learned_read(&ratios, learned);
    if (status == 0)
        status = estimate(&ratios, noise);
    if (status == 0 && tested)
        status = compare_measure_resources(&ratios);
    ratios_done(&ratios);
    learned_done(learned);
    return status;
}

/* Whether a row's verdict is a claim: the headlines, and metrics that were asked for; of figures with a
 * direction. */
static bool is_tested(const struct comparison *comparison, const struct compare_row *row) {
    return (row->headline || compare_is_asked(comparison, row->metric->name)) &&
           row->metric->better != VMS_NEITHER;
}

int compare_measure(struct comparison *comparison) {
    int status = 0;

    for (size_t i = 0; i < comparison->n_rows; i++) {
        comparison->rows[i].finding.weight = is_tested(comparison, &comparison->rows[i]);
        comparison->rows[i].limit = comparison->rows[i].p_above = NAN;
    }
    for (size_t i = 1; status == 0 && i < comparison->n_sides; i++) {
        status = measure_side(comparison, i, true);
        if (status == 0)
            status = measure_side(comparison, i, false);
    }
    return status;
}
