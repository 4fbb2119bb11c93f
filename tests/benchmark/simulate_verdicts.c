/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How often the comparison is wrong, and how often it finds what is there: pairs of records drawn from models
 * of noise, compared as `vmsuite compare` compares them. A table is wrong where any of its rows is called
 * slower or faster though it is not (or the wrong way round). The models are told where they stand.
 *
 * usage: simulate_verdicts MODEL TABLES [RUNS] [CASES]; prints one JSON object.
 */
#include "compare/compare.h"
#include "compare/gate.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TRIALS 10
#define CASES_MAX 100
#define GATE 0.05

/* A case as runs of this project's machine showed it: a two-core Firecracker guest, 2026-11-26, 20 cases of
 * all modules with 10 trials of 20 to 50 ms each, one run after another: first tcp and udp streams and
 * transactions, then stream, memlat (1 MiB, 64 MiB), block and linpack. */
struct measured {
    double cv;    /* median over the runs of the logarithms' standard deviation */
    double shift; /* standard deviation of the runs' trimmed means, less what the noise within explains */
};

struct model {
    const char *name;
    double cv;    /* NaN: one of the cvs below, per case */
    double tail;  /* share of trials that are slowed */
    double drift; /* sd of the change over a run, per case */
    double shift; /* sd of a run's shift, per case */
    double load;  /* sd of the load that all cases share */
    double loss;
    bool everywhere;                 /* the loss is in every case */
    double flagged;                  /* share of trials that are flagged as disturbed */
    const struct measured *measured; /* instead of cv and shift; NULL: no */
};

/* 12 runs with nothing else running; 51% of the trials were flagged. */
static const struct measured alone[] = {
    {0.323, 0.037}, {0.924, 0.000}, {0.850, 0.490}, {0.902, 0.000}, {0.624, 0.252},
    {0.908, 0.340}, {0.831, 0.268}, {0.955, 0.000}, {0.135, 0.046}, {0.035, 0.015},
    {0.052, 0.022}, {0.040, 0.094}, {0.018, 0.033}, {0.126, 0.052}, {0.209, 0.099},
    {0.282, 0.160}, {0.026, 0.024}, {0.033, 0.016}, {0.033, 0.040}, {0.037, 0.031},
};
/* 9 runs while up to six others compiled and tested; 98% of the trials were flagged. */
static const struct measured beside_others[] = {
    {0.484, 0.348}, {1.577, 0.665}, {1.000, 0.605}, {1.242, 0.387}, {1.042, 0.561},
    {1.561, 0.387}, {1.419, 0.366}, {1.350, 1.067}, {1.253, 0.688}, {0.760, 0.734},
    {0.928, 0.465}, {0.050, 0.089}, {0.089, 0.137}, {0.554, 0.592}, {0.770, 0.459},
    {0.880, 0.709}, {0.537, 0.488}, {0.573, 0.464}, {0.461, 0.385}, {0.567, 0.385},
};
#define N_MEASURED VMS_LENGTH(alone)

static const struct model models[] = {
    /* A machine with nothing else to do: CVs of 0.3% to 15%, a tenth of the trials slowed (heavy tail of four
     * times the CV), a drift over the run per case, and each case of each run off (Student's t with 5 degrees
     * of freedom, scaled). */
    {.name = "quiet", .cv = NAN, .tail = 0.1, .drift = 0.01, .shift = 0.01},
    /* Noise and shifts as they were measured here, with the tail and the drift of the above. */
    {.name = "measured", .tail = 0.1, .drift = 0.01, .flagged = 0.51, .measured = alone},
    {.name = "neighbours", .tail = 0.1, .drift = 0.01, .flagged = 0.98, .measured = beside_others},
    /* Neighbours come and go: a load that all cases of a run share, a first-order autoregression over the
     * trials of the whole run, over with e^-1 after an eighth to the whole of it. */
    {.name = "busy", .cv = 0.2, .load = 0.25, .flagged = 0.98},
    /* What must be found: in one case of each table, in all of them, and beside the shifts of "quiet". */
    {.name = "loss", .cv = 0.03, .loss = 0.1},
    {.name = "losses", .cv = 0.03, .loss = 0.1, .everywhere = true},
    {.name = "shifted", .cv = 0.03, .shift = 0.01, .loss = 0.1},
};

struct simulation {
    const struct model *model;
    size_t n_cases, n_runs;
    gsl_rng *random;
    double cvs[CASES_MAX], shifts[CASES_MAX]; /* of the present table */
    size_t wrong_tables, wrong_gates, lossy_rows, found, covered, rows, undecided, equivalent;
};

static void draw_cases(struct simulation *simulation) {
    static const double cvs[] = {0.003, 0.01, 0.03, 0.06, 0.15};
    const struct model *model = simulation->model;

    for (size_t i = 0; i < simulation->n_cases; i++) {
        simulation->cvs[i] = isnan(model->cv) ? cvs[gsl_rng_uniform_int(simulation->random, 5)] : model->cv;
        simulation->shifts[i] = model->shift;
        if (model->measured) {
            simulation->cvs[i] = model->measured[i % N_MEASURED].cv;
            simulation->shifts[i] = model->measured[i % N_MEASURED].shift;
        }
    }
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
    double shift = simulation->shifts[index] * gsl_ran_tdist(random, 5) * sqrt(3.0 / 5);
    double level = 100 * (other && is_lossy(model, index) ? 1 - model->loss : 1);
    json_t *trials = json_array();

    for (size_t i = 0; i < TRIALS; i++) {
        double noise = gsl_ran_gaussian(random, cv) + drift * ((double)i / TRIALS - 0.5) + shift -
                       fabs(load[i * simulation->n_cases + index]);

        if (gsl_rng_uniform(random) < model->tail)
            noise -= fabs(gsl_ran_gaussian(random, 4 * cv));
        json_array_append_new(
            trials,
            json_pack("{s:s, s:o, s:[{s:s, s:f}]}", "status", "ok", "flags",
                      gsl_rng_uniform(random) < model->flagged ? json_pack("[s]", "steal") : json_array(),
                      "metrics", "metric", "rate", "value", level * exp(noise)));
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

    draw_cases(simulation);
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
        fputs("usage: simulate_verdicts quiet|measured|neighbours|busy|loss|losses|shifted TABLES [RUNS] "
              "[CASES]\n",
              stderr);
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
