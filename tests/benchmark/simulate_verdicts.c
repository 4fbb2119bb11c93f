/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How often the comparison is wrong, and how often it finds what is there: cases drawn from a model of noise,
 * as a record's view has them, compared as `vmsuite compare` compares them. A table is wrong where any
 * verdict in it, of a case or a resource, is not true.
 *
 * usage: simulate_verdicts [NAME=VALUE]...; prints one JSON object.
 *   tables=100 rows=20 runs=3 other_runs=RUNS sides=2 trials=10 other_trials=TRIALS resources=1 seed=1
 *   cv=0.03 noise=normal|ar5|ar7|ar9|t3|t25|modes|rare|skew|drift other_noise=1
 *                                                  within a run: one trial's standard deviation, its shape,
 *                                                  and how many times that the other sides have
 *   shift=0.01 kind=independent|shared|half|opposed|twice|baseline4|baseline4shared|one-side|one-side-shared|
 *              uneven|heavy|one-resource shape=normal|slowed|layouts|outlier
 *                                                  of whole runs: one standard deviation, how rows share it,
 *                                                  and the shape of independent and shared ones
 *   constant=0                                     the first rows have neither noise nor shift
 *   round=0 trend=0                                what the runs of a round share: one standard deviation,
 *                                                  and how far rounds drift from the first to the last
 *   in_turn=0                                      whether the records say that rounds were made in turn
 *   loss=0 lossy=0                                 the loss of the first rows
 *   figures=rate|steps|counts|zeros lower=0        what a trial gives: in steps of 5%, Poisson's counts of 5,
 *                                                  of 0.3
 *   zero=0 failed=0 missing=0                      shares of trials that give 0, that failed, of cases that a
 *                                                  run lacks
 *   looks=0                                        from this round on the comparison is looked at after each,
 *                                                  and runs end where every answer is sure (other_runs is
 *                                                  then runs)
 *   show=0                                         prints {"runs", "comparison"} of one table instead: what
 *                                                  was drawn, and what came of it (simulated.h)
 */
#include "compare/compare.h"
#include "compare/effects/effects.h"
#include "compare/formats/formats.h"
#include "compare/gate.h"
#include "simulated.h"
#include "stats/effects/sequential.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GATE 0.05

struct simulation {
    struct model model;
    double width;  /* half of the intervals, in logarithms: sum */
    double rounds; /* that were made: sum */
    size_t wrong, trips, covered, findings, found, lossy, caught, gates, equivalent, rows;
};

/* Whether a verdict is not true of a case whose cost is `truth`, in logarithms. */
static bool is_false(const struct compare_finding *finding, double truth) {
    switch (finding->verdict) {
    case COMPARE_SLOWER:
        return truth <= 0;
    case COMPARE_FASTER:
        return truth >= 0;
    case COMPARE_EQUIVALENT:
        return fabs(truth) >= log1p(COMPARE_MARGIN);
    default:
        return false;
    }
}

/* Whether the interval holds the truth, and how wide it is. Differences have none of a ratio. */
static void count_interval(struct simulation *simulation, const struct compare_finding *finding,
                           double truth) {
    double low = log(finding->cost_ci95[0]), high = log(finding->cost_ci95[1]);

    if (isnan(low))
        return;
    simulation->findings++;
    simulation->covered += low <= truth && truth <= high;
    simulation->width += (high - low) / 2;
}

static size_t index_of(const struct compare_row *row) {
    return (size_t)identity_find_param(row->identity, "size")->number;
}

/* Rows of a resource with a loss have an answer of which nothing is said here. */
static void count_table(struct simulation *simulation, const struct comparison *comparison) {
    const struct model *model = &simulation->model;
    bool wrong = false, trips = false, caught = false;

    for (size_t i = 0; i < comparison->n_rows; i++) {
        const struct compare_row *row = &comparison->rows[i];
        bool lossy = simulated_is_lossy(model, index_of(row), row->other);
        double truth = lossy ? -log1p(-model->loss) : 0;

        wrong |= is_false(&row->finding, truth);
        trips |= row->gate == COMPARE_GATE_FAILED && (!lossy || model->loss <= GATE);
        count_interval(simulation, &row->finding, truth);
        simulation->lossy += lossy;
        simulation->found += lossy && row->finding.verdict == COMPARE_SLOWER;
        simulation->caught += lossy && row->gate == COMPARE_GATE_FAILED;
        caught |= lossy && row->gate == COMPARE_GATE_FAILED;
        simulation->equivalent += row->finding.verdict == COMPARE_EQUIVALENT;
    }
    for (size_t i = 0; i < comparison->n_answers && model->lossy == 0; i++) {
        wrong |= is_false(&comparison->answers[i].finding, 0);
        count_interval(simulation, &comparison->answers[i].finding, 0);
    }
    simulation->rows += comparison->n_rows;
    simulation->wrong += wrong;
    simulation->trips += trips;
    simulation->gates += caught;
}

/* Compares the first `runs` runs of each side (SIZE_MAX: all). */
static struct comparison *compare(struct simulated *table, size_t runs, double error_rate, bool is_look,
                                  struct vms_error *error) {
    const struct compare_gate gate = {.fail_above = GATE};
    struct compare_options options = compare_defaults;
    struct comparison *comparison;
    int status = 0;

    options.error = error_rate;
    options.is_look = is_look;
    comparison = compare_new(&options);
    if (!comparison)
        abort();
    for (size_t side = 0; status == 0 && side < (size_t)table->model->sides; side++) {
        size_t all = simulated_runs(table->model, side);

        status = simulated_add_side(table, comparison, side, runs < all ? runs : all, error);
    }
    if (status == 0)
        status = compare_finish(comparison, error);
    if (status == 0)
        status = gate_apply(comparison, &gate, error);
    if (status == 0)
        return comparison;
    compare_free(comparison);
    return NULL;
}

/* Looks after each round, as runner/run/set/looks.c does; returns the rounds that are made. */
static size_t look(struct simulated *table, struct vms_error *error) {
    size_t most = (size_t)table->model->runs;
    struct sequential sequential;

    sequential_init(&sequential, COMPARE_ERROR, most);
    for (size_t round = (size_t)table->model->looks; round < most; round++) {
        struct comparison *comparison =
            compare(table, round, sequential_look(&sequential, round), true, error);
        bool sure = comparison && compare_is_sure(comparison);

        compare_free(comparison);
        if (!comparison || sure)
            return round;
    }
    return most;
}

static bool simulate_table(struct simulation *simulation, struct simulated *table, struct vms_error *error) {
    size_t rounds = simulation->model.looks > 0 ? look(table, error) : SIZE_MAX;
    struct comparison *comparison = compare(table, rounds, COMPARE_ERROR, false, error);

    if (!comparison)
        return false;
    simulation->rounds += (double)comparison->sides[0].n_runs;
    count_table(simulation, comparison);
    compare_free(comparison);
    return true;
}

/* Prints a table, and what it was made of. */
static bool show(struct simulated *table, struct vms_error *error) {
    json_auto_t *runs = json_array();
    json_auto_t *all = NULL;
    struct comparison *comparison;

    table->drawn = runs;
    comparison = compare(table, SIZE_MAX, COMPARE_ERROR, false, error);
    if (!comparison)
        return false;
    all = json_pack("{s:O, s:o}", "runs", runs, "comparison", compare_json(comparison));
    compare_free(comparison);
    return json_dumpf(all, stdout, JSON_REAL_PRECISION(17)) == 0;
}

static double share(size_t part, double whole) {
    return whole > 0 ? (double)part / whole : 0;
}

static bool set_member(struct model *model, const char *name, size_t length, const char *value) {
    const struct {
        const char *name;
        double *number;
        const char **text;
    } members[] = {{"tables", &model->tables, NULL},
                   {"rows", &model->rows, NULL},
                   {"runs", &model->runs, NULL},
                   {"other_runs", &model->other_runs, NULL},
                   {"trials", &model->trials, NULL},
                   {"resources", &model->resources, NULL},
                   {"seed", &model->seed, NULL},
                   {"cv", &model->cv, NULL},
                   {"shift", &model->shift, NULL},
                   {"round", &model->round, NULL},
                   {"in_turn", &model->in_turn, NULL},
                   {"loss", &model->loss, NULL},
                   {"lossy", &model->lossy, NULL},
                   {"noise", NULL, &model->noise},
                   {"shape", NULL, &model->shape},
                   {"constant", &model->constant, NULL},
                   {"other_trials", &model->other_trials, NULL},
                   {"other_noise", &model->other_noise, NULL},
                   {"kind", NULL, &model->kind},
                   {"figures", NULL, &model->figures},
                   {"sides", &model->sides, NULL},
                   {"trend", &model->trend, NULL},
                   {"zero", &model->zero, NULL},
                   {"missing", &model->missing, NULL},
                   {"failed", &model->failed, NULL},
                   {"lower", &model->lower, NULL},
                   {"looks", &model->looks, NULL},
                   {"show", &model->show, NULL}};

    for (size_t i = 0; i < VMS_LENGTH(members); i++) {
        if (strncmp(members[i].name, name, length) != 0 || members[i].name[length])
            continue;
        if (members[i].text)
            *members[i].text = value;
        else
            *members[i].number = strtod(value, NULL);
        return true;
    }
    return false;
}

static bool read_model(int argc, char **argv, struct model *model) {
    *model = (struct model){.tables = 100,
                            .rows = 20,
                            .runs = 3,
                            .trials = 10,
                            .resources = 1,
                            .seed = 1,
                            .cv = 0.03,
                            .other_noise = 1,
                            .shift = 0.01,
                            .sides = 2,
                            .noise = "normal",
                            .kind = "independent",
                            .shape = "normal",
                            .figures = "rate"};
    for (int i = 1; i < argc; i++) {
        const char *equals = strchr(argv[i], '=');

        if (!equals || !set_member(model, argv[i], (size_t)(equals - argv[i]), equals + 1))
            return false;
    }
    if (model->other_runs < 1 || model->looks > 0)
        model->other_runs = model->runs;
    if (model->other_trials < 1)
        model->other_trials = model->trials;
    return model->rows >= 1 && model->runs >= 1 && model->runs <= SIMULATED_RUNS_MAX &&
           model->other_runs <= SIMULATED_RUNS_MAX && model->trials >= 1 &&
           model->trials <= SIMULATED_TRIALS_MAX && model->other_trials <= SIMULATED_TRIALS_MAX &&
           model->resources >= 1 && model->resources <= 4 && model->sides >= 2 &&
           model->sides <= SIMULATED_SIDES_MAX;
}

/* No two tables share the seed of a run. */
#define TABLE_SEEDS (1 + SIMULATED_SIDES_MAX * SIMULATED_RUNS_MAX)

int main(int argc, char **argv) {
    struct simulation simulation = {0};
    struct simulated table = {0};
    struct vms_error error = {""};
    const struct model *model = &simulation.model;
    bool good = true;

    if (!read_model(argc, argv, &simulation.model)) {
        fputs("usage: simulate_verdicts [NAME=VALUE]...: see the head of the source\n", stderr);
        return 2;
    }
    for (size_t i = 0; good && (double)i < model->tables && !(model->show > 0); i++) {
        simulated_begin(&table, model, 1 + ((unsigned long)model->seed * 1000003 + i) * TABLE_SEEDS);
        good = simulate_table(&simulation, &table, &error);
    }
    if (model->show > 0) {
        simulated_begin(&table, model, (unsigned long)model->seed);
        good = show(&table, &error);
    }
    simulated_done(&table);
    if (!good) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    if (model->show > 0)
        return 0;
    printf("{\"tables\": %.0f, \"false_tables\": %.4f, \"gate_trips\": %.4f, \"coverage\": %.4f, \"width\": "
           "%.5f, "
           "\"found\": %.4f, \"caught\": %.4f, \"gates\": %.4f, \"equivalent\": %.4f, \"runs\": %.2f}\n",
           model->tables, share(simulation.wrong, model->tables), share(simulation.trips, model->tables),
           share(simulation.covered, (double)simulation.findings),
           simulation.width / fmax(1, (double)simulation.findings),
           share(simulation.found, (double)simulation.lossy),
           share(simulation.caught, (double)simulation.lossy), share(simulation.gates, model->tables),
           share(simulation.equivalent, (double)simulation.rows), simulation.rounds / model->tables);
    return 0;
}
