/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How often the comparison is wrong, and how often it finds what is there: cases drawn from a model of noise, as a
 * record's view has them, compared as `vmsuite compare` compares them. A table is wrong where any verdict in it, of a case or a resource,
 * is not true.
 *
 * usage: simulate_verdicts [NAME=VALUE]...; prints one JSON object.
 *   tables=100 rows=20 runs=3 other_runs=RUNS trials=10 resources=1 seed=1
 *   cv=0.03 noise=normal|ar5|ar7|ar8|t3|modes|drift        within a run: one trial's standard deviation, its shape
 *   shift=0.01 kind=independent|shared|half|twice|baseline4|baseline4shared|uneven|heavy|one-resource
 *                                                  of whole runs: one standard deviation, and how rows share it
 *   round=0 in_turn=1                              what both sides' runs of a round share, one standard deviation, and
 *                                                  whether the records say that they were made in turn
 *   loss=0 lossy=0                                 the loss of the first rows
 *   figures=rate|steps|counts|zeros                what a trial gives: in steps of 5%, Poisson's counts of 5, of 0.3
 */
#include "compare/compare.h"
#include "compare/gate.h"
#include "record/view.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RUNS_MAX 30
#define TRIALS_MAX 100
#define GATE 0.05

struct model {
    double tables, rows, runs, other_runs, trials, resources, seed, cv, shift, round, in_turn, loss, lossy;
    const char *noise, *kind, *figures;
};

struct simulation {
    struct model model;
    gsl_rng *random;
    double rounds[RUNS_MAX], shared[2][RUNS_MAX], row_shift; /* of the present table, of the present row */
    double width;                                            /* half of the intervals, in logarithms: sum */
    size_t wrong, trips, covered, findings, found, lossy, equivalent, rows;
};

static double normal(const struct simulation *simulation) {
    return gsl_ran_gaussian_ziggurat(simulation->random, 1);
}

static bool is(const char *text, const char *word) {
    return strcmp(text, word) == 0;
}

/* What a run is off by in a row, in logarithms. */
static double draw_shift(const struct simulation *simulation, size_t row, size_t side, size_t run) {
    const char *kind = simulation->model.kind;
    double sd = simulation->row_shift, shared = simulation->shared[side][run], own = normal(simulation);

    if (is(kind, "shared"))
        return sd * shared;
    if (is(kind, "half"))
        return sd * M_SQRT1_2 * (shared + own);
    if (is(kind, "twice"))
        return sd * own * (side == 1 ? 2 : 1);
    if (is(kind, "baseline4"))
        return sd * own * (side == 0 ? 4 : 1);
    if (is(kind, "baseline4shared"))
        return sd * shared * (side == 0 ? 4 : 1);
    if (is(kind, "heavy"))
        return sd * gsl_ran_tdist(simulation->random, 3) / sqrt(3);
    if (is(kind, "one-resource"))
        return row % 4 == 0 ? sd * shared : 0;
    return sd * own;
}

/* The noise of each trial of a run, one standard deviation. */
static void draw_noise(const struct simulation *simulation, size_t n, double *ret_noise) {
    const char *noise = simulation->model.noise;
    double drift = normal(simulation), last = 0,
           correlation = strtod(noise + strcspn(noise, "0123456789"), NULL) / 10;

    for (size_t i = 0; i < n; i++) {
        double own = normal(simulation);

        if (strncmp(noise, "ar", 2) == 0) /* "ar7": correlated with the trial before by 0.7 */
            own = i == 0 ? own : correlation * last + sqrt(1 - correlation * correlation) * own;
        else if (is(noise, "t3"))
            own = gsl_ran_tdist(simulation->random, 3) / sqrt(3);
        else if (is(noise, "modes"))
            own = 0.4 * own + (gsl_rng_uniform(simulation->random) < 0.3 ? 2 : 0);
        else if (is(noise, "drift"))
            own += 2 * drift * ((double)i / (double)n - 0.5);
        ret_noise[i] = last = own;
    }
}

static bool is_lossy(const struct model *model, size_t row, size_t side) {
    return side == 1 && (double)row < model->lossy;
}

/* What a trial gives whose rate is `rate`. */
static double figure_of(const struct simulation *simulation, double rate) {
    const char *figures = simulation->model.figures;

    if (is(figures, "steps"))
        return exp(round(log(rate) / 0.05) * 0.05);
    if (is(figures, "counts"))
        return gsl_ran_poisson(simulation->random, rate / 20);
    if (is(figures, "zeros"))
        return gsl_ran_poisson(simulation->random, 0.3 * rate / 100);
    return rate;
}

/* The trials of a case in a record. */
struct drawn {
    struct view_sample samples[TRIALS_MAX];
    struct view_trial trials[TRIALS_MAX];
};

static void draw_trials(const struct simulation *simulation, size_t row, size_t side, size_t run,
                        struct drawn *ret) {
    const struct model *model = &simulation->model;
    size_t n = (size_t)model->trials;
    double noise[TRIALS_MAX], shift = draw_shift(simulation, row, side, run),
                              level = 100 * (is_lossy(model, row, side) ? 1 - model->loss : 1);

    draw_noise(simulation, n, noise);
    for (size_t i = 0; i < n; i++) {
        double rate = level * exp(simulation->rounds[run] + shift + model->cv * noise[i]);

        ret->samples[i] = (struct view_sample){.value = figure_of(simulation, rate)};
        ret->trials[i] = (struct view_trial){.trial = (unsigned)i + 1,
                                             .status = OUTCOME_OK,
                                             .reason = "",
                                             .samples = &ret->samples[i],
                                             .n_samples = 1};
    }
}

static int add_case(const struct simulation *simulation, struct comparison *comparison, size_t row,
                    size_t side, size_t run, struct vms_error *error) {
    static const enum vms_resource resources[] = {VMS_CPU, VMS_MEMORY, VMS_DISK, VMS_NETWORK};
    static const struct view_metric metric = {
        .name = "rate", .is_summarised = true, .unit = VMS_PER_SECOND, .better = VMS_HIGHER};
    char digits[24];
    const struct view_param param = {.name = "size", .value = {VIEW_WHOLE, (double)row, false, digits}};
    struct drawn drawn;
    struct view_case outcome = {.group = "simulated",
                                .module = "none",
                                .workload_version = 1,
                                .resource = resources[row % (size_t)simulation->model.resources],
                                .path = "",
                                .cpus = "",
                                .params = &param,
                                .n_params = 1,
                                .status = OUTCOME_OK,
                                .reason = "",
                                .trials = drawn.trials,
                                .n_trials = (size_t)simulation->model.trials,
                                .metrics = &metric,
                                .n_metrics = 1};

    (void)snprintf(digits, sizeof(digits), "%zu", row);
    draw_trials(simulation, row, side, run, &drawn);
    return compare_add_case(comparison, &outcome, error);
}

static int add_runs(struct simulation *simulation, struct comparison *comparison, const double *row_shifts,
                    size_t side, struct vms_error *error) {
    size_t n_runs = (size_t)(side == 0 ? simulation->model.runs : simulation->model.other_runs);
    int status = 0;

    for (size_t run = 0; status == 0 && run < n_runs; run++) {
        json_t *head = json_pack("{s:s}", "status", "ok");

        if (simulation->model.round > 0 && simulation->model.in_turn > 0)
            json_object_set_new(head, "run_set",
                                json_pack("{s:s, s:i}", "id", "simulated", "run", (int)run + 1));

        status =
            compare_add_run(comparison, side, side == 0 ? "baseline" : "other", "simulated", head, error);
        json_decref(head);
        for (size_t row = 0; status == 0 && row < (size_t)simulation->model.rows; row++) {
            simulation->row_shift = row_shifts[row];
            status = add_case(simulation, comparison, row, side, run, error);
        }
    }
    return status;
}

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

static void count_table(struct simulation *simulation, const struct comparison *comparison) {
    const struct model *model = &simulation->model;
    bool wrong = false, trips = false;

    for (size_t i = 0; i < comparison->n_rows; i++) {
        const struct compare_row *row = &comparison->rows[i];
        size_t index =
            (size_t)json_integer_value(json_object_get(json_object_get(row->identity, "params"), "size"));
        bool lossy = is_lossy(model, index, 1);
        double truth = lossy ? -log1p(-model->loss) : 0;

        wrong |= is_false(&row->finding, truth);
        trips |= row->gate == COMPARE_GATE_FAILED && (!lossy || model->loss <= GATE);
        count_interval(simulation, &row->finding, truth);
        simulation->lossy += lossy;
        simulation->found += lossy && row->finding.verdict == COMPARE_SLOWER;
        simulation->equivalent += row->finding.verdict == COMPARE_EQUIVALENT;
    }
    for (size_t i = 0; i < comparison->n_answers && model->lossy == 0; i++) {
        wrong |= is_false(&comparison->answers[i].finding, 0);
        count_interval(simulation, &comparison->answers[i].finding, 0);
    }
    simulation->rows += comparison->n_rows;
    simulation->wrong += wrong;
    simulation->trips += trips;
}

static int simulate_table(struct simulation *simulation, struct vms_error *error) {
    const struct compare_gate gate = {.fail_above = GATE};
    struct comparison *comparison = compare_new(&compare_defaults);
    size_t n_rows = (size_t)simulation->model.rows;
    double *row_shifts = calloc(n_rows, sizeof(*row_shifts));
    int status = 0;

    if (!comparison || !row_shifts)
        abort();
    for (size_t run = 0; run < RUNS_MAX && simulation->model.round > 0; run++)
        simulation->rounds[run] = simulation->model.round * normal(simulation);
    for (size_t side = 0; side < 2; side++)
        for (size_t run = 0; run < RUNS_MAX; run++)
            simulation->shared[side][run] = normal(simulation);
    for (size_t row = 0; row < n_rows; row++)
        row_shifts[row] =
            simulation->model.shift * (is(simulation->model.kind, "uneven") ? exp(normal(simulation)) : 1);
    for (size_t side = 0; status == 0 && side < 2; side++)
        status = add_runs(simulation, comparison, row_shifts, side, error);
    if (status == 0)
        status = compare_finish(comparison, error);
    if (status == 0)
        status = gate_apply(comparison, &gate, error);
    if (status == 0)
        count_table(simulation, comparison);
    compare_free(comparison);
    free(row_shifts);
    return status;
}

static double share(size_t part, double whole) {
    return whole > 0 ? (double)part / whole : 0;
}

static bool set_member(struct model *model, const char *name, size_t length, const char *value) {
    const struct {
        const char *name;
        double *number;
        const char **text;
    } members[] = {{"tables", &model->tables, NULL},   {"rows", &model->rows, NULL},
                   {"runs", &model->runs, NULL},       {"other_runs", &model->other_runs, NULL},
                   {"trials", &model->trials, NULL},   {"resources", &model->resources, NULL},
                   {"seed", &model->seed, NULL},       {"cv", &model->cv, NULL},
                   {"shift", &model->shift, NULL},     {"round", &model->round, NULL},
                   {"in_turn", &model->in_turn, NULL}, {"loss", &model->loss, NULL},
                   {"lossy", &model->lossy, NULL},     {"noise", NULL, &model->noise},
                   {"kind", NULL, &model->kind},       {"figures", NULL, &model->figures}};

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
                            .shift = 0.01,
                            .in_turn = 1,
                            .noise = "normal",
                            .kind = "independent",
                            .figures = "rate"};
    for (int i = 1; i < argc; i++) {
        const char *equals = strchr(argv[i], '=');

        if (!equals || !set_member(model, argv[i], (size_t)(equals - argv[i]), equals + 1))
            return false;
    }
    if (model->other_runs < 1)
        model->other_runs = model->runs;
    return model->rows >= 1 && model->runs >= 1 && model->runs <= RUNS_MAX && model->other_runs <= RUNS_MAX &&
           model->trials >= 1 && model->trials <= TRIALS_MAX && model->resources >= 1 &&
           model->resources <= 4;
}

int main(int argc, char **argv) {
    struct simulation simulation = {0};
    struct vms_error error = {""};
    int status = 0;

    if (!read_model(argc, argv, &simulation.model)) {
        fputs("usage: simulate_verdicts [NAME=VALUE]...: see the head of the source\n", stderr);
        return 2;
    }
    simulation.random = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(simulation.random, (unsigned long)simulation.model.seed);
    for (size_t i = 0; status == 0 && (double)i < simulation.model.tables; i++)
        status = simulate_table(&simulation, &error);
    gsl_rng_free(simulation.random);
    if (status < 0) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    printf(
        "{\"tables\": %.0f, \"false_tables\": %.4f, \"gate_trips\": %.4f, \"coverage\": %.4f, \"width\": %.5f, "
        "\"found\": %.4f, \"equivalent\": %.4f}\n",
        simulation.model.tables, share(simulation.wrong, simulation.model.tables),
        share(simulation.trips, simulation.model.tables),
        share(simulation.covered, (double)simulation.findings),
        simulation.width / fmax(1, (double)simulation.findings),
        share(simulation.found, (double)simulation.lossy),
        share(simulation.equivalent, (double)simulation.rows));
    return 0;
}
