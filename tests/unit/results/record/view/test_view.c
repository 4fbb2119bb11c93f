/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/read/reader.h"

#include "base/cleanup.h"
#include "base/units.h"
#include "module/descriptor.h"
#include "module/param.h"
#include "record/json.h"
#include "record/value.h"
#include "record/view/view_read.h"
#include "record/write/record_clock.h"
#include "record/write/record_noise.h"

#include "unit/descriptors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static char *golden_path(void) {
    char *text;

    assert_true(asprintf(&text, "%s/tests/golden/record.json", getenv("VMSUITE_SOURCE")) > 0);
    return text;
}

/* A member's number is the view's; null is NaN. */
static void check_number(const json_t *json, const char *key, double number) {
    const json_t *value = json_object_get(json, key);

    if (json_is_number(value))
        assert_true(json_number_value(value) == number);
    else
        assert_true(isnan(number));
}

static void check_text(const json_t *json, const char *key, const char *text) {
    assert_string_equal(json_text(json, key), text);
}

static void check_value(const json_t *json, const struct view_value *value) {
    json_auto_t *read = json_loads(value->text, JSON_DECODE_ANY, NULL);

    if (value->kind == VIEW_TEXT)
        assert_string_equal(json_string_value(json), value->text);
    else
        assert_true(json_equal(json, read));
    assert_int_equal(value->kind == VIEW_BOOLEAN && value->boolean, json_is_true(json));
    assert_int_equal(value->kind == VIEW_WHOLE, json_is_integer(json));
    assert_int_equal(value->kind == VIEW_REAL, json_is_real(json));
    assert_int_equal(value->kind == VIEW_NULL, json_is_null(json));
    if (json_is_number(json))
        assert_true(value->number == json_number_value(json));
}

static void check_facts(const json_t *json, const struct view_fact *facts, size_t n_facts) {
    assert_int_equal(json_array_size(json), n_facts);
    for (size_t i = 0; i < n_facts; i++) {
        check_text(json_array_get(json, i), "key", facts[i].key);
        check_text(json_array_get(json, i), "value", facts[i].value);
    }
}

static void check_distribution(const json_t *json, const struct view_distribution *distribution) {
    const json_t *percentiles = json_object_get(json, "percentiles"),
                 *values = json_object_get(json, "values");
    uint64_t n = 0;

    assert_int_equal(distribution != NULL, percentiles != NULL);
    if (!distribution)
        return;
    assert_int_equal(value_read_whole(json_object_get(json, "n"), &n), 0);
    assert_true(distribution->n == n);
    check_number(json, "mean", distribution->mean);
    check_number(json, "sd", distribution->sd);
    assert_int_equal(distribution->n_quantiles, json_array_size(percentiles));
    for (size_t i = 0; i < distribution->n_quantiles; i++) {
        check_number(json_array_get(percentiles, i), "q", distribution->quantiles[i].q);
        check_number(json_array_get(percentiles, i), "value", distribution->quantiles[i].value);
    }
    assert_int_equal(distribution->n_values, json_array_size(values));
    for (size_t i = 0; i < distribution->n_values; i++)
        assert_true(distribution->values[i] == json_number_value(json_array_get(values, i)));
}

static void check_trial(const json_t *json, const struct view_case *outcome, const struct view_trial *trial) {
    const json_t *flags = json_object_get(json, "flags"), *noise = json_object_get(json, "noise");
    const json_t *clock = json_object_get(json, "clock"), *metrics = json_object_get(json, "metrics");

    check_number(json, "trial", trial->trial);
    check_number(json, "order", trial->order);
    check_number(json, "start_s", trial->start_s);
    check_number(json, "duration_s", trial->duration_s);
    check_text(json, "status", outcome_status_name(trial->status));
    check_text(json, "reason", trial->reason);
    check_facts(json_object_get(json, "facts"), trial->facts, trial->n_facts);
    assert_int_equal(trial->n_attempts, json_array_size(json_object_get(json, "attempts")));
    assert_int_equal(trial->n_flags, json_array_size(flags));
    for (size_t i = 0; i < trial->n_flags; i++)
        assert_string_equal(trial->flags[i], json_string_value(json_array_get(flags, i)));
    assert_int_equal(trial->noise != NULL, json_is_object(noise));
    for (size_t i = 0; trial->noise && i < RECORD_NOISE_KEYS; i++)
        check_number(noise, record_noise_keys[i], record_noise_figure(trial->noise, i));
    assert_int_equal(trial->clock != NULL, json_is_object(clock));
    for (size_t i = 0; trial->clock && i < RECORD_CLOCK_KEYS; i++)
        check_number(clock, record_clock_keys[i], record_clock_figure(trial->clock, i));
    assert_int_equal(trial->n_samples, json_array_size(metrics));
    for (size_t i = 0; i < trial->n_samples; i++) {
        const json_t *metric = json_array_get(metrics, i);
        const struct view_sample *sample = &trial->samples[i];

        check_text(metric, "metric", outcome->metrics[sample->metric].name);
        check_number(metric, "value", sample->value);
        check_distribution(metric, sample->distribution);
        assert_ptr_equal(view_find_sample(trial, sample->metric), sample);
    }
}

static void check_interval(const json_t *json, const double interval[2]) {
    assert_int_equal(json_is_null(json), isnan(interval[0]) && isnan(interval[1]));
    for (size_t i = 0; i < json_array_size(json); i++)
        assert_true(json_number_value(json_array_get(json, i)) == interval[i]);
}

static void check_metric(const json_t *json, const struct view_metric *metric) {
    const struct stats_summary *summary = &metric->summary;

    assert_true(metric->is_summarised);
    check_text(json, "metric", metric->name);
    check_text(json, "unit", units_name(metric->unit));
    check_text(json, "better", value_better_name(metric->better));
    check_text(json, "side", value_side_name(metric->side));
    check_text(json, "shape", value_shape_name(metric->shape));
    check_text(json, "role", descriptor_role_name(metric->role));
    check_number(json, "n", (double)summary->n);
    check_number(json, "mean", summary->mean);
    check_number(json, "sd", summary->sd);
    check_number(json, "cv", summary->cv);
    check_number(json, "min", summary->min);
    check_number(json, "q1", summary->q1);
    check_number(json, "median", summary->median);
    check_number(json, "q3", summary->q3);
    check_number(json, "max", summary->max);
    check_number(json, "outliers", (double)summary->outliers);
    check_interval(json_object_get(json, "ci95_mean"), summary->ci95_mean);
    check_interval(json_object_get(json, "ci95_median"), summary->ci95_median);
}

static void check_params(const json_t *json, const struct view_case *outcome) {
    const json_t *value;
    const char *key;
    size_t n = 0;

    json_object_foreach ((json_t *)json, key, value) {
        assert_string_equal(outcome->params[n].name, key);
        check_value(value, &outcome->params[n].value);
        assert_ptr_equal(view_find_param(outcome, key), &outcome->params[n]);
        n++;
    }
    assert_int_equal(n, outcome->n_params);
}

static void check_case(const json_t *json, const struct view_case *outcome) {
    const json_t *trials = json_object_get(json, "trials"), *summaries = json_object_get(json, "summary");
    uint64_t seed = 0;

    check_number(json, "case", outcome->id);
    check_text(json, "group", outcome->group);
    check_text(json, "module", outcome->module);
    check_number(json, "workload_version", outcome->workload_version);
    check_text(json, "resource", value_resource_name(outcome->resource));
    check_text(json, "path", outcome->path);
    check_text(json, "cpus", outcome->cpus);
    assert_int_equal(value_read_whole(json_object_get(json, "seed"), &seed), 0);
    assert_true(outcome->seed == seed);
    check_number(json, "trials_wanted", outcome->trials_wanted);
    check_number(json, "warmup", outcome->warmup);
    check_number(json, "deadline_s", outcome->deadline_s);
    check_text(json, "status", outcome_status_name(outcome->status));
    check_text(json, "reason", outcome->reason);
    check_facts(json_object_get(json, "facts"), outcome->facts, outcome->n_facts);
    check_params(json_object_get(json, "params"), outcome);
    assert_int_equal(outcome->n_metrics, json_array_size(summaries));
    for (size_t i = 0; i < outcome->n_metrics; i++) {
        check_metric(json_array_get(summaries, i), &outcome->metrics[i]);
        assert_ptr_equal(view_find_metric(outcome, outcome->metrics[i].name), &outcome->metrics[i]);
    }
    assert_int_equal(outcome->n_trials, json_array_size(trials));
    for (size_t i = 0; i < outcome->n_trials; i++)
        check_trial(json_array_get(trials, i), outcome, &outcome->trials[i]);
}

/* What the record's modules say of the case's parameters. */
static void check_roles(const json_t *record, const struct view_case *outcome) {
    const json_t *module;
    size_t index;

    json_array_foreach (json_object_get(record, "modules"), index, module)
        for (size_t i = 0; i < outcome->n_params && strcmp(json_text(module, "module"), outcome->module) == 0;
             i++) {
            const json_t *row = json_object_get(json_object_get(module, "params"), outcome->params[i].name);

            check_text(row, "kind", param_kind_name(outcome->params[i].kind));
            check_text(row, "role", descriptor_role_name(outcome->params[i].role));
        }
}

static void view__is_the_record(void **state) {
    cleanup_free char *path = golden_path();
    json_auto_t *record = json_load_file(path, 0, NULL);
    const json_t *cases = json_object_get(record, "cases");
    struct view_case outcome = {0};
    struct reader *reader;

    (void)state;
    assert_int_equal(reader_open(path, &reader, NULL), 0);
    assert_int_equal(reader_n_cases(reader), json_array_size(cases));
    for (size_t i = 0; i < json_array_size(cases); i++) {
        assert_int_equal(reader_case(reader, i, &outcome, NULL), 0);
        check_case(json_array_get(cases, i), &outcome);
        assert_int_equal(reader_case_params(reader, i, &outcome, NULL), 0);
        check_params(json_object_get(json_array_get(cases, i), "params"), &outcome);
        check_roles(record, &outcome);
    }
    reader_case_done(&outcome);
    reader_close(reader);
}

static void view_head__is_the_record(void **state) {
    cleanup_free char *path = golden_path();
    json_auto_t *record = json_load_file(path, 0, NULL);
    const json_t *machine = json_object_get(json_object_get(record, "environment"), "before");
    const json_t *facts = json_object_get(machine, "facts"), *warnings = json_object_get(record, "warnings");
    const struct view_head *head;
    struct reader *reader;

    (void)state;
    assert_int_equal(reader_open(path, &reader, NULL), 0);
    head = reader_head(reader);
    check_text(record, "run_id", head->run_id);
    check_text(record, "configuration", head->configuration);
    check_text(record, "configuration", head->label);
    check_text(record, "started_at", head->started_at);
    check_number(record, "duration_s", head->duration_s);
    check_text(record, "status", outcome_status_name(head->status));
    check_text(machine, "virtualization", head->machine.virtualization);
    check_text(machine, "container", head->machine.container);
    assert_int_equal(head->machine.n_facts, json_array_size(facts));
    for (size_t i = 0; i < head->machine.n_facts; i++) {
        check_text(json_array_get(facts, i), "fact", head->machine.facts[i].name);
        check_text(json_array_get(facts, i), "reason", head->machine.facts[i].reason);
        check_value(json_object_get(json_array_get(facts, i), "value"), &head->machine.facts[i].value);
        assert_int_equal(strcmp(json_text(json_array_get(facts, i), "status"), "ok") == 0,
                         head->machine.facts[i].status == VIEW_FACT_OK);
    }
    assert_string_equal(head->program[0].key, "version");
    assert_int_equal(head->n_program, 6);
    assert_int_equal(head->n_warnings, json_array_size(warnings));
    for (size_t i = 0; i < head->n_warnings; i++)
        assert_string_equal(head->warnings[i], json_string_value(json_array_get(warnings, i)));
    reader_close(reader);
}

/* Trials may report metrics in another order than that of the summaries, and such that have none. */
static void view__puts_summarised_metrics_first(void **state) {
    static const char text[] =
        "{\"group\": \"g\", \"module\": \"m\", \"resource\": \"cpu\", \"params\": {}, \"status\": \"ok\", "
        "\"trials\": ["
        "{\"trial\": 1, \"status\": \"ok\", \"metrics\": [{\"metric\": \"c\", \"value\": 3}, {\"metric\": "
        "\"b\", \"value\": 2},"
        " {\"metric\": \"a\", \"value\": 1}]}, {\"trial\": 2, \"status\": \"ok\", \"metrics\": ["
        "{\"metric\": \"a\", \"value\": 1}, {\"metric\": \"c\", \"value\": 3}]}], \"summary\": ["
        "{\"metric\": \"a\", \"unit\": \"1/s\", \"better\": \"higher\", \"side\": \"local\", \"shape\": "
        "\"scalar\"},"
        "{\"metric\": \"b\", \"unit\": \"s\", \"better\": \"lower\", \"side\": \"sender\", \"shape\": "
        "\"scalar\"}]}";
    static const char *const names[] = {"a", "b", "c"};
    struct view_case outcome = {0};
    struct scan scan;

    (void)state;
    scan_init(&scan, text, sizeof(text) - 1, &outcome.arena);
    view_read_case(&scan, &outcome);
    assert_false(scan.failed);
    assert_int_equal(outcome.n_metrics, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(outcome.metrics[i].name, names[i]);
        assert_int_equal(outcome.metrics[i].is_summarised, i < 2);
        assert_true(view_find_sample(&outcome.trials[0], i)->value == (double)i + 1);
    }
    assert_null(view_find_sample(&outcome.trials[1], 1));
    assert_true(view_find_sample(&outcome.trials[1], 2)->value == 3);
    reader_case_done(&outcome);
}

/* What a run of a set is, and what its guest was: each member by itself, and none of them. */
static void view_head__of_a_set_and_a_guest(void **state) {
    json_t *document = json_pack(
        "{s:s, s:s, s:{s:s, s:i, s:i, s:f, s:i, s:{s:i, s:f, s:i}}, s:{s:s, s:b, s:s, s:s}, s:[s, i, s]}",
        "status", "ok", "configuration", "kvm", "run_set", "id", "a-set", "run", 3, "runs", 7, "error", 0.5,
        "first", 6, "looks", "first", 2, "error", 0.025, "run", 9, "guest", "label", "kvm (emulated)",
        "emulated_hardware", 1, "backing", "memory", "clock", "instructions", "warnings", "one", 2, "three");
    struct view_head head = {0};
    const char *sentence = NULL;

    (void)state;
    assert_int_equal(view_read_head(document, &head, &sentence), 0);
    assert_string_equal(head.run_set.id, "a-set");
    assert_int_equal(head.run_set.run, 3);
    assert_int_equal(head.run_set.of, 7);
    assert_true(head.run_set.has_looks);
    assert_int_equal(head.run_set.first, 2);
    assert_true(head.run_set.error == 0.025);
    assert_string_equal(head.label, "kvm (emulated)");
    assert_true(head.is_emulated && head.disk_in_memory && head.counts_instructions);
    assert_int_equal(head.n_warnings, 2);
    assert_string_equal(head.warnings[1], "three");
    assert_true(isnan(head.duration_s));
    view_head_done(&head);
    document = json_pack("{s:s, s:s, s:{s:i, s:i}, s:{s:s, s:s}}", "status", "failed", "configuration", "kvm",
                         "run_set", "run", -1, "runs", 0, "guest", "backing", "file", "clock", "real-time");
    assert_int_equal(view_read_head(document, &head, &sentence), 0);
    assert_int_equal(head.status, OUTCOME_FAILED);
    assert_string_equal(head.run_set.id, "");
    assert_true(head.run_set.run == 0 && head.run_set.of == 0 && head.run_set.first == 0);
    assert_false(head.run_set.has_looks);
    assert_string_equal(head.label, "kvm");
    assert_false(head.is_emulated || head.disk_in_memory || head.counts_instructions);
    assert_string_equal(head.clock, "real-time");
    view_head_done(&head);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(view__is_the_record),
        cmocka_unit_test(view_head__is_the_record),
        cmocka_unit_test(view_head__of_a_set_and_a_guest),
        cmocka_unit_test(view__puts_summarised_metrics_first),
    };
    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
