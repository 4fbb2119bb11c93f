/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/tidy.h"

#include "base/error.h"
#include "record/origin.h"
#include "record/value.h"

#include <stdlib.h>
#include <string.h>

static const char *const before_params[] = {
    "run_id", "configuration", "started_at", "environment", "container",        "clock",
    "case",   "resource",      "group",      "module",      "workload_version", "path"};
static const char *const after_params[] = {"metric",  "unit",    "better",     "side",   "shape", "trial",
                                           "order",   "start_s", "duration_s", "value",  "n",     "mean",
                                           "sd",      "q0",      "q0.5",       "q0.9",   "q0.99", "q0.999",
                                           "q0.9999", "q1",      "values",     "status", "flags", "reason"};

/* Names of columns that depend on the records: objects whose keys they are. Then all columns. */
struct tidy {
    json_t *of_params, *of_noise, *of_clock;
    json_t *columns;
};

#define KEY_SIZE 128
static void prefixed(const char *prefix, const char *name, char ret_key[static KEY_SIZE]) {
    (void)snprintf(ret_key, KEY_SIZE, "%s_%s", prefix, name);
}

/* Adds the names of an object's members, each once. */
static int collect_names(json_t *names, const json_t *object) {
    const char *name;
    json_t *value;
    int failed = 0;

    json_object_foreach ((json_t *)object, name, value)
        if (!json_object_get(names, name))
            failed |= json_object_set_new(names, name, json_true());
    return failed;
}

static int look_at_case(struct tidy *tidy, const json_t *outcome) {
    int failed = collect_names(tidy->of_params, json_object_get(outcome, "params"));
    const json_t *trial;
    size_t index;

    json_array_foreach (json_object_get(outcome, "trials"), index, trial) {
        failed |= collect_names(tidy->of_noise, json_object_get(trial, "noise"));
        failed |= collect_names(tidy->of_clock, json_object_get(trial, "clock"));
    }
    return failed;
}

static struct tidy *new_tidy(void) {
    struct tidy *tidy = malloc(sizeof(*tidy));

    if (!tidy)
        return NULL;
    *tidy = (struct tidy){json_object(), json_object(), json_object(), json_array()};
    if (tidy->of_params && tidy->of_noise && tidy->of_clock && tidy->columns)
        return tidy;
    tidy_done(tidy);
    return NULL;
}

int tidy_look(struct export *export, struct reader *reader, struct vms_error *error) {
    if (!export->state)
        export->state = new_tidy();
    if (!export->state)
        return error_memory(error);
    for (size_t i = 0; i < reader_n_cases(reader); i++) {
        json_t *outcome = NULL;
        int failed, status = reader_case_json(reader, i, &outcome, error);

        if (status < 0)
            return status;
        failed = look_at_case(export->state, outcome);
        json_decref(outcome);
        if (failed)
            return error_memory(error);
    }
    return 0;
}

static int append_texts(json_t *columns, const char *const *texts, size_t n_texts) {
    int failed = 0;

    for (size_t i = 0; i < n_texts; i++)
        failed |= json_array_append_new(columns, json_string(texts[i]));
    return failed;
}

static int append_names(json_t *columns, const char *prefix, json_t *names) {
    char key[KEY_SIZE];
    const char *name;
    json_t *value;
    int failed = 0;

    json_object_foreach (names, name, value) {
        prefixed(prefix, name, key);
        failed |= json_array_append_new(columns, json_string(key));
    }
    return failed;
}

int tidy_begin(struct export *export, struct vms_error *error) {
    struct tidy *tidy = export->state;
    int failed = 0;

    failed |= append_texts(tidy->columns, before_params, VMS_LENGTH(before_params));
    failed |= append_names(tidy->columns, "param", tidy->of_params);
    failed |= append_texts(tidy->columns, after_params, VMS_LENGTH(after_params));
    failed |= append_names(tidy->columns, "noise", tidy->of_noise);
    failed |= append_names(tidy->columns, "clock", tidy->of_clock);
    return failed ? error_memory(error) : 0;
}

void tidy_done(void *state) {
    struct tidy *tidy = state;

    if (!tidy)
        return;
    json_decref(tidy->of_params);
    json_decref(tidy->of_noise);
    json_decref(tidy->of_clock);
    json_decref(tidy->columns);
    free(tidy);
}

const json_t *tidy_columns(const struct export *export) {
    return ((const struct tidy *)export->state)->columns;
}

/* Another reference to a member; null where it is absent. */
static json_t *member(const json_t *object, const char *key) {
    json_t *value = json_object_get(object, key);

    return value ? json_incref(value) : json_null();
}

/* Copies those members of `object` that are columns' names. */
static int copy_members(json_t *row, const json_t *object, const char *const *keys, size_t n_keys) {
    int failed = 0;

    for (size_t i = 0; i < n_keys; i++)
        failed |= value_set(row, keys[i], member(object, keys[i]));
    return failed;
}

/* Copies all members of `object`, under prefixed names. */
static int copy_prefixed(json_t *row, const char *prefix, const json_t *object) {
    char key[KEY_SIZE];
    const char *name;
    json_t *value;
    int failed = 0;

    json_object_foreach ((json_t *)object, name, value) {
        prefixed(prefix, name, key);
        failed |= value_set(row, key, json_incref(value));
    }
    return failed;
}

/* The row of a case, with every column in its place. */
static json_t *new_case_row(const struct export_case *outcome, const json_t *columns) {
    static const char *const of_record[] = {"run_id", "started_at"};
    static const char *const of_case[] = {"case", "resource", "group", "module", "workload_version", "path"};
    const json_t *head = reader_document(outcome->reader), *column, *machine;
    json_t *row = json_object();
    size_t index;
    int failed = 0;

    json_array_foreach (columns, index, column)
        failed |= value_set(row, json_string_value(column), json_null());
    failed |= copy_members(row, head, of_record, VMS_LENGTH(of_record));
    failed |= value_set(row, "configuration", json_string(origin_label(head)));
    failed |= value_set(row, "clock", member(json_object_get(head, "guest"), "clock"));
    machine = json_object_get(json_object_get(head, "environment"), "before");
    failed |= value_set(row, "environment", member(machine, "virtualization"));
    failed |= value_set(row, "container", member(machine, "container"));
    failed |= copy_members(row, outcome->json, of_case, VMS_LENGTH(of_case));
    failed |= copy_prefixed(row, "param", json_object_get(outcome->json, "params"));
    return value_finish(row, failed);
}

/* Flags are single words: with spaces between them. */
static json_t *join_flags(const json_t *flags) {
    json_t *text = json_string(""), *longer;
    const json_t *flag;
    size_t index;

    json_array_foreach (flags, index, flag) {
        longer = json_sprintf("%s%s%s", json_string_value(text), index ? " " : "", json_string_value(flag));
        json_decref(text);
        text = longer;
    }
    return text;
}

static json_t *new_trial_row(const json_t *case_row, const json_t *outcome, const json_t *trial) {
    static const char *const of_trial[] = {"trial", "order", "start_s", "duration_s", "status", "reason"};
    static const char *const of_case[] = {"status", "reason"};
    json_t *row = json_copy((json_t *)case_row);
    int failed = trial ? copy_members(row, trial, of_trial, VMS_LENGTH(of_trial))
                       : copy_members(row, outcome, of_case, VMS_LENGTH(of_case));

    failed |= copy_prefixed(row, "noise", json_object_get(trial, "noise"));
    failed |= copy_prefixed(row, "clock", json_object_get(trial, "clock"));
    failed |= value_set(row, "flags", join_flags(json_object_get(trial, "flags")));
    return value_finish(row, failed);
}

static int set_percentiles(json_t *row, const json_t *metric) {
    const json_t *percentile;
    size_t index;
    int failed = 0;

    json_array_foreach (json_object_get(metric, "percentiles"), index, percentile) {
        char key[32];

        (void)snprintf(key, sizeof(key), "q%g", json_number_value(json_object_get(percentile, "q")));
        failed |= value_set(row, key, member(percentile, "value"));
    }
    return failed;
}

/* The row of one metric, or of a trial without figures where `metric` is NULL. */
static json_t *new_sample_row(const json_t *trial_row, const json_t *outcome, const json_t *metric) {
    static const char *const of_summary[] = {"metric", "unit", "better", "side", "shape"};
    static const char *const of_metric[] = {"value", "n", "mean", "sd", "values"};
    const json_t *summary = metric ? export_summary(outcome, export_text(metric, "metric"))
                                   : json_array_get(json_object_get(outcome, "summary"), 0);
    json_t *row = json_copy((json_t *)trial_row);
    int failed = copy_members(row, summary, of_summary, VMS_LENGTH(of_summary));

    failed |= copy_members(row, metric, of_metric, VMS_LENGTH(of_metric));
    failed |= set_percentiles(row, metric);
    return value_finish(row, failed);
}

typedef int row_writer(struct export *, const json_t *columns, const json_t *row);

static int write_row(struct export *export, const json_t *columns, json_t *row, row_writer *write,
                     struct vms_error *error) {
    int status = row ? write(export, columns, row) : -ENOMEM;

    json_decref(row);
    if (status == -ENOMEM)
        return error_memory(error);
    return status < 0 ? error_set(error, status, "cannot write the export: %s", strerror(-status)) : 0;
}

static int write_trial(struct export *export, const json_t *outcome, const json_t *columns,
                       const json_t *case_row, const json_t *trial, row_writer *write,
                       struct vms_error *error) {
    json_t *row = new_trial_row(case_row, outcome, trial);
    const json_t *metrics = json_object_get(trial, "metrics");
    int status = row ? 0 : error_memory(error);

    for (size_t i = 0; status == 0 && i < json_array_size(metrics); i++)
        status = write_row(export, columns, new_sample_row(row, outcome, json_array_get(metrics, i)), write,
                           error);
    if (status == 0 && json_array_size(metrics) == 0)
        status = write_row(export, columns, new_sample_row(row, outcome, NULL), write, error);
    json_decref(row);
    return status;
}

int tidy_rows(struct export *export, const struct export_case *outcome, row_writer *write,
              struct vms_error *error) {
    const json_t *columns = tidy_columns(export);
    json_t *row = new_case_row(outcome, columns);
    const json_t *trials = json_object_get(outcome->json, "trials");
    int status = row ? 0 : error_memory(error);

    for (size_t i = 0; status == 0 && i < json_array_size(trials); i++)
        status = write_trial(export, outcome->json, columns, row, json_array_get(trials, i), write, error);
    if (status == 0 && json_array_size(trials) == 0)
        status = write_trial(export, outcome->json, columns, row, NULL, write, error);
    json_decref(row);
    return status;
}
