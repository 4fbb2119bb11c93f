/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of a case: its metrics, what the run says of each, and the values of the trials. */
#include "history/import.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "base/units.h"
#include "record/identity/identity.h"
#include "record/json.h"
#include "record/value.h"
#include "record/view/tails.h"
#include "stats/runs/run_figure.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

/* What a run's trials say of a metric, or of a tail of it. */
struct summary {
    double *values;   /* those of the trials that are ok, in order */
    double *sorted;   /* the same */
    unsigned *trials; /* that they are of; 0: of all together */
    size_t n;
    unsigned noisy;
    struct run_figure figure;
    double sd, minimum, median, maximum;
};

static int settle_work(struct import *import, const struct view_head *head, const struct view_case *outcome,
                       const char *label, int64_t *ret_work, struct vms_error *error) {
    static const struct import_texts works = {WORKS, FIND_WORK, ADD_WORK};
    struct arena arena = {0};
    const struct identity *identity = identity_new(&arena, head, outcome);
    json_auto_t *json = identity ? identity_json(identity) : NULL;
    cleanup_free char *text = json_canonical(json);
    struct statement *add = import->statements[ADD_WORK];

    arena_done(&arena);
    if (!text)
        return error_memory(error);
    statement_set_text(add, 4, label);
    statement_set_text(add, 5, outcome->module);
    statement_set_text(add, 6, value_resource_name(outcome->resource));
    statement_set_whole(add, 7, outcome->workload_version);
    return import_settle(import, &works, text, ret_work, error);
}

/* A metric of a work, or a tail of it. */
struct series {
    int64_t work;
    const struct view_metric *metric;
    const char *name; /* the metric's, or the tail's */
    bool is_headline;
};

static int settle_series(struct import *import, const struct series *series, int64_t *ret_series,
                         struct vms_error *error) {
    const struct view_metric *metric = series->metric;
    const char *texts[] = {series->name, units_name(metric->unit), value_better_name(metric->better),
                           value_side_name(metric->side)};
    struct statement *find = import->statements[FIND_SERIES], *add = import->statements[ADD_SERIES];
    int status;

    statement_set_whole(find, 1, series->work);
    for (unsigned i = 0; i < VMS_LENGTH(texts); i++)
        statement_set_text(find, 2 + i, texts[i]);
    status = statement_step(find, error);
    if (status == 1) {
        *ret_series = statement_whole(find, 0);
        statement_reset(find);
    }
    if (status != 0)
        return status < 0 ? status : 0;
    *ret_series = import->next[SERIES]++;
    statement_set_whole(add, 1, *ret_series);
    statement_set_whole(add, 2, series->work);
    for (unsigned i = 0; i < VMS_LENGTH(texts); i++)
        statement_set_text(add, 3 + i, texts[i]);
    statement_set_whole(add, 7, series->is_headline);
    return statement_run(add, error);
}

/* `merged`: the tail of all trials together, or NaN. */
static void collect(const struct view_case *outcome, size_t metric, const struct tail *tail, double merged,
                    struct summary *summary) {
    summary->n = summary->noisy = 0;
    for (size_t i = 0; i < outcome->n_trials; i++) {
        const struct view_trial *trial = &outcome->trials[i];
        const struct view_sample *sample =
            trial->status == OUTCOME_OK ? view_find_sample(trial, metric) : NULL;
        double value = !sample ? (double)NAN : tail ? tails_value(tail, sample) : sample->value;

        if (!isfinite(value))
            continue;
        summary->values[summary->n] = value;
        summary->trials[summary->n++] = trial->trial;
        summary->noisy += trial->n_flags > 0;
    }
    if (summary->n > 0 || !isfinite(merged)) /* perhaps only all trials together have enough samples */
        return;
    summary->values[0] = merged;
    summary->trials[0] = 0;
    summary->n = 1;
}

/* False: there is nothing. */
static bool summarise(const struct view_case *outcome, size_t metric, const struct tail *tail,
                      struct summary *summary) {
    double *sorted = summary->sorted, merged = tail ? tails_merged(tail, outcome, metric) : (double)NAN;
    size_t n;

    collect(outcome, metric, tail, merged, summary);
    n = summary->n;
    if (n == 0)
        return false;
    memcpy(sorted, summary->values, n * sizeof(*sorted));
    run_figure_of(sorted, n, &summary->figure);
    summary->sd = n > 1 ? gsl_stats_sd_m(sorted, 1, n, summary->figure.mean) : (double)NAN;
    summary->minimum = sorted[0];
    summary->median = gsl_stats_median_from_sorted_data(sorted, 1, n);
    summary->maximum = sorted[n - 1];
    if (isfinite(merged)) /* the run's figure, as a comparison has it */
        run_figure_give(&summary->figure, merged);
    return true;
}

static int add_figure(struct import *import, int64_t series, int64_t run, const struct view_case *outcome,
                      const struct summary *summary, struct vms_error *error) {
    struct statement *add = import->statements[ADD_FIGURE];

    statement_set_whole(add, 1, import->next[FIGURES]);
    statement_set_whole(add, 2, series);
    statement_set_whole(add, 3, run);
    statement_set_whole(add, 4, outcome->id);
    statement_set_whole(add, 5, (int64_t)summary->figure.n);
    statement_set_whole(add, 6, summary->noisy);
    statement_set_real(add, 7, isfinite(summary->figure.log) ? summary->figure.log : (double)NAN);
    statement_set_real(add, 8, summary->figure.mean);
    statement_set_real(add, 9, summary->sd);
    statement_set_real(add, 10, summary->minimum);
    statement_set_real(add, 11, summary->median);
    statement_set_real(add, 12, summary->maximum);
    return statement_run(add, error);
}

static int add_samples(struct import *import, int64_t figure, const struct summary *summary,
                       struct vms_error *error) {
    struct statement *add = import->statements[ADD_SAMPLE];
    int status = 0;

    for (size_t i = 0; status == 0 && i < summary->n; i++) {
        statement_set_whole(add, 1, figure);
        statement_set_whole(add, 2, summary->trials[i]);
        statement_set_real(add, 3, summary->values[i]);
        status = statement_run(add, error);
    }
    return status;
}

/* A case, while its rows are added. */
struct adding {
    struct import *import;
    const struct view_case *outcome;
    int64_t run, work;
    struct summary summary;
};

static int add_series(struct adding *adding, size_t metric, const struct tail *tail,
                      struct vms_error *error) {
    const struct view_metric *of = &adding->outcome->metrics[metric];
    struct series series = {adding->work, of, of->name, metric == 0 && !tail};
    struct import *import = adding->import;
    cleanup_free char *name = NULL;
    int64_t number = 0;
    int status;

    if (!summarise(adding->outcome, metric, tail, &adding->summary))
        return 0;
    if (tail && !(name = text_new("%s %s", of->name, tail->name)))
        return error_memory(error);
    if (name)
        series.name = name;
    status = settle_series(import, &series, &number, error);
    if (status == 0)
        status = add_figure(import, number, adding->run, adding->outcome, &adding->summary, error);
    return status < 0 ? status : add_samples(import, import->next[FIGURES]++, &adding->summary, error);
}

int import_case(struct import *import, int64_t run, const struct view_head *head,
                const struct view_case *outcome, const char *label, struct vms_error *error) {
    size_t n = outcome->n_trials + 1;
    cleanup_free double *values = calloc(2 * n, sizeof(*values));
    cleanup_free unsigned *trials = calloc(n, sizeof(*trials));
    struct adding adding = {
        import, outcome, run, 0, {.values = values, .sorted = values ? values + n : NULL, .trials = trials}};
    int status = values && trials ? settle_work(import, head, outcome, label, &adding.work, error)
                                  : error_memory(error);

    for (size_t i = 0; status == 0 && i < outcome->n_metrics && outcome->metrics[i].is_summarised; i++) {
        bool has_tails = tails_are_of(&outcome->metrics[i]);

        status = add_series(&adding, i, NULL, error);
        for (size_t j = 0; status == 0 && has_tails && tails_at(j); j++)
            status = add_series(&adding, i, tails_at(j), error);
    }
    return status;
}
