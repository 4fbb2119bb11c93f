/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One trial, back from JSON. */
#include "record/write/record.h"

#include "base/error.h"
#include "record/value.h"
#include "record/write/record_clock.h"
#include "record/write/record_noise.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* Reads a number; null is NaN. */
static int read_number(const json_t *json, const char *key, double *ret_number, struct vms_error *error) {
    const json_t *number = json_object_get(json, key);

    if (!json_is_number(number) && !json_is_null(number))
        return error_set(error, -EINVAL, "\"%s\" must be a number or null", key);
    *ret_number = json_is_null(number) ? NAN : json_number_value(number);
    return 0;
}

static int read_unsigned(const json_t *json, const char *key, unsigned *ret_number, struct vms_error *error) {
    json_int_t number = json_integer_value(json_object_get(json, key));

    if (number < 1 || number > UINT32_MAX)
        return error_set(error, -EINVAL, "\"%s\" must be a whole number from 1", key);
    *ret_number = (unsigned)number;
    return 0;
}

static int read_percentiles(const json_t *json, struct stats_distribution *ret, struct vms_error *error) {
    const json_t *percentiles = json_object_get(json, "percentiles");
    int status = 0;

    if (json_array_size(percentiles) != STATS_QUANTILES)
        return error_set(error, -EINVAL, "\"percentiles\" must hold %d figures", STATS_QUANTILES);
    for (size_t i = 0; i < STATS_QUANTILES && status == 0; i++) {
        const json_t *row = json_array_get(percentiles, i);
        double quantile = NAN;

        status = read_number(row, "q", &quantile, error);
        if (status == 0 && quantile != stats_quantiles[i])
            status =
                error_set(error, -EINVAL, "percentile %zu must be that of q %g", i + 1, stats_quantiles[i]);
        if (status == 0)
            status = read_number(row, "value", &ret->quantiles[i], error);
    }
    return status;
}

/* Of a journal, which this program wrote. */
static int read_histogram(const json_t *json, struct outcome_metric *metric, struct vms_error *error) {
    const char *counts = json_string_value(json_object_get(json, "counts"));
    struct sketch *sketch;

    if (!json)
        return 0;
    sketch = calloc(1, sizeof(*sketch));
    if (!sketch)
        return error_memory(error);
    metric->sketch = sketch;
    sketch->first = (int32_t)json_integer_value(json_object_get(json, "first"));
    if (value_read_whole(json_object_get(json, "zeros"), &sketch->zeros) < 0 || !counts ||
        sketch_parse(counts, sketch) < 0 || !sketch_is_valid(sketch))
        return error_set(error, -EINVAL, "\"histogram\" is not one");
    return 0;
}

static int read_distribution(const json_t *json, struct outcome_metric *metric, struct vms_error *error) {
    const json_t *values = json_object_get(json, "values");
    int status;

    metric->is_distribution = true;
    if (value_read_whole(json_object_get(json, "n"), &metric->distribution.n) < 0)
        return error_set(error, -EINVAL, "\"n\" must be a whole number");
    if (json_array_size(values) > OUTCOME_RAW_MAX)
        return error_set(error, -EINVAL, "\"values\" may hold %d figures", OUTCOME_RAW_MAX);
    status = read_number(json, "mean", &metric->distribution.mean, error);
    if (status == 0)
        status = read_number(json, "sd", &metric->distribution.sd, error);
    if (status == 0)
        status = read_percentiles(json, &metric->distribution, error);
    if (status == 0)
        status = read_histogram(json_object_get(json, "histogram"), metric, error);
    for (size_t i = 0; i < json_array_size(values); i++)
        metric->raw[metric->n_raw++] = json_number_value(json_array_get(values, i));
    return status;
}

static int read_metric(const struct vms_module *module, const json_t *json, struct outcome_trial *trial,
                       struct vms_error *error) {
    const char *name = json_string_value(json_object_get(json, "metric"));
    struct outcome_metric *metric;
    size_t index = 0;
    int status;

    while (name && index < module->n_metrics && strcmp(module->metrics[index].name, name) != 0)
        index++;
    if (!name || index == module->n_metrics)
        return error_set(error, -EINVAL, "module %s has no metric \"%s\"", module->name, name ? name : "");
    metric = outcome_trial_add_metric(trial);
    if (!metric)
        return error_memory(error);
    metric->metric = (unsigned)index;
    status = read_number(json, "value", &metric->value, error);
    if (status == 0 && module->metrics[index].shape == VMS_DISTRIBUTION)
        status = read_distribution(json, metric, error);
    return status;
}

int record_read_facts(const json_t *json, struct outcome_facts *facts, struct vms_error *error) {
    const json_t *fact;
    size_t index;

    if (!json_is_array(json))
        return error_set(error, -EINVAL, "facts must be an array of {\"key\", \"value\"}");
    json_array_foreach (json, index, fact) {
        const char *key = json_string_value(json_object_get(fact, "key"));
        const char *value = json_string_value(json_object_get(fact, "value"));

        if (!key || !value)
            return error_set(error, -EINVAL, "fact %zu must hold the texts \"key\" and \"value\"", index + 1);
        if (outcome_facts_set(facts, key, value) < 0)
            return error_memory(error);
    }
    return 0;
}

static int read_status(const json_t *json, struct outcome_trial *trial, struct vms_error *error) {
    const char *name = json_string_value(json_object_get(json, "status"));
    const char *reason = json_string_value(json_object_get(json, "reason"));

    if (!name || outcome_status_from_name(name, &trial->status) < 0)
        return error_set(error, -EINVAL, "\"%s\" is not a status of a trial", name ? name : "");
    if (reason && !(trial->reason = strdup(reason)))
        return error_memory(error);
    return 0;
}

static int read_clock(const json_t *json, struct outcome_trial *trial, struct vms_error *error) {
    const json_t *flag;
    size_t index;
    int status = record_read_clock(json_object_get(json, "clock"), &trial->clock, error);

    json_array_foreach (json_object_get(json, "flags"), index, flag) {
        const char *name = json_string_value(flag);

        trial->clock.flagged |= name && strcmp(name, RECORD_FLAG_CLOCK) == 0;
    }
    return status;
}

/* The lines of a trial's log, as they were written. */
static int read_log(const json_t *log, struct outcome_trial *trial, struct vms_error *error) {
    size_t n = json_array_size(log);

    if (n == 0)
        return 0;
    trial->log = calloc(n, sizeof(*trial->log));
    for (size_t i = 0; trial->log && i < n; i++) {
        const char *line = json_string_value(json_array_get(log, i));

        if (!line)
            return error_set(error, -EINVAL, "\"log\" must be an array of texts");
        if (!(trial->log[i] = strdup(line)))
            break;
        trial->n_log++;
    }
    return trial->n_log == n ? 0 : error_memory(error);
}

static int read_trial(const struct outcome_case *outcome, const json_t *json, bool with_attempts,
                      struct outcome_trial *trial, struct vms_error *error);

static int read_attempts(const struct outcome_case *outcome, const json_t *attempts,
                         struct outcome_trial *trial, struct vms_error *error) {
    size_t n = json_array_size(attempts);

    if (n == 0)
        return 0;
    trial->attempts = calloc(n, sizeof(*trial->attempts));
    if (!trial->attempts)
        return error_memory(error);
    for (size_t i = 0; i < n; i++) {
        int status = read_trial(outcome, json_array_get(attempts, i), false,
                                &trial->attempts[trial->n_attempts++], error);

        if (status < 0)
            return status;
    }
    return 0;
}

static int read_trial(const struct outcome_case *outcome, const json_t *json, bool with_attempts,
                      struct outcome_trial *trial, struct vms_error *error) {
    const json_t *metrics = json_object_get(json, "metrics"), *metric;
    size_t index;
    int status = read_unsigned(json, "trial", &trial->trial, error);

    if (status == 0)
        status = read_unsigned(json, "order", &trial->order, error);
    if (status == 0)
        status = read_number(json, "start_s", &trial->start_s, error);
    if (status == 0)
        status = read_number(json, "duration_s", &trial->duration_s, error);
    if (status == 0)
        status = read_status(json, trial, error);
    if (status == 0)
        status = record_read_facts(json_object_get(json, "facts"), &trial->facts, error);
    if (status == 0)
        status = read_log(json_object_get(json, "log"), trial, error);
    if (status == 0)
        status = read_clock(json, trial, error);
    trial->flags = record_read_flags(json_object_get(json, "flags"));
    trial->has_noise = json_is_object(json_object_get(json, "noise"));
    if (trial->has_noise)
        record_read_noise(json_object_get(json, "noise"), &trial->noise);
    if (status == 0 && !json_is_array(metrics))
        status = error_set(error, -EINVAL, "\"metrics\" must be an array");
    if (status < 0)
        return status;
    if (with_attempts)
        status = read_attempts(outcome, json_object_get(json, "attempts"), trial, error);
    if (status < 0)
        return status;
    json_array_foreach (metrics, index, metric) {
        status = read_metric(outcome->module, metric, trial, error);
        if (status < 0)
            return status;
    }
    return 0;
}

int record_read_trial(const struct outcome_case *outcome, const json_t *json, struct outcome_trial *ret_trial,
                      struct vms_error *error) {
    struct outcome_trial trial = {0};
    int status = read_trial(outcome, json, true, &trial, error);

    if (status < 0)
        outcome_trial_done(&trial);
    else
        *ret_trial = trial;
    return status;
}
