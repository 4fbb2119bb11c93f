/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/read/record_check_case.h"

#include "base/cleanup.h"
#include "record/json.h"
#include "record/read/reader.h"
#include "record/view/view_read.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

/* How far a stored figure may lie from the recomputed one, relative to its size. */
#define TOLERANCE 1e-9

void check_problem(const struct check *check, const char *path, const char *format, ...) {
    char sentence[512];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    check->report(check->context, path, sentence);
}

void check_path(char ret_path[static CHECK_PATH_SIZE], const char *path, const char *key, size_t index) {
    if (snprintf(ret_path, CHECK_PATH_SIZE, "%s.%s[%zu]", path, key, index) < 0)
        ret_path[0] = '\0';
}

/* A stored figure against what it has to be; NaN is null. */
static void check_figure(const struct check *check, const char *path, const char *key, double stored,
                         double expected) {
    if (isnan(expected) && isnan(stored))
        return;
    if (isnan(expected))
        check_problem(check, path, "\"%s\" must be null: the trials do not give it", key);
    else if (isnan(stored) || fabs(stored - expected) > TOLERANCE * fmax(fabs(expected), 1e-300))
        check_problem(check, path, "\"%s\" is not what the values give, %.17g", key, expected);
}

/* Summaries. */

static size_t collect(const struct view_case *outcome, size_t metric, double *values) {
    size_t n = 0;

    for (size_t i = 0; i < outcome->n_trials; i++) {
        const struct view_sample *sample = view_find_sample(&outcome->trials[i], metric);

        if (outcome->trials[i].status == OUTCOME_OK && sample && !isnan(sample->value))
            values[n++] = sample->value;
    }
    return n;
}

static void check_summary(const struct check *check, const char *path, const struct stats_summary *stored,
                          const struct stats_summary *expected) {
    const struct {
        const char *key;
        double stored, expected;
    } figures[] = {
        {"n", (double)stored->n, (double)expected->n},
        {"mean", stored->mean, expected->mean},
        {"sd", stored->sd, expected->sd},
        {"cv", stored->cv, expected->cv},
        {"min", stored->min, expected->min},
        {"q1", stored->q1, expected->q1},
        {"median", stored->median, expected->median},
        {"q3", stored->q3, expected->q3},
        {"max", stored->max, expected->max},
        {"ci95_mean", stored->ci95_mean[0], expected->ci95_mean[0]},
        {"ci95_mean", stored->ci95_mean[1], expected->ci95_mean[1]},
        {"ci95_median", stored->ci95_median[0], expected->ci95_median[0]},
        {"ci95_median", stored->ci95_median[1], expected->ci95_median[1]},
        {"outliers", (double)stored->outliers, (double)expected->outliers},
    };

    for (size_t i = 0; i < VMS_LENGTH(figures); i++)
        check_figure(check, path, figures[i].key, figures[i].stored, figures[i].expected);
}

static void check_summaries(const struct check *check, const char *path, const struct view_case *outcome) {
    cleanup_free double *values = calloc(outcome->n_trials + 1, sizeof(*values));

    for (size_t i = 0; values && i < outcome->n_metrics; i++) {
        const struct view_metric *metric = &outcome->metrics[i];
        char summary_path[CHECK_PATH_SIZE];
        struct stats_summary expected;

        check_path(summary_path, path, "summary", i);
        if (!metric->is_summarised) {
            check_problem(check, path, "metric \"%.60s\" of its trials has no summary", metric->name);
            continue;
        }
        stats_summarise(values, collect(outcome, i, values), outcome->seed, &expected);
        check_summary(check, summary_path, &metric->summary, &expected);
    }
}

/* Trials. */

/* Quantiles rise, the value is the median, and raw values give them all. */
static void check_distribution(const struct check *check, const char *path, const char *name,
                               const struct view_sample *sample) {
    const struct view_distribution *stored = sample->distribution;
    struct stats_distribution expected;
    cleanup_free double *values = NULL;

    for (size_t i = 0; i < stored->n_quantiles; i++) {
        const struct view_quantile *quantile = &stored->quantiles[i];

        /* Interpolating between equal values may be off by the last digit. */
        if (i > 0 && (quantile->q <= quantile[-1].q ||
                      quantile->value < quantile[-1].value - TOLERANCE * fabs(quantile[-1].value)))
            check_problem(check, path, "the percentiles of \"%.60s\" do not rise", name);
        if (quantile->q < 0 || quantile->q > 1)
            check_problem(check, path, "%g is not a quantile of \"%.60s\"", quantile->q, name);
        if (quantile->q == 0.5)
            check_figure(check, path, "value", sample->value, quantile->value);
    }
    if (stored->n == 0)
        check_problem(check, path, "\"%.60s\" is a distribution of no values", name);
    if (stored->histogram && sketch_count(stored->histogram) != stored->n)
        check_problem(check, path, "the histogram of \"%.60s\" does not hold \"n\" values", name);
    if (stored->n_values == 0)
        return;
    if (stored->n_values != stored->n)
        check_problem(check, path, "\"%.60s\" has %zu values, and \"n\" is not that", name, stored->n_values);
    values = malloc(stored->n_values * sizeof(*values));
    if (!values)
        return;
    memcpy(values, stored->values, stored->n_values * sizeof(*values));
    stats_distribute(values, stored->n_values, &expected);
    check_figure(check, path, "mean", stored->mean, expected.mean);
    check_figure(check, path, "sd", stored->sd, expected.sd);
    for (size_t i = 0; i < stored->n_quantiles; i++)
        for (size_t j = 0; j < STATS_QUANTILES; j++)
            if (stored->quantiles[i].q == stats_quantiles[j])
                check_figure(check, path, "percentiles", stored->quantiles[i].value, expected.quantiles[j]);
}

static void check_samples(const struct check *check, const char *path, const struct view_case *outcome,
                          const struct view_trial *trial) {
    for (size_t i = 0; i < trial->n_samples; i++) {
        const char *name = outcome->metrics[trial->samples[i].metric].name;

        for (size_t j = 0; j < i; j++)
            if (trial->samples[j].metric == trial->samples[i].metric)
                check_problem(check, path, "it has two figures of \"%.60s\"", name);
        if (trial->samples[i].distribution)
            check_distribution(check, path, name, &trial->samples[i]);
    }
}

static void check_times(const struct check *check, const char *path, const struct view_trial *trial) {
    if (trial->duration_s < 0)
        check_problem(check, path, "\"duration_s\" is %g: a duration is not negative", trial->duration_s);
    if (trial->start_s < 0)
        check_problem(check, path, "\"start_s\" is %g: no trial begins before its run", trial->start_s);
}

/* A status needs a reason where it is not ok, and none where it is. */
static void check_reason(const struct check *check, const char *path, enum outcome_status status,
                         const char *reason) {
    if (status == OUTCOME_OK && *reason)
        check_problem(check, path, "status \"ok\" has a reason: \"%.100s\"", reason);
    else if (status != OUTCOME_OK && !*reason)
        check_problem(check, path, "status \"%s\" needs a reason", outcome_status_name(status));
}

static void check_trial(const struct check *check, const char *path, const struct view_case *outcome,
                        size_t index) {
    const struct view_trial *trial = &outcome->trials[index];

    if (trial->trial == 0 || (index > 0 && trial->trial <= trial[-1].trial))
        check_problem(check, path,
                      "\"trial\" is %u: trial numbers count from 1, each larger than the one before",
                      trial->trial);
    check_times(check, path, trial);
    check_reason(check, path, trial->status, trial->reason);
    if (trial->status == OUTCOME_OK && trial->n_samples == 0)
        check_problem(check, path, "status \"ok\", but it has no figures");
    if (trial->status != OUTCOME_OK && trial->n_samples > 0)
        check_problem(check, path, "status \"%s\", but it has figures", outcome_status_name(trial->status));
    check_samples(check, path, outcome, trial);
}

/* The case is ok only where all wanted trials are; "auto" may end it before. */
static void check_wanted(const struct check *check, const char *path, const struct view_case *outcome) {
    bool may_end_early = json_object_get(check->early, outcome->group) != NULL;

    if (outcome->trials_wanted > 0 && outcome->n_trials > outcome->trials_wanted)
        check_problem(check, path, "it has %zu trials, but %u were wanted", outcome->n_trials,
                      outcome->trials_wanted);
    if (outcome->status != OUTCOME_OK)
        return;
    if (outcome->n_trials == 0 || (outcome->n_trials < outcome->trials_wanted && !may_end_early))
        check_problem(check, path, "status \"ok\", but only %zu of %u trials were made", outcome->n_trials,
                      outcome->trials_wanted);
    for (size_t i = 0; i < outcome->n_trials; i++)
        if (outcome->trials[i].status != OUTCOME_OK) {
            check_problem(check, path, "status \"ok\", but trial %u is \"%s\"", outcome->trials[i].trial,
                          outcome_status_name(outcome->trials[i].status));
            return;
        }
}

static void check_content(const struct check *check, const char *path, const struct view_case *outcome) {
    check_reason(check, path, outcome->status, outcome->reason);
    check_wanted(check, path, outcome);
    for (size_t i = 0; i < outcome->n_trials; i++) {
        char trial_path[CHECK_PATH_SIZE];

        check_path(trial_path, path, "trials", i);
        check_trial(check, trial_path, outcome, i);
    }
    check_summaries(check, path, outcome);
}

void check_case(const struct check *check, const char *path, const json_t *json) {
    struct view_case outcome = {0};
    struct vms_error error = {""};

    if (view_read_json(json, &outcome, &error) < 0)
        check_problem(check, path, "%s", error.text);
    else
        check_content(check, path, &outcome);
    reader_case_done(&outcome);
}
