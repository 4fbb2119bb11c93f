/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How often the comparison is wrong, and how often it finds what is there: pairs of records drawn from models
 * of noise, compared as `vmsuite compare` compares them. A table is wrong where any of its rows is called
 * slower or faster though it is not (or the wrong way round).
 *
 *   quiet   figures with CVs of 0.3% to 15%, a tenth of the trials slowed (heavy tail of four times the CV),
 * a drift over the run of 1% (sd) per case, and each case of each run off by 1% (sd; Student's t with 5
 * degrees of freedom, scaled): a machine with nothing else to do busy    neighbours come and go: a load that
 * all cases of a run share (first-order autoregression over the trials of the whole run, sd 25%, over with
 * e^-1 after an eighth to the whole of the run), and 20% of noise in each trial, as measured on a shared
 * two-core virtual machine while others compiled on it loss    10% in one case of each table, 3% CV losses
 * 10% in every case, 3% CV shifted as loss, with the runs' shifts of `quiet`
 *
 * usage: simulate_verdicts MODEL TABLES [RUNS] [CASES]; prints one JSON object.
 */
#include "compare.h"
#include "gate.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TRIALS 10
#define CASES_MAX 100
#define GATE 0.05

struct model {
    const char *name;
    double cv;    /* NaN: one of the cvs below, per case */
    double tail;  /* share of trials that are slowed */
    double drift; /* sd of the change over a run, per case */
    double shift; /* sd of a run's shift, per case */
    double load;  /* sd of the load that all cases share */
    double loss;
    bool everywhere; /* the loss is in every case */
};

static const struct model models[] = {
    {.name = "quiet", .cv = NAN, .tail = 0.1, .drift = 0.01, .shift = 0.01},
    {.name = "busy", .cv = 0.2, .load = 0.25},
    {.name = "loss", .cv = 0.03, .loss = 0.1},
    {.name = "losses", .cv = 0.03, .loss = 0.1, .everywhere = true},
    {.name = "shifted", .cv = 0.03, .shift = 0.01, .loss = 0.1},
};

struct simulation {
    const struct model *model;
    size_t n_cases, n_runs;
    gsl_rng *random;
    double cvs[CASES_MAX]; /* of the present table */
    size_t wrong_tables, wrong_gates, lossy_rows, found, covered, rows, undecided, equivalent;
};

static void draw_cvs(struct simulation *simulation) {
    static const double cvs[] = {0.003, 0.01, 0.03, 0.06, 0.15};

    for (size_t i = 0; i < simulation->n_cases; i++)
        simulation->cvs[i] = isnan(simulation->model->cv) ? cvs[gsl_rng_uniform_int(simulation->random, 5)]
                                                          : simulation->model->cv;
}

static bool is_lossy(const struct model *model, size_t index) {
    return model->loss > 0 && (model->everywhere || index == 0);
}

/* The shared load at each trial of a run, in the order of time. */
static void draw_load(const struct simulation *simulation, double *ret_load) {
    size_t n = simulation->n_cases * TRIALS;
    double length = (double)n * (0.125 + 0.875 * gsl_rng_uniform(simulation->random)),
           keep = exp(-1 / length);

    for (size_t i = 0; i < n; i++)
        ret_load[i] = i == 0 ? gsl_ran_gaussian(simulation->random, simulation->model->load)
                             : keep * ret_load[i - 1] +
                                   gsl_ran_gaussian(simulation->random,
                                                    simulation->model->load * sqrt(1 - keep * keep));
}

/* Trials of one case of one run. Cases are interleaved: trial j of case i is about the (j * n_cases + i)-th
 * of the run. */
static json_t *draw_trials(const struct simulation *simulation, size_t index, bool other,
                           const double *load) {
    const struct model *model = simulation->model;
    gsl_rng *random = simulation->random;
    double cv = simulation->cvs[index], drift = gsl_ran_gaussian(random, model->drift + 1e-12);
    double shift = model->shift * gsl_ran_tdist(random, 5) * sqrt(3.0 / 5);
    double level = 100 * (other && is_lossy(model, index) ? 1 - model->loss : 1);
    json_t *trials = json_array();

    for (size_t i = 0; i < TRIALS; i++) {
        double noise = gsl_ran_gaussian(random, cv) + drift * ((double)i / TRIALS - 0.5) + shift -
                       fabs(load[i * simulation->n_cases + index]);

        if (gsl_rng_uniform(random) < model->tail)
            noise -= fabs(gsl_ran_gaussian(random, 4 * cv));
        json_array_append_new(trials, json_pack("{s:s, s:[{s:s, s:f}]}", "status", "ok", "metrics", "metric",
                                                "rate", "value", level * exp(noise)));
    }
    return trials;
}

static json_t *draw_case(const struct simulation *simulation, size_t index, bool other, const double *load) {
    return json_pack("{s:s, s:s, s:s, s:i, s:n, s:{s:i}, s:s, s:o, s:[{s:s, s:s, s:s, s:s}]}", "group",
                     "simulated", "module", "none", "resource", "cpu", "workload_version", 1, "path",
                     "params", "size", (int)index, "status", "ok", "trials",
                     draw_trials(simulation, index, other, load), "summary", "metric", "rate", "unit", "1/s",
                     "better", "higher", "side", "local");
}

static int add_run(const struct simulation *simulation, struct comparison *comparison, size_t side,
                   struct vms_error *error) {
    double load[CASES_MAX * TRIALS];
    json_t *head = json_pack("{s:s}", "status", "ok");
    int status =
        compare_add_run(comparison, side, side == 0 ? "baseline" : "other", "simulated", head, error);

    json_decref(head);
    draw_load(simulation, load);
    for (size_t i = 0; status == 0 && i < simulation->n_cases; i++) {
        json_t *outcome = draw_case(simulation, i, side == 1, load);

        status = compare_add_case(comparison, outcome, error);
        json_decref(outcome);
    }
    return status;
}

static void count_table(struct simulation *simulation, const struct comparison *comparison) {
    bool wrong = false, wrong_gate = false;

    for (size_t i = 0; i < comparison->n_rows; i++) {
        const struct compare_row *row = &comparison->rows[i];
        json_int_t index =
            json_integer_value(json_object_get(json_object_get(row->identity, "params"), "size"));
        bool lossy = is_lossy(simulation->model, (size_t)index);
        double truth = lossy ? simulation->model->loss : 0;

        simulation->rows++;
        simulation->lossy_rows += lossy;
        simulation->found += lossy && row->verdict == COMPARE_SLOWER;
        simulation->covered += row->loss_ci95[0] <= truth && truth <= row->loss_ci95[1];
        simulation->undecided += row->verdict == COMPARE_UNDECIDED;
        simulation->equivalent += row->verdict == COMPARE_EQUIVALENT;
        wrong |= row->verdict == COMPARE_FASTER || (row->verdict == COMPARE_SLOWER && !lossy);
        wrong_gate |= row->failed && truth <= GATE;
    }
    simulation->wrong_tables += wrong;
    simulation->wrong_gates += wrong_gate;
}

static int simulate_table(struct simulation *simulation, struct vms_error *error) {
    const struct compare_options options = {
        .margin = COMPARE_MARGIN, .run_shift = COMPARE_RUN_SHIFT, .seed = 1};
    const struct compare_gate gate = {.fail_above = GATE};
    struct comparison *comparison = compare_new(&options);
    int status = 0;

    draw_cvs(simulation);
    for (size_t side = 0; side < 2; side++)
        for (size_t run = 0; status == 0 && run < simulation->n_runs; run++)
            status = add_run(simulation, comparison, side, error);
    if (status == 0)
        status = compare_finish(comparison, error);
    if (status == 0)
        status = gate_apply(comparison, &gate, error);
    if (status == 0)
        count_table(simulation, comparison);
    compare_free(comparison);
    return status;
}

static size_t number(int argc, char **argv, int index, size_t fallback, size_t max) {
    unsigned long value = index < argc ? strtoul(argv[index], NULL, 10) : fallback;

    return value < 1 || value > max ? fallback : value;
}

static double share(size_t part, size_t whole) {
    return whole > 0 ? (double)part / (double)whole : NAN;
}

static void print(const struct simulation *simulation, size_t tables) {
    double found = share(simulation->found, simulation->lossy_rows);

    printf(
        "{\"model\": \"%s\", \"tables\": %zu, \"runs\": %zu, \"cases\": %zu, \"wrong_tables\": %.4f, "
        "\"wrong_gates\": %.4f, \"coverage\": %.4f, \"equivalent\": %.4f, \"undecided\": %.4f, \"found\": ",
        simulation->model->name, tables, simulation->n_runs, simulation->n_cases,
        share(simulation->wrong_tables, tables), share(simulation->wrong_gates, tables),
        share(simulation->covered, simulation->rows), share(simulation->equivalent, simulation->rows),
        share(simulation->undecided, simulation->rows));
    printf(isnan(found) ? "null}\n" : "%.4f}\n", found);
}

int main(int argc, char **argv) {
    struct simulation simulation = {.n_cases = number(argc, argv, 4, 20, CASES_MAX),
                                    .n_runs = number(argc, argv, 3, 1, 100)};
    size_t tables = number(argc, argv, 2, 100, 100000);
    struct vms_error error = {""};

    for (size_t i = 0; argc > 1 && i < VMS_LENGTH(models); i++)
        if (strcmp(argv[1], models[i].name) == 0)
            simulation.model = &models[i];
    if (!simulation.model) {
        fputs("usage: simulate_verdicts quiet|busy|loss|losses|shifted TABLES [RUNS] [CASES]\n", stderr);
        return 2;
    }
    simulation.random = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(simulation.random, 20261122);
    for (size_t i = 0; i < tables; i++) {
        if (simulate_table(&simulation, &error) < 0) {
            fprintf(stderr, "%s\n", error.text);
            return 1;
        }
    }
    print(&simulation, tables);
    gsl_rng_free(simulation.random);
    return 0;
}
