/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a case of a run to the series of its metrics, and of their tails. */
#include "compare/collect/collected.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "compare/comparison/account.h"
#include "module/outcome.h"
#include "record/view/tails.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct identity_metric *new_metric(struct arena *arena, const char *name,
                                                const struct view_metric *metric) {
    struct identity_metric *kept = arena_new(arena, sizeof(*kept));

    if (!kept)
        return NULL;
    *kept = (struct identity_metric){arena_text(arena, name, strlen(name)), metric->unit, metric->better,
                                     metric->side};
    return kept->name ? kept : NULL;
}

/* The series of a metric, or of its tail, new where there is none yet. */
static struct series *find_series(struct comparison *comparison, struct subject *subject,
                                  const struct view_metric *metric, const struct tail *tail) {
    cleanup_free char *name = text_new("%s%s%s", metric->name, tail ? " " : "", tail ? tail->name : "");
    struct series *grown;

    for (size_t i = 0; name && i < subject->n_series; i++)
        if (strcmp(subject->series[i].metric->name, name) == 0)
            return &subject->series[i];
    grown = name ? reallocarray(subject->series, subject->n_series + 1, sizeof(*grown)) : NULL;
    if (!grown)
        return NULL;
    subject->series = grown;
    grown += subject->n_series;
    *grown = (struct series){.tail = tail,
                             .median = metric->shape == VMS_DISTRIBUTION && !tail,
                             .metric = new_metric(&comparison->arena, name, metric)};
    subject->n_series += grown->metric != NULL;
    return grown->metric ? grown : NULL;
}

/* Appends the values of the current run; values[0] is room for their number. */
static int append_values(struct comparison *comparison, struct series *series, double *values, size_t n,
                         double given) {
    struct compare_collected *raw = comparison->raw;
    int status;

    values[0] = (double)n;
    series->n_values += n;
    status = spill_append(raw->spill, &series->values, values, n + 1);
    return status < 0 ? status
                      : series_add_run(series, raw->spill, comparison->sides[raw->side].n_runs - 1,
                                       values + 1, n, given);
}

/* The figures of the case's ok trials, from ret_values[1] on; returns how many. */
static size_t find_values(const struct view_case *outcome, size_t metric, const struct tail *tail,
                          double *ret_values) {
    size_t n = 0;

    for (size_t i = 0; i < outcome->n_trials; i++) {
        const struct view_sample *sample = view_find_sample(&outcome->trials[i], metric);
        double value = !sample ? (double)NAN : tail ? tails_value(tail, sample) : sample->value;

        if (outcome->trials[i].status == OUTCOME_OK && !isnan(value))
            ret_values[++n] = value;
    }
    return n;
}

/* Appends the values that the case's ok trials gave for a metric, which may be none. */
static int add_values(struct comparison *comparison, struct subject *subject, const struct view_case *outcome,
                      size_t metric) {
    cleanup_free double *values = calloc(outcome->n_trials + 1, sizeof(*values));
    struct series *series = values ? find_series(comparison, subject, &outcome->metrics[metric], NULL) : NULL;
    size_t n = series ? find_values(outcome, metric, NULL, values) : 0;

    if (!series)
        return -ENOMEM;
    return n > 0 ? append_values(comparison, series, values, n, NAN) : 0;
}

/* The same for a tail: trials that have enough samples show the noise, all of them together give the run's
 * figure. */
static int add_tail(struct comparison *comparison, struct subject *subject, const struct view_case *outcome,
                    size_t metric, const struct tail *tail) {
    cleanup_free double *values = calloc(outcome->n_trials + 2, sizeof(*values));
    struct sketch samples = {0};
    bool whole = tails_merge(outcome, metric, &samples) == 0;
    double figure = whole ? tails_of_run(tail, &samples, outcome, metric) : (double)NAN;
    size_t n = values ? find_values(outcome, metric, tail, values) : 0;
    struct series *series;

    if (!values)
        return -ENOMEM;
    if (n == 0 && isnan(figure))
        return 0;
    if (n == 0)
        values[++n] = figure;
    series = find_series(comparison, subject, &outcome->metrics[metric], tail);
    if (!series || series_add_samples(series, whole ? &samples : NULL) < 0)
        return -ENOMEM;
    return append_values(comparison, series, values, n, figure);
}

static int add_tails(struct comparison *comparison, struct subject *subject, const struct view_case *outcome,
                     size_t metric) {
    const char *name = outcome->metrics[metric].name;
    int status = 0;

    for (size_t i = 0; status == 0 && tails_are_of(&outcome->metrics[metric]) && tails_asked(i); i++) {
        cleanup_free char *own = text_new("%s %s", name, tails_asked(i)->name);

        if (!own)
            status = -ENOMEM;
        else if (i < TAILS_COMPARED || compare_is_asked(comparison, own))
            status = add_tail(comparison, subject, outcome, metric, tails_asked(i));
    }
    return status;
}

/* What the host paid for the work, where it was counted. */
static int add_paid(struct comparison *comparison, struct subject *subject, const struct view_case *outcome) {
    cleanup_free double *values = calloc(outcome->n_trials + 1, sizeof(*values));
    const struct view_metric *metric;
    size_t n = values ? account_values(outcome, &metric, values + 1) : 0;
    struct series *series = n > 0 ? find_series(comparison, subject, metric, NULL) : NULL;

    if (!values || (n > 0 && !series))
        return -ENOMEM;
    return n > 0 ? append_values(comparison, series, values, n, NAN) : 0;
}

int series_add_case(struct comparison *comparison, struct subject *subject, const struct view_case *outcome) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < outcome->n_metrics && outcome->metrics[i].is_summarised; i++) {
        if (outcome->metrics[i].better == VMS_NEITHER)
            continue; /* a property, such as a residual: a difference is neither loss nor gain */
        status = add_values(comparison, subject, outcome, i);
    }
    for (size_t i = 0; status == 0 && i < outcome->n_metrics && outcome->metrics[i].is_summarised; i++)
        status = add_tails(comparison, subject, outcome, i);
    return status < 0 ? status : add_paid(comparison, subject, outcome);
}
