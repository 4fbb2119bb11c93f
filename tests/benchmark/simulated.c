/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulated.h"
#include "compare/collect/collect.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double normal(const struct simulated *table) {
    return gsl_ran_gaussian_ziggurat(table->random, 1);
}

static bool is(const char *text, const char *word) {
    return strcmp(text, word) == 0;
}

/* A run's own normal deviate as one of other shapes, each of some one standard deviation. */
static double reshape(const char *shape, double deviate) {
    if (is(shape, "slowed")) /* what disturbs a run only slows it: exponential */
        return -log(gsl_cdf_ugaussian_Q(deviate));
    if (is(shape, "layouts")) /* one run in five has the other of two layouts */
        return deviate > 0.8416 ? 2.5 : 0;
    if (is(shape, "outlier")) /* one run in ten is far off */
        return deviate > 1.2816 ? 10 : 0.3 * deviate;
    return deviate;
}

/* What a run is off by in a row, in logarithms. */
static double draw_shift(const struct simulated *table, size_t row, size_t side, double shared) {
    const char *kind = table->model->kind;
    double sd = table->row_shifts[row], own = normal(table);

    if (is(kind, "shared"))
        return sd * reshape(table->model->shape, shared);
    if (is(kind, "half"))
        return sd * M_SQRT1_2 * (shared + own);
    if (is(kind, "opposed"))
        return sd * (row % 2 == 0 ? shared : -shared);
    if (is(kind, "twice"))
        return sd * own * (side > 0 ? 2 : 1);
    if (is(kind, "baseline4"))
        return sd * own * (side == 0 ? 4 : 1);
    if (is(kind, "baseline4shared"))
        return sd * shared * (side == 0 ? 4 : 1);
    if (is(kind, "one-side"))
        return side > 0 ? sd * shared : 0;
    if (is(kind, "one-side-shared"))
        return sd * (side > 0 ? shared : own);
    if (is(kind, "heavy"))
        return sd * gsl_ran_tdist(table->random, 3) / sqrt(3);
    if (is(kind, "one-resource"))
        return row % 4 == 0 ? sd * shared : 0;
    return sd * reshape(table->model->shape, own);
}

/* A trial's own noise of one standard deviation, whatever the others have. */
static double draw_own(const struct simulated *table) {
    const char *noise = table->model->noise;
    double own = normal(table);

    if (is(noise, "t3"))
        return gsl_ran_tdist(table->random, 3) / sqrt(3);
    if (is(noise, "t25"))
        return gsl_ran_tdist(table->random, 2.5) / sqrt(5);
    if (is(noise, "modes"))
        return 0.4 * own + (gsl_rng_uniform(table->random) < 0.3 ? 2 : 0);
    if (is(noise, "rare"))
        return 0.4 * own + (gsl_rng_uniform(table->random) < 0.05 ? 4 : 0);
    if (is(noise, "skew")) /* lognormal */
        return (exp(own) - exp(0.5)) / sqrt(M_E * (M_E - 1));
    return own;
}

/* The noise of each trial of a run, one standard deviation. */
static void draw_noise(const struct simulated *table, size_t n, double *ret_noise) {
    const char *noise = table->model->noise;
    double drift = normal(table), last = 0,
           correlation = strtod(noise + strcspn(noise, "0123456789"), NULL) / 10;

    for (size_t i = 0; i < n; i++) {
        double own = draw_own(table);

        if (strncmp(noise, "ar", 2) == 0) /* "ar7": correlated with the trial before by 0.7 */
            own = i == 0 ? own : correlation * last + sqrt(1 - correlation * correlation) * own;
        else if (is(noise, "drift"))
            own += 2 * drift * ((double)i / (double)n - 0.5);
        ret_noise[i] = last = own;
    }
}

bool simulated_is_lossy(const struct model *model, size_t row, size_t side) {
    return side > 0 && (double)row < model->lossy;
}

static size_t trials_of(const struct model *model, size_t side) {
    return (size_t)(side == 0 ? model->trials : model->other_trials);
}

size_t simulated_runs(const struct model *model, size_t side) {
    return (size_t)(side == 0 ? model->runs : model->other_runs);
}

/* What a trial gives whose rate is `rate`. */
static double figure_of(const struct simulated *table, double rate) {
    const char *figures = table->model->figures;

    if (table->model->zero > 0 && gsl_rng_uniform(table->random) < table->model->zero)
        return 0;
    if (is(figures, "steps"))
        return exp(round(log(rate) / 0.05) * 0.05);
    if (is(figures, "counts"))
        return gsl_ran_poisson(table->random, rate / 20);
    if (is(figures, "zeros"))
        return gsl_ran_poisson(table->random, 0.3 * rate / 100);
    return rate;
}

/* The trials of a case in a record. */
struct drawn {
    struct view_sample samples[SIMULATED_TRIALS_MAX];
    struct view_trial trials[SIMULATED_TRIALS_MAX];
    size_t n;
    bool is_ok; /* all of them */
};

static void draw_trials(const struct simulated *table, size_t row, size_t side, double off,
                        struct drawn *ret) {
    const struct model *model = table->model;
    double noise[SIMULATED_TRIALS_MAX], cv = model->cv * (side == 0 ? 1 : model->other_noise),
                                        loss = simulated_is_lossy(model, row, side) ? model->loss : 0;
    double level = 100 * (model->lower > 0 ? 1 / (1 - loss) : 1 - loss);

    draw_noise(table, trials_of(model, side), noise);
    if ((double)row < model->constant)
        off = cv = 0;
    ret->is_ok = true;
    ret->n = trials_of(model, side);
    for (size_t i = 0; i < ret->n; i++) {
        bool is_ok = !(model->failed > 0) || gsl_rng_uniform(table->random) >= model->failed;

        ret->samples[i] = (struct view_sample){.value = figure_of(table, level * exp(off + cv * noise[i]))};
        ret->trials[i] = (struct view_trial){.trial = (unsigned)i + 1,
                                             .status = is_ok ? OUTCOME_OK : OUTCOME_FAILED,
                                             .reason = is_ok ? "" : "drawn so",
                                             .samples = &ret->samples[i],
                                             .n_samples = is_ok};
        ret->is_ok &= is_ok;
    }
}

/* Keeps what was drawn, for other programs. */
static void show_case(json_t *cases, size_t row, const struct drawn *drawn) {
    json_t *values = json_array();

    for (size_t i = 0; i < drawn->n; i++)
        json_array_append_new(
            values, drawn->trials[i].status == OUTCOME_OK ? json_real(drawn->samples[i].value) : json_null());
    json_array_append_new(cases, json_pack("{s:i, s:o}", "row", (int)row, "values", values));
}

static int add_case(const struct simulated *table, struct comparison *comparison, size_t row,
                    struct drawn *drawn, struct vms_error *error) {
    static const enum vms_resource resources[] = {VMS_CPU, VMS_MEMORY, VMS_DISK, VMS_NETWORK};
    const struct view_metric metric = {.name = "rate",
                                       .is_summarised = true,
                                       .unit = VMS_PER_SECOND,
                                       .better = table->model->lower > 0 ? VMS_LOWER : VMS_HIGHER};
    char digits[24];
    const struct view_param param = {.name = "size", .value = {VIEW_WHOLE, (double)row, false, digits}};
    struct view_case outcome = {.group = "simulated",
                                .module = "none",
                                .workload_version = 1,
                                .resource = resources[row % (size_t)table->model->resources],
                                .path = "",
                                .cpus = "",
                                .params = &param,
                                .n_params = 1,
                                .status = drawn->is_ok ? OUTCOME_OK : OUTCOME_FAILED,
                                .reason = drawn->is_ok ? "" : "drawn so",
                                .trials = drawn->trials,
                                .n_trials = drawn->n,
                                .metrics = &metric,
                                .n_metrics = 1};

    (void)snprintf(digits, sizeof(digits), "%zu", row);
    return compare_add_case(comparison, &outcome, error);
}

static struct view_head head_of(const struct model *model, size_t run) {
    struct view_head head = {.run_id = "",
                             .status = OUTCOME_OK,
                             .machine = {.virtualization = "", .container = ""},
                             .run_set = {.id = ""}};

    if (model->in_turn > 0 || model->looks > 0)
        head.run_set = (struct view_run_set){.id = "simulated",
                                             .run = run + 1,
                                             .of = (size_t)model->runs,
                                             .has_looks = model->looks > 0,
                                             .first = (size_t)model->looks,
                                             .error = COMPARE_ERROR};
    return head;
}

/* Keeps what a run says, for other programs. Borrows `cases`. */
static void show_run(json_t *drawn, size_t side, const struct view_run_set *set, json_t *cases) {
    json_t *run = json_pack("{s:i, s:O}", "side", (int)side, "cases", cases);
    json_t *json =
        set->run > 0 ? json_pack("{s:s, s:i, s:i}", "id", set->id, "run", (int)set->run, "runs", (int)set->of)
                     : NULL;

    if (set->has_looks)
        json_object_set_new(json, "looks",
                            json_pack("{s:i, s:f}", "first", (int)set->first, "error", set->error));
    if (json)
        json_object_set_new(run, "set", json);
    json_array_append_new(drawn, run);
}

/* A run of its own seed, whatever else was drawn. */
static void seed_run(const struct simulated *table, size_t side, size_t run) {
    gsl_rng_set(table->random, table->seed + 1 + side * SIMULATED_RUNS_MAX + run);
}

int simulated_add_side(struct simulated *table, struct comparison *comparison, size_t side, size_t runs,
                       struct vms_error *error) {
    char label[32] = "baseline";
    int status = 0;

    if (side > 0)
        (void)snprintf(label, sizeof(label), "other-%zu", side);
    for (size_t run = 0; status == 0 && run < runs; run++) {
        const struct view_head head = head_of(table->model, run);
        json_t *cases = json_array();
        double shared;

        seed_run(table, side, run);
        shared = normal(table);
        status = compare_add_run(comparison, side, label, "simulated", &head, error);
        if (table->drawn)
            show_run(table->drawn, side, &head.run_set, cases);
        for (size_t row = 0; status == 0 && row < (size_t)table->model->rows; row++) {
            double off = table->rounds[run] + draw_shift(table, row, side, shared);
            struct drawn drawn;

            draw_trials(table, row, side, off, &drawn);
            if (table->model->missing > 0 && gsl_rng_uniform(table->random) < table->model->missing)
                continue;
            if (table->drawn)
                show_case(cases, row, &drawn);
            status = add_case(table, comparison, row, &drawn, error);
        }
        json_decref(cases);
    }
    return status;
}

void simulated_begin(struct simulated *table, const struct model *model, unsigned long seed) {
    size_t n = (size_t)model->rows;

    table->model = model;
    table->seed = seed;
    table->random = table->random ? table->random : gsl_rng_alloc(gsl_rng_mt19937);
    table->row_shifts = reallocarray(table->row_shifts, n, sizeof(*table->row_shifts));
    if (!table->random || !table->row_shifts)
        abort();
    gsl_rng_set(table->random, seed);
    for (size_t run = 0; run < SIMULATED_RUNS_MAX; run++)
        table->rounds[run] =
            model->round * normal(table) + model->trend * ((double)run / fmax(1, model->runs - 1) - 0.5);
    for (size_t row = 0; row < n; row++)
        table->row_shifts[row] = model->shift * (is(model->kind, "uneven") ? exp(normal(table)) : 1);
}

void simulated_done(struct simulated *table) {
    gsl_rng_free(table->random);
    free(table->row_shifts);
}
