/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/export.h"

#include "base/cleanup.h"
#include "record/json.h"

#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define PATH_SIZE 512

struct fixture {
    char paths[2][PATH_SIZE]; /* of the golden record, and of another run with the same figures */
    json_t *record;           /* the first, whole */
    char *text;               /* what was exported last */
    size_t size, left_out;
};

static int write_other_run(struct fixture *fixture) {
    json_t *other = json_copy(fixture->record);
    int fd = mkstemp(strcpy(fixture->paths[1], "/tmp/vmsuite-test-XXXXXX")), status;

    json_object_set_new(other, "run_id", json_string("00000000-0000-4000-8000-000000000002"));
    status = json_dumpfd(other, fd, JSON_REAL_PRECISION(17));
    json_decref(other);
    return close(fd) < 0 ? -1 : status;
}

static int set_up(void **state) {
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    (void)snprintf(fixture->paths[0], PATH_SIZE, "%s/tests/golden/record.json", getenv("VMSUITE_SOURCE"));
    fixture->record = json_load_file(fixture->paths[0], 0, NULL);
    *state = fixture;
    return fixture->record ? write_other_run(fixture) : -1;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;

    (void)unlink(fixture->paths[1]);
    json_decref(fixture->record);
    free(fixture->text);
    free(fixture);
    return 0;
}

static void export(struct fixture *fixture, const char *format, enum vms_better better, size_t n_records) {
    const struct export_options options = {.format = format, .better = better};
    struct vms_error error = {""};
    FILE *file;

    free(fixture->text);
    file = open_memstream(&fixture->text, &fixture->size);
    if (export_write(file, &options, (char *[]){fixture->paths[0], fixture->paths[1]}, n_records,
                     &fixture->left_out, &error) < 0)
        fail_msg("%s", error.text);
    (void)fclose(file);
}

/* The metric of the row in the whole record, found by case, trial and name; NULL for a row without value. */
static const json_t *find_metric(const json_t *record, const json_t *row) {
    size_t outcome = (size_t)json_integer_value(json_object_get(row, "case")) - 1, index;
    size_t trial = (size_t)json_integer_value(json_object_get(row, "trial")) - 1;
    const json_t *metrics = json_array_get(json_object_get(record, "cases"), outcome), *metric;

    metrics = json_object_get(json_array_get(json_object_get(metrics, "trials"), trial), "metrics");
    json_array_foreach (metrics, index, metric)
        if (json_equal(json_object_get(metric, "metric"), json_object_get(row, "metric")))
            return metric;
    return NULL;
}

static size_t count_metrics(const json_t *record) {
    const json_t *outcome, *trial;
    size_t i, j, n = 0;

    json_array_foreach (json_object_get(record, "cases"), i, outcome)
        json_array_foreach (json_object_get(outcome, "trials"), j, trial)
            n += json_array_size(json_object_get(trial, "metrics"));
    return n;
}

static void check_row(const json_t *record, const json_t *row, size_t *n_values) {
    const json_t *metric = find_metric(record, row);

    assert_true(json_equal(json_object_get(row, "run_id"), json_object_get(record, "run_id")));
    assert_string_equal(json_text(row, "environment"), "xen-hvm");
    if (!metric) {
        assert_true(json_is_null(json_object_get(row, "value")));
        assert_string_not_equal(json_text(row, "status"), "ok");
        assert_string_not_equal(json_text(row, "reason"), "");
        return;
    }
    assert_true(json_equal(json_object_get(row, "value"), json_object_get(metric, "value")));
    if (json_object_get(metric, "values"))
        assert_true(json_equal(json_object_get(row, "values"), json_object_get(metric, "values")));
    ++*n_values;
}

static void export_jsonl__holds_every_sample_once(void **state) {
    struct fixture *fixture = *state;
    size_t n_values = 0;
    json_t *columns = NULL;

    export(fixture, "jsonl", VMS_HIGHER, 1);
    for (char *line = strtok(fixture->text, "\n"); line; line = strtok(NULL, "\n")) {
        json_t *row = json_loads(line, JSON_REJECT_DUPLICATES, NULL);

        assert_non_null(row);
        check_row(fixture->record, row, &n_values);
        if (columns)
            assert_int_equal(json_object_size(row), json_object_size(columns));
        json_decref(columns);
        columns = row;
    }
    json_decref(columns);
    assert_int_equal(n_values, count_metrics(fixture->record));
}

/* A case beside its neighbours, or with other warm-ups, is other work than the same one alone: no reader is
 * to mix them. */
static void export__tells_other_work_apart(void **state) {
    struct fixture *fixture = *state;
    json_auto_t *other = json_deep_copy(fixture->record);
    json_t *first = json_array_get(json_object_get(other, "cases"), 0);
    size_t n_beside = 0;

    json_object_set_new(other, "run_id", json_string("other"));
    json_object_set_new(first, "neighbours", json_integer(2));
    json_object_set_new(first, "warmup", json_integer(4));
    assert_int_equal(json_dump_file(other, fixture->paths[1], JSON_REAL_PRECISION(17)), 0);
    export(fixture, "jsonl", VMS_HIGHER, 2);
    for (char *line = strtok(fixture->text, "\n"); line; line = strtok(NULL, "\n")) {
        json_auto_t *row = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
        bool beside = strcmp(json_text(row, "run_id"), "other") == 0 &&
                      json_integer_value(json_object_get(row, "case")) == 1;

        n_beside += beside;
        assert_int_equal(json_integer_value(json_object_get(row, "neighbours")), beside ? 2 : 0);
        assert_int_equal(json_integer_value(json_object_get(row, "warmup")) == 4, beside);
    }
    assert_true(n_beside > 0);
    export(fixture, "openmetrics", VMS_HIGHER, 1);
    assert_null(strstr(fixture->text, "neighbours"));
    export(fixture, "openmetrics", VMS_HIGHER, 2);
    assert_non_null(strstr(fixture->text, ",case=\"1\",neighbours=\"2\","));
}

static void export_csv__has_the_columns_of_jsonl(void **state) {
    struct fixture *fixture = *state;
    const char *key;
    json_t *row, *value;
    char *names;
    size_t n = 0;

    export(fixture, "jsonl", VMS_HIGHER, 1);
    row = json_loadb(fixture->text, strcspn(fixture->text, "\n"), 0, NULL);
    export(fixture, "csv", VMS_HIGHER, 1);
    names = strtok(fixture->text, "\n");
    for (char *name = strtok(names, ","); name; name = strtok(NULL, ","), n++)
        assert_non_null(json_object_get(row, name));
    json_object_foreach (row, key, value)
        n--;
    assert_int_equal(n, 0);
    json_decref(row);
}

static void export_csv__quotes_what_has_to_be(void **state) {
    struct fixture *fixture = *state;

    export(fixture, "csv", VMS_HIGHER, 1);
    assert_non_null(strstr(fixture->text, ",\"signal 11 (Segmentation fault); last words: \"\"\x1b[31m"));
    assert_non_null(strstr(fixture->text, "0.00026383290582631]\""));
}

static void export_bmf__holds_the_means(void **state) {
    struct fixture *fixture = *state;
    json_t *bmf, *measure, *summary;

    export(fixture, "bmf", VMS_HIGHER, 1);
    bmf = json_loads(fixture->text, JSON_REJECT_DUPLICATES, NULL);
    measure = json_object_get(json_object_get(bmf, "xen-hvm/tcp-small message_size=65536"), "transactions");
    summary = json_array_get(
        json_object_get(json_array_get(json_object_get(fixture->record, "cases"), 1), "summary"), 0);
    assert_true(json_equal(json_object_get(measure, "value"), json_object_get(summary, "mean")));
    assert_true(json_equal(json_object_get(measure, "upper_value"),
                           json_array_get(json_object_get(summary, "ci95_mean"), 1)));
    assert_int_equal(json_object_size(bmf), 3);
    assert_int_equal(fixture->left_out, 3);
    json_decref(bmf);
}

static void export_bmf__keeps_runs_apart(void **state) {
    struct fixture *fixture = *state;
    json_t *bmf;

    export(fixture, "bmf", VMS_HIGHER, 2);
    bmf = json_loads(fixture->text, JSON_REJECT_DUPLICATES, NULL);
    assert_int_equal(json_object_size(bmf), 6);
    json_decref(bmf);
}

static void export_github__keeps_runs_apart(void **state) {
    struct fixture *fixture = *state;
    json_t *entries, *names = json_object(), *entry;
    size_t index;

    export(fixture, "github", VMS_HIGHER, 2);
    entries = json_loads(fixture->text, JSON_REJECT_DUPLICATES, NULL);
    json_array_foreach (entries, index, entry)
        json_object_set_new(names, json_text(entry, "name"), json_true());
    assert_int_equal(json_array_size(entries), 8);
    assert_int_equal(json_object_size(names), 8);
    json_decref(names);
    json_decref(entries);
}

static void export_github__holds_one_direction(void **state) {
    struct fixture *fixture = *state;
    json_t *higher, *lower;

    export(fixture, "github", VMS_HIGHER, 1);
    higher = json_loads(fixture->text, JSON_REJECT_DUPLICATES, NULL);
    assert_int_equal(json_array_size(higher), 4);
    assert_string_equal(json_text(json_array_get(higher, 0), "unit"), "1/s");
    assert_int_equal(fixture->left_out, 7);
    export(fixture, "github", VMS_LOWER, 1);
    lower = json_loads(fixture->text, JSON_REJECT_DUPLICATES, NULL);
    assert_int_equal(json_array_size(lower), 4);
    json_decref(higher);
    json_decref(lower);
}

static void export_google__names_values_and_failures(void **state) {
    struct fixture *fixture = *state;
    json_t *google, *benchmarks, *first;
    size_t failures = 0;

    export(fixture, "google-benchmark", VMS_HIGHER, 1);
    google = json_loads(fixture->text, JSON_REJECT_DUPLICATES, NULL);
    benchmarks = json_object_get(google, "benchmarks");
    first = json_array_get(benchmarks, 0);
    assert_string_equal(json_text(first, "name"), "tcp-small message_size=64/transactions");
    assert_true(json_real_value(json_object_get(first, "transactions")) == 34112.5);
    assert_true(json_real_value(json_object_get(first, "real_time")) == 1e9 / 34112.5);
    for (size_t i = 0; i < json_array_size(benchmarks); i++)
        failures += json_is_true(json_object_get(json_array_get(benchmarks, i), "error_occurred"));
    assert_int_equal(failures, 4);
    assert_int_equal(json_array_size(benchmarks), count_metrics(fixture->record) + failures);
    json_decref(google);
}

static void export_openmetrics__families_stand_together(void **state) {
    static const char type[] = "# TYPE vmsuite_echo_latency_seconds summary\n";
    struct fixture *fixture = *state;
    const char *at;

    export(fixture, "openmetrics", VMS_HIGHER, 2);
    at = strstr(fixture->text, type);
    assert_non_null(at);
    assert_null(strstr(at + 1, type));
    assert_non_null(strstr(fixture->text, "# UNIT vmsuite_vector_triad_bytes_per_second bytes_per_second\n"));
    assert_string_equal(fixture->text + fixture->size - 6, "# EOF\n");
}

/* The time of the first point of the other run, had it begun at `started_at`; "" for a point without one. */
static const char *time_of_point(struct fixture *fixture, const char *started_at) {
    json_auto_t *other = json_deep_copy(fixture->record);
    json_t *trial =
        json_array_get(json_object_get(json_array_get(json_object_get(other, "cases"), 0), "trials"), 0);
    char *line, *at;

    json_object_set_new(other, "started_at", json_string(started_at));
    json_object_set_new(trial, "start_s", json_real(0.5));
    json_object_set_new(trial, "duration_s", json_real(0.7500004));
    assert_int_equal(json_dump_file(other, fixture->paths[1], JSON_REAL_PRECISION(17)), 0);
    strcpy(fixture->paths[0], fixture->paths[1]);
    export(fixture, "openmetrics", VMS_HIGHER, 1);
    line = strtok(strstr(fixture->text, "} "), "\n");
    at = strchr(line + 2, ' ');
    return at ? at + 1 : "";
}

static void export_openmetrics__says_when_a_trial_ended(void **state) {
    assert_string_equal(time_of_point(*state, "2026-01-01T00:00:00Z"), "1767225601.250000");
    assert_string_equal(time_of_point(*state, "2026-01-01T00:00:59Z"), "1767225660.250000");
    assert_string_equal(time_of_point(*state, "1969-12-31T23:59:50Z"), "-8.750000");
    assert_string_equal(time_of_point(*state, "once"), "");
}

static void export_write__refuses_an_unknown_format(void **state) {
    struct fixture *fixture = *state;
    const struct export_options options = {.format = "xml"};
    struct vms_error error;
    size_t left_out;

    assert_int_equal(export_write(stdout, &options, (char *[]){fixture->paths[0]}, 1, &left_out, &error),
                     -ENOENT);
    assert_non_null(strstr(error.text, "xml"));
}

/* A figure that stands in an export twice would count twice. */
static void export_write__refuses_the_same_run_twice(void **state) {
    struct fixture *fixture = *state;
    struct vms_error error;
    size_t left_out;

    for (size_t i = 0; export_format_name(i); i++) {
        const struct export_options options = {.format = export_format_name(i)};

        assert_int_equal(export_write(stdout, &options, (char *[]){fixture->paths[0], fixture->paths[0]}, 2,
                                      &left_out, &error),
                         -EINVAL);
        assert_non_null(strstr(error.text, "the same run"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(export_jsonl__holds_every_sample_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(export__tells_other_work_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(export_csv__has_the_columns_of_jsonl, set_up, tear_down),
        cmocka_unit_test_setup_teardown(export_csv__quotes_what_has_to_be, set_up, tear_down),
        cmocka_unit_test_setup_teardown(export_bmf__holds_the_means, set_up, tear_down),
        cmocka_unit_test_setup_teardown(export_bmf__keeps_runs_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(export_github__keeps_runs_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(export_github__holds_one_direction, set_up, tear_down),
        cmocka_unit_test_setup_teardown(export_google__names_values_and_failures, set_up, tear_down),
        cmocka_unit_test_setup_teardown(export_openmetrics__families_stand_together, set_up, tear_down),
        cmocka_unit_test_setup_teardown(export_openmetrics__says_when_a_trial_ended, set_up, tear_down),
        cmocka_unit_test_setup_teardown(export_write__refuses_an_unknown_format, set_up, tear_down),
        cmocka_unit_test_setup_teardown(export_write__refuses_the_same_run_twice, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
