/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/read/record_check.h"

#include "base/name.h"
#include "record/json.h"
#include "record/read/record_check_case.h"
#include "record/value.h"
#include "record/write/record.h"

#include <string.h>

/* A member that must be there with that type; NULL with a problem otherwise. */
static const json_t *member(const struct check *check, const char *key, json_type type) {
    const json_t *value = json_object_get(check->record, key);

    if (value && json_typeof(value) == type)
        return value;
    check_problem(check, "$", "\"%s\" is %s", key, value ? "of the wrong type" : "missing");
    return NULL;
}

static bool check_schema(const struct check *check) {
    const json_t *schema = member(check, "schema", JSON_STRING);

    if (schema && strcmp(json_string_value(schema), RECORD_SCHEMA) != 0)
        check_problem(check, "$.schema", "\"%s\" is unknown: this program reads \"" RECORD_SCHEMA "\"",
                      json_string_value(schema));
    return schema && strcmp(json_string_value(schema), RECORD_SCHEMA) == 0;
}

/* Numbers count from 1, each once. */
static void check_numbers(const struct check *check, const json_t *cases) {
    const json_t *entry;
    json_int_t last = 0;
    size_t i;

    json_array_foreach (cases, i, entry) {
        json_int_t number = json_integer_value(json_object_get(entry, "case"));
        char path[CHECK_PATH_SIZE];

        check_path(path, "$", "cases", i);
        if (number <= last)
            check_problem(check, path,
                          "\"case\" is %lld: case numbers count from 1, each larger than the one before",
                          (long long)number);
        last = number;
    }
}

/* A run is as good as its cases. */
static void check_status(const struct check *check, const json_t *cases) {
    const char *status = json_text(check->record, "status");
    enum outcome_status known;
    const json_t *entry;
    size_t i;

    if (outcome_status_from_name(status, &known) < 0) {
        check_problem(check, "$.status", "\"%s\" is not a status", status);
        return;
    }
    json_array_foreach (cases, i, entry) {
        enum outcome_status own = OUTCOME_OK;

        (void)outcome_status_from_name(json_text(entry, "status"), &own);
        if (known == OUTCOME_OK && own != OUTCOME_OK && own != OUTCOME_UNSUPPORTED) {
            check_problem(check, "$.status", "\"ok\", but case %zu is \"%s\"", i + 1,
                          outcome_status_name(own));
            return;
        }
    }
}

/* Files are named after both. */
static void check_names(const struct check *check) {
    const char *configuration = json_text(check->record, "configuration");
    const char *run_id = json_text(check->record, "run_id");

    if (*configuration && !name_is_safe(configuration))
        check_problem(check, "$.configuration", "\"%s\": a name must be " NAME_RULE, configuration);
    if (*run_id && !name_is_uuid(run_id))
        check_problem(check, "$.run_id", "\"%s\" is not a UUID", run_id);
}

static void check_labels(const struct check *check) {
    const json_t *labels = json_object_get(check->record, "labels");
    const char *name;
    json_t *value;

    if (labels && !json_is_object(labels))
        check_problem(check, "$.labels", "must be an object of texts");
    json_object_foreach ((json_t *)labels, name, value)
        if (!json_is_string(value))
            check_problem(check, "$.labels", "\"%s\" must be a text", name);
}

static json_int_t count_of(const json_t *object, const char *key) {
    return json_integer_value(json_object_get(object, key));
}

/* What a comparison goes by, where a run belongs to a set. */
static void check_set(const struct check *check) {
    const json_t *set = json_object_get(check->record, "run_set"), *looks = json_object_get(set, "looks");
    json_int_t run = count_of(set, "run"), runs = count_of(set, "runs");
    double error = json_number_value(json_object_get(looks, "error"));

    if (!set)
        return;
    if (!*json_text(set, "id"))
        check_problem(check, "$.run_set.id", "is missing");
    if (run < 1 || run > runs)
        check_problem(check, "$.run_set.run", "%lld of %lld: from 1 to \"runs\"", (long long)run,
                      (long long)runs);
    if (looks && count_of(looks, "first") < 1)
        check_problem(check, "$.run_set.looks.first", "1 or more is wanted");
    if (looks && !(error > 0 && error < 1))
        check_problem(check, "$.run_set.looks.error", "%g is not between 0 and 1", error);
}

/* The groups of benchmarks with "trials": "auto". */
static json_t *find_early(const json_t *record) {
    json_t *groups = json_object(), *benchmark;
    size_t index;

    json_array_foreach (json_object_get(json_object_get(record, "suite"), "benchmarks"), index, benchmark)
        if (json_is_string(json_object_get(benchmark, "trials")))
            (void)value_set(groups, json_text(benchmark, "group"), json_true());
    return groups;
}

void record_check(const json_t *record, record_check_report *report, void *context) {
    static const struct {
        const char *key;
        json_type type;
    } members[] = {{"run_id", JSON_STRING}, {"configuration", JSON_STRING}, {"started_at", JSON_STRING},
                   {"suite", JSON_OBJECT},  {"environment", JSON_OBJECT},   {"warnings", JSON_ARRAY},
                   {"status", JSON_STRING}};
    struct check check = {.report = report, .context = context, .record = record};
    const json_t *cases, *duration = json_object_get(record, "duration_s"), *entry;
    size_t i;

    if (!check_schema(&check))
        return;
    for (i = 0; i < VMS_LENGTH(members); i++)
        (void)member(&check, members[i].key, members[i].type);
    if (json_number_value(duration) < 0)
        check_problem(&check, "$.duration_s", "%g s: a duration is not negative",
                      json_number_value(duration));
    check_names(&check);
    check_labels(&check);
    check_set(&check);
    check.early = find_early(record);
    cases = member(&check, "cases", JSON_ARRAY);
    check_numbers(&check, cases);
    check_status(&check, cases);
    json_array_foreach (cases, i, entry) {
        char path[CHECK_PATH_SIZE];

        check_path(path, "$", "cases", i);
        check_case(&check, path, entry);
    }
    json_decref(check.early);
}
