/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of a case: its metrics, what the run says of each, and the values of the trials. */
#include "history/import.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/units.h"
#include "record/identity.h"
#include "record/value.h"
#include "stats/run_figure.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>

/* What a run's trials say of a metric. */
struct summary {
    struct run_figure figure;
    double sd, minimum, median, maximum;
    unsigned noisy;
};

static int settle_work(struct import *import, const struct view_head *head, const struct view_case *outcome,
                       const char *label, int64_t *ret_work, struct vms_error *error) {
    struct arena arena = {0};
    const struct identity *identity = identity_new(&arena, head, outcome);
    json_auto_t *json = identity ? identity_json(identity) : NULL;
    cleanup_free char *text = json ? json_dumps(json, JSON_SORT_KEYS | JSON_COMPACT) : NULL;
    struct statement *add = import->statements[ADD_WORK];

    arena_done(&arena);
    if (!text)
        return error_memory(error);
    statement_set_text(add, 4, label);
    statement_set_text(add, 5, outcome->module);
    statement_set_text(add, 6, value_resource_name(outcome->resource));
    statement_set_whole(add, 7, outcome->workload_version);
    return import_settle(import, WORKS, FIND_WORK, ADD_WORK, text, ret_work, error);
}

static int settle_series(struct import *import, int64_t work, const struct view_metric *metric,
                         bool is_headline, int64_t *ret_series, struct vms_error *error) {
    const char *texts[] = {metric->name, units_name(metric->unit), value_better_name(metric->better),
                           value_side_name(metric->side)};
    struct statement *find = import->statements[FIND_SERIES], *add = import->statements[ADD_SERIES];
    int status;

    statement_set_whole(find, 1, work);
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
    statement_set_whole(add, 2, work);
    for (unsigned i = 0; i < VMS_LENGTH(texts); i++)
        statement_set_text(add, 3 + i, texts[i]);
    statement_set_whole(add, 7, is_headline);
    return statement_run(add, error);
}

static const struct view_sample *sample_of(const struct view_trial *trial, size_t metric) {
    const struct view_sample *sample = trial->status == OUTCOME_OK ? view_find_sample(trial, metric) : NULL;

    return sample && isfinite(sample->value) ? sample : NULL;
}

/* Collects the values of the trials that are ok. */
static size_t summarise(const struct view_case *outcome, size_t metric, double *values, struct summary *ret) {
    size_t n = 0;

    *ret = (struct summary){.sd = NAN};
    for (size_t i = 0; i < outcome->n_trials; i++) {
        const struct view_sample *sample = sample_of(&outcome->trials[i], metric);

        if (!sample)
            continue;
        values[n++] = sample->value;
        ret->noisy += outcome->trials[i].n_flags > 0;
    }
    if (n == 0)
        return 0;
    run_figure_of(values, n, &ret->figure); /* sorts them */
    if (n > 1)
        ret->sd = gsl_stats_sd_m(values, 1, n, ret->figure.mean);
    ret->minimum = values[0];
    ret->median = gsl_stats_median_from_sorted_data(values, 1, n);
    ret->maximum = values[n - 1];
    return n;
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

static int add_samples(struct import *import, int64_t figure, const struct view_case *outcome, size_t metric,
                       struct vms_error *error) {
    struct statement *add = import->statements[ADD_SAMPLE];
    int status = 0;

    for (size_t i = 0; status == 0 && i < outcome->n_trials; i++) {
        const struct view_sample *sample = sample_of(&outcome->trials[i], metric);

        if (!sample)
            continue;
        statement_set_whole(add, 1, figure);
        statement_set_whole(add, 2, outcome->trials[i].trial);
        statement_set_real(add, 3, sample->value);
        status = statement_run(add, error);
    }
    return status;
}

int import_case(struct import *import, int64_t run, const struct view_head *head,
                const struct view_case *outcome, const char *label, struct vms_error *error) {
    cleanup_free double *values = calloc(outcome->n_trials + 1, sizeof(*values));
    int64_t work, series = 0;
    int status = values ? settle_work(import, head, outcome, label, &work, error) : error_memory(error);

    for (size_t i = 0; status == 0 && i < outcome->n_metrics && outcome->metrics[i].is_summarised; i++) {
        struct summary summary;

        if (summarise(outcome, i, values, &summary) == 0)
            continue;
        status = settle_series(import, work, &outcome->metrics[i], i == 0, &series, error);
        if (status == 0)
            status = add_figure(import, series, run, outcome, &summary, error);
        if (status == 0)
            status = add_samples(import, import->next[FIGURES]++, outcome, i, error);
    }
    return status;
}
