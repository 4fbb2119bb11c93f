/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/record_check.h"

#include "base/cleanup.h"
#include "module/outcome.h"
#include "record/record.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#define PATH_SIZE 128
/* How far a stored figure may lie from the recomputed one, relative to its size. */
#define TOLERANCE 1e-9

struct check {
    record_check_report *report;
    void *context;
};

static void problem(const struct check *check, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void problem(const struct check *check, const char *path, const char *format, ...) {
    char sentence[256];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    check->report(check->context, path, sentence);
}

static void element_path(char ret_path[static PATH_SIZE], const char *path, const char *key, size_t index) {
    if (snprintf(ret_path, PATH_SIZE, "%s.%s[%zu]", path, key, index) < 0)
        ret_path[0] = '\0';
}

/* A member that must be there with that type; NULL with a problem otherwise. */
static const json_t *member(const struct check *check, const char *path, const json_t *object,
                            const char *key, json_type type) {
    const json_t *value = json_object_get(object, key);

    if (value && json_typeof(value) == type)
        return value;
    problem(check, path, "\"%s\" is %s", key, value ? "of the wrong type" : "missing");
    return NULL;
}

/* The values of one metric over the trials that are ok; the caller frees. */
static double *collect(const json_t *trials, const char *metric, size_t *ret_n) {
    double *values = calloc(json_array_size(trials) + 1, sizeof(*values));
    const json_t *trial, *entry;
    size_t i, k, n = 0;

    json_array_foreach (trials, i, trial) {
        const char *status = json_string_value(json_object_get(trial, "status"));

        if (!values || !status || strcmp(status, "ok") != 0)
            continue;
        json_array_foreach (json_object_get(trial, "metrics"), k, entry) {
            const char *name = json_string_value(json_object_get(entry, "metric"));

            if (name && strcmp(name, metric) == 0)
                values[n++] = json_number_value(json_object_get(entry, "value"));
        }
    }
    *ret_n = n;
    return values;
}

static void compare_figure(const struct check *check, const char *path, const json_t *summary,
                           const char *key, double expected) {
    const json_t *stored = json_object_get(summary, key);

    if (!isfinite(expected)) {
        if (!json_is_null(stored))
            problem(check, path, "\"%s\" must be null: the trials do not give it", key);
    } else if (!json_is_number(stored) ||
               fabs(json_number_value(stored) - expected) > TOLERANCE * fmax(fabs(expected), 1e-300)) {
        problem(check, path, "\"%s\" is not that of the trials, %.17g", key, expected);
    }
}

static void check_summary(const struct check *check, const char *path, const json_t *trials,
                          const json_t *summary) {
    const json_t *metric = member(check, path, summary, "metric", JSON_STRING);
    cleanup_free double *values = NULL;
    struct stats_summary expected;
    size_t n;

    if (!metric)
        return;
    values = collect(trials, json_string_value(metric), &n);
    if (!values)
        return;
    stats_summarise(values, n, 0, &expected);
    if (json_integer_value(json_object_get(summary, "n")) != (json_int_t)n)
        problem(check, path, "\"n\" is not the number of ok trials with this metric, %zu", n);
    compare_figure(check, path, summary, "mean", expected.mean);
    compare_figure(check, path, summary, "sd", expected.sd);
    compare_figure(check, path, summary, "cv", expected.cv);
    compare_figure(check, path, summary, "median", expected.median);
}

/* A status must be one of those there are, and have a reason where it is not ok. */
static void check_status(const struct check *check, const char *path, const json_t *object) {
    const json_t *status = member(check, path, object, "status", JSON_STRING);
    enum outcome_status known;

    if (!status)
        return;
    if (outcome_status_from_name(json_string_value(status), &known) < 0)
        problem(check, path, "\"%s\" is not a status", json_string_value(status));
    else if (known != OUTCOME_OK && !json_is_string(json_object_get(object, "reason")))
        problem(check, path, "status \"%s\" needs a reason", json_string_value(status));
}

/* A clock that was set must not show: what lasts, lasts 0 or more. */
static void check_time(const struct check *check, const char *path, const json_t *object, const char *key) {
    if (json_number_value(json_object_get(object, key)) < 0)
        problem(check, path, "\"%s\" is below 0", key);
}

static void check_case(const struct check *check, const char *path, const json_t *outcome) {
    static const char *const texts[] = {"group", "module", "resource"};
    const json_t *trials = member(check, path, outcome, "trials", JSON_ARRAY);
    const json_t *summaries = member(check, path, outcome, "summary", JSON_ARRAY);
    const json_t *entry;
    size_t i;

    for (i = 0; i < VMS_LENGTH(texts); i++)
        (void)member(check, path, outcome, texts[i], JSON_STRING);
    (void)member(check, path, outcome, "case", JSON_INTEGER);
    (void)member(check, path, outcome, "workload_version", JSON_INTEGER);
    (void)member(check, path, outcome, "params", JSON_OBJECT);
    check_status(check, path, outcome);
    json_array_foreach (trials, i, entry) {
        char entry_path[PATH_SIZE];

        element_path(entry_path, path, "trials", i);
        check_status(check, entry_path, entry);
        check_time(check, entry_path, entry, "start_s");
        check_time(check, entry_path, entry, "duration_s");
    }
    json_array_foreach (summaries, i, entry) {
        char entry_path[PATH_SIZE];

        element_path(entry_path, path, "summary", i);
        check_summary(check, entry_path, trials, entry);
    }
}

void record_check(const json_t *record, record_check_report *report, void *context) {
    const struct check check = {report, context};
    const json_t *schema = member(&check, "$", record, "schema", JSON_STRING), *cases, *entry;
    size_t i;

    if (!schema)
        return;
    if (strcmp(json_string_value(schema), RECORD_SCHEMA) != 0) {
        problem(&check, "$.schema", "unknown schema \"%s\": this program reads \"" RECORD_SCHEMA "\"",
                json_string_value(schema));
        return;
    }
    (void)member(&check, "$", record, "run_id", JSON_STRING);
    (void)member(&check, "$", record, "configuration", JSON_STRING);
    (void)member(&check, "$", record, "started_at", JSON_STRING);
    (void)member(&check, "$", record, "suite", JSON_OBJECT);
    (void)member(&check, "$", record, "environment", JSON_OBJECT);
    (void)member(&check, "$", record, "warnings", JSON_ARRAY);
    (void)member(&check, "$", record, "status", JSON_STRING);
    check_time(&check, "$", record, "duration_s");
    cases = member(&check, "$", record, "cases", JSON_ARRAY);
    json_array_foreach (cases, i, entry) {
        char path[PATH_SIZE];

        element_path(path, "$", "cases", i);
        check_case(&check, path, entry);
    }
}
