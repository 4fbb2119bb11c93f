/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One trial as JSON. */
#include "base/cleanup.h"
#include "record/value.h"
#include "record/write/record.h"
#include "record/write/record_clock.h"
#include "record/write/record_noise.h"

#include <math.h>
#include <string.h>

json_t *record_facts(const struct outcome_facts *facts) {
    json_t *array = json_array();
    int failed = 0;

    for (size_t i = 0; i < facts->n_facts; i++) {
        json_t *fact = json_object();

        failed |= value_set(fact, "key", value_text(facts->facts[i].key));
        failed |= value_set(fact, "value", value_text(facts->facts[i].value));
        failed |= json_array_append_new(array, fact);
    }
    return value_finish(array, failed);
}

static json_t *new_percentiles(const struct stats_distribution *distribution) {
    json_t *array = json_array();
    int failed = 0;

    for (size_t i = 0; i < STATS_QUANTILES; i++) {
        json_t *percentile = json_object();

        failed |= value_set(percentile, "q", value_number(stats_quantiles[i]));
        failed |= value_set(percentile, "value", value_number(distribution->quantiles[i]));
        failed |= json_array_append_new(array, percentile);
    }
    return value_finish(array, failed);
}

static json_t *new_histogram(const struct sketch *sketch) {
    char counts[SKETCH_TEXT_SIZE];
    json_t *json = json_object();
    int failed = 0;

    sketch_format(sketch, counts);
    failed |= value_set(json, "relative_error", json_real(SKETCH_ERROR));
    failed |= value_set(json, "zeros", value_whole(sketch->zeros));
    failed |= value_set(json, "first", json_integer(sketch->first));
    failed |= value_set(json, "counts", json_string(counts));
    return value_finish(json, failed);
}

static json_t *new_metric(const struct vms_module *module, const struct outcome_metric *metric) {
    json_t *json = json_object();
    int failed = 0;

    failed |= value_set(json, "metric", value_text(module->metrics[metric->metric].name));
    failed |= value_set(json, "value", value_number(metric->value));
    if (!metric->is_distribution)
        return value_finish(json, failed);
    failed |= value_set(json, "n", value_whole(metric->distribution.n));
    failed |= value_set(json, "mean", value_number(metric->distribution.mean));
    failed |= value_set(json, "sd", value_number(metric->distribution.sd));
    failed |= value_set(json, "percentiles", new_percentiles(&metric->distribution));
    if (metric->sketch)
        failed |= value_set(json, "histogram", new_histogram(metric->sketch));
    if (metric->n_raw > 0) {
        json_t *values = json_array();

        for (size_t i = 0; i < metric->n_raw; i++)
            failed |= json_array_append_new(values, value_number(metric->raw[i]));
        failed |= value_set(json, "values", values);
    }
    return value_finish(json, failed);
}

static json_t *new_flags(const struct outcome_trial *trial) {
    json_t *array = record_flags(trial->flags);
    int failed = 0;

    if (trial->clock.flagged)
        failed |= json_array_append_new(array, value_text(RECORD_FLAG_CLOCK));
    return value_finish(array, failed);
}

/* Attempts have no attempts of their own. */
static json_t *new_attempts(const struct outcome_case *outcome, const struct outcome_trial *trial) {
    json_t *array = json_array();
    int failed = 0;

    for (size_t i = 0; i < trial->n_attempts; i++)
        failed |= json_array_append_new(array, record_trial(outcome, &trial->attempts[i]));
    return value_finish(array, failed);
}

static json_t *new_log(const struct outcome_trial *trial) {
    json_t *array = json_array();
    int failed = 0;

    for (size_t i = 0; i < trial->n_log; i++)
        failed |= json_array_append_new(array, value_text(trial->log[i]));
    return value_finish(array, failed);
}

json_t *record_trial(const struct outcome_case *outcome, const struct outcome_trial *trial) {
    json_t *json = json_object(), *metrics = json_array();
    int failed = 0;

    /* What a failed trial reported before it failed is not a figure of anything. */
    for (size_t i = 0; trial->status == OUTCOME_OK && i < trial->n_metrics; i++)
        failed |= json_array_append_new(metrics, new_metric(outcome->module, &trial->metrics[i]));
    failed |= value_set(json, "trial", json_integer(trial->trial));
    failed |= value_set(json, "order", json_integer(trial->order));
    failed |= value_set(json, "start_s", value_number(trial->start_s));
    failed |= value_set(json, "duration_s", value_number(trial->duration_s));
    failed |= value_set(json, "status", value_text(outcome_status_name(trial->status)));
    failed |= value_set(json, "reason", value_text(trial->reason));
    failed |= value_set(json, "flags", new_flags(trial));
    if (trial->has_noise)
        failed |= value_set(json, "noise", record_noise(&trial->noise));
    failed |= value_set(json, "facts", record_facts(&trial->facts));
    if (trial->n_log > 0)
        failed |= value_set(json, "log", new_log(trial));
    failed |= value_set(json, "clock", record_clock(&trial->clock));
    failed |= value_set(json, "metrics", metrics);
    if (trial->n_attempts > 0)
        failed |= value_set(json, "attempts", new_attempts(outcome, trial));
    return value_finish(json, failed);
}
