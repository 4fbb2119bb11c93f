/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/write/record.h"

#include "base/cleanup.h"
#include "fakes/fixed_run.h"
#include "record/file/store.h"

#include "unit/descriptors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* The fixed run's record. */
static json_t *new_record(void) {
    struct outcome_run run;
    json_t *suite = fixed_suite(), *configuration = fixed_configuration(), *record;
    const struct record_context context = {
        .suite = suite, .configuration = configuration, .before = &fixed_machine, .after = NULL};

    fixed_run_init(&run);
    record = record_new(&run, &context);
    outcome_run_done(&run);
    json_decref(suite);
    json_decref(configuration);
    return record;
}

static json_t *get_case(json_t *record, size_t index) {
    return json_array_get(json_object_get(record, "cases"), index);
}

/* What depends on how and where this was built. */
static void fix_build(json_t *record) {
    json_t *program = json_object_get(record, "vmsuite");

    assert_true(json_is_object(json_object_get(program, "build")));
    (void)json_object_set_new(program, "version", json_string("0.0.0"));
    (void)json_object_set_new(program, "build",
                              json_pack("{s:s, s:s, s:s, s:s, s:s}", "compiler", "gcc", "compiler_version",
                                        "12.2.0", "build_type", "release", "optimization", "3", "flags", ""));
}

/* To accept a wanted change, copy the file that the message names over the golden one. */
static void record_new__is_the_golden_record(void **state) {
    const char *source = getenv("VMSUITE_SOURCE"), *build = getenv("VMSUITE_BUILD");
    char golden_path[4096], made_path[4096];
    json_t *record = new_record(), *golden, *made;

    (void)state;
    assert_non_null(source);
    assert_non_null(build);
    (void)snprintf(golden_path, sizeof(golden_path), "%s/tests/golden/record.json", source);
    (void)snprintf(made_path, sizeof(made_path), "%s/tests/record.json", build);
    fix_build(record);
    assert_int_equal(store_write(made_path, record, NULL), 0);
    golden = json_load_file(golden_path, JSON_REJECT_DUPLICATES, NULL);
    made = json_load_file(made_path, JSON_REJECT_DUPLICATES, NULL);
    if (!json_equal(golden, made))
        fail_msg("%s differs from %s", made_path, golden_path);
    json_decref(golden);
    json_decref(made);
    json_decref(record);
}

/* What only some runs have: over places, with labels, of a set, their machines read elsewhere. */
static void record_new__holds_what_some_runs_have(void **state) {
    json_auto_t *labels = json_pack("{s:s}", "commit", "1f3a"),
                *places = json_pack("[{s:s}]", "place", "local");
    json_auto_t *before = json_pack("{s:s}", "virtualization", "kvm"), *after = json_pack("{s:i}", "x", 1);
    const struct record_context context = {.labels = labels, .places = places, .machines = {before, after}};
    const struct record_context plain = {0};
    const json_t *environment, *set;
    struct outcome_run run;
    json_t *record;

    (void)state;
    fixed_run_init(&run);
    (void)strcpy(run.set.id, "5e7");
    run.set.run = 2;
    run.set.runs = 5;
    run.set.looks = 3;
    run.cases[0].neighbours = 4;
    record = record_new(&run, &context);
    environment = json_object_get(record, "environment");
    set = json_object_get(record, "run_set");
    assert_true(json_equal(json_object_get(record, "places"), places));
    assert_true(json_equal(json_object_get(record, "labels"), labels));
    assert_true(json_equal(json_object_get(environment, "before"), before));
    assert_true(json_equal(json_object_get(environment, "after"), after));
    assert_string_equal(json_string_value(json_object_get(set, "id")), "5e7");
    assert_int_equal(json_integer_value(json_object_get(set, "run")), 2);
    assert_int_equal(json_integer_value(json_object_get(set, "runs")), 5);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(set, "looks"), "first")), 3);
    assert_int_equal(json_integer_value(json_object_get(get_case(record, 0), "neighbours")), 4);
    assert_null(json_object_get(get_case(record, 1), "neighbours"));
    json_decref(record);
    run.set.id[0] = '\0';
    record = record_new(&run, &plain);
    assert_true(!json_object_get(record, "places") && !json_object_get(record, "labels"));
    assert_null(json_object_get(record, "run_set"));
    json_decref(record);
    outcome_run_done(&run);
}

static void record_new__large_seed_is_text(void **state) {
    json_t *record = new_record();

    (void)state;
    assert_string_equal(json_string_value(json_object_get(record, "seed")), "18446744073709551615");
    json_decref(record);
}

static void record_new__params_have_types_and_base_units(void **state) {
    json_t *record = new_record(), *params = json_object_get(get_case(record, 1), "params"), *expected;

    (void)state;
    expected =
        json_loads("{\"mode\": \"request-response\", \"message_size\": 65536, \"duration\": 2.0,"
                   " \"target_rate\": 0.0, \"connections\": 1, \"no_delay\": true, \"congestion\": \"\"}",
                   0, NULL);
    assert_true(json_equal(params, expected));
    json_decref(expected);
    json_decref(record);
}

static void record_new__a_failed_trial_has_a_reason_and_no_figures(void **state) {
    json_t *record = new_record(), *outcome = get_case(record, 2);
    json_t *trial = json_array_get(json_object_get(outcome, "trials"), 1);
    json_t *summary = json_array_get(json_object_get(outcome, "summary"), 0);

    (void)state;
    assert_string_equal(json_string_value(json_object_get(trial, "status")), "failed");
    assert_non_null(json_string_value(json_object_get(trial, "reason")));
    assert_int_equal(json_array_size(json_object_get(trial, "metrics")), 0);
    assert_int_equal(json_integer_value(json_object_get(summary, "n")), 2);
    json_decref(record);
}

static void record_new__nothing_measured_is_null_not_zero(void **state) {
    static const char *const figures[] = {"mean",   "sd", "cv",  "min",       "q1",
                                          "median", "q3", "max", "ci95_mean", "ci95_median"};
    json_t *record = new_record();

    (void)state;
    for (size_t i = 3; i < 6; i++) {
        json_t *summary = json_object_get(get_case(record, i), "summary");

        assert_int_equal(json_array_size(summary), 1);
        summary = json_array_get(summary, 0);
        assert_int_equal(json_integer_value(json_object_get(summary, "n")), 0);
        for (size_t j = 0; j < VMS_LENGTH(figures); j++)
            assert_true(json_is_null(json_object_get(summary, figures[j])));
    }
    json_decref(record);
}

static void record_new__each_module_is_named_once(void **state) {
    json_t *record = new_record(), *modules = json_object_get(record, "modules");

    (void)state;
    assert_int_equal(json_array_size(modules), 4);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(modules, 0), "workload_version")), 2);
    json_decref(record);
}

static void record_read_trial__reads_back_what_was_written(void **state) {
    struct outcome_trial noisy = {.trial = 1, .order = 1, .flags = NOISE_STEAL};
    struct outcome_run run;

    (void)state;
    fixed_run_init(&run);
    run.cases[0].trials[0].flags = NOISE_STEAL | OUTCOME_REPEATED;
    run.cases[0].trials[0].has_noise = true;
    run.cases[0].trials[0].noise = (struct noise){.steal = 0.08, .throttles = NAN};
    assert_int_equal(outcome_trial_log(&noisy, VMS_LOG_INFO, "too noisy"), 0);
    assert_int_equal(outcome_trial_repeat(&run.cases[0].trials[0], &noisy), 0);
    assert_int_equal(outcome_trial_log(&run.cases[0].trials[0], VMS_LOG_WARNING, "hot"), 0);
    assert_int_equal(outcome_trial_log(&run.cases[0].trials[0], VMS_LOG_INFO, "cold"), 0);
    assert_int_equal(outcome_facts_set(&run.cases[0].trials[0].facts, "a", "1"), 0);
    assert_int_equal(outcome_facts_set(&run.cases[0].trials[0].facts, "b", ""), 0);
    for (size_t i = 0; i < run.n_cases; i++)
        for (size_t j = 0; j < run.cases[i].n_done; j++) {
            json_t *json = record_trial(&run.cases[i], &run.cases[i].trials[j]), *again;
            struct outcome_trial trial;

            assert_int_equal(record_read_trial(&run.cases[i], json, &trial, NULL), 0);
            again = record_trial(&run.cases[i], &trial);
            assert_true(json_equal(json, again));
            assert_int_equal(trial.flags, run.cases[i].trials[j].flags);
            outcome_trial_done(&trial);
            json_decref(json);
            json_decref(again);
        }
    outcome_run_done(&run);
}

/* Each member that a trial must have, and each that has another shape: nothing of it is taken for 0. */
static void record_read_trial__refuses_what_is_no_trial(void **state) {
    static const struct {
        const char *member, *value;
    } wrong[] = {
        {"trial", "\"1\""},   {"trial", "-1"},      {"order", "1.5"},
        {"order", NULL},      {"start_s", "\"0\""}, {"duration_s", NULL},
        {"status", NULL},     {"status", "\"x\""},  {"facts", "{}"},
        {"facts", NULL},      {"log", "[1]"},       {"metrics", "{}"},
        {"metrics", NULL},    {"metrics", "[{}]"},  {"facts", "[{\"key\": \"a\"}]"},
        {"attempts", "[{}]"},
    };
    struct outcome_run run;

    (void)state;
    fixed_run_init(&run);
    for (size_t i = 0; i < VMS_LENGTH(wrong); i++) {
        json_t *json = record_trial(&run.cases[0], &run.cases[0].trials[0]);
        struct vms_error error = {""};
        struct outcome_trial trial;

        if (wrong[i].value)
            json_object_set_new(json, wrong[i].member, json_loads(wrong[i].value, JSON_DECODE_ANY, NULL));
        else
            json_object_del(json, wrong[i].member);
        if (record_read_trial(&run.cases[0], json, &trial, &error) >= 0 || !*error.text)
            fail_msg("%s: %s", wrong[i].member, wrong[i].value ? wrong[i].value : "left out");
        json_decref(json);
    }
    outcome_run_done(&run);
}

static unsigned long allocations_left;

static void *failing_malloc(size_t size) {
    return allocations_left-- > 0 ? malloc(size) : NULL;
}

/* Without memory there is no record, rather than one with holes; the sanitizer sees that nothing leaks. */
static void record_new__fails_whole_without_memory(void **state) {
    struct outcome_run run;
    const struct record_context context = {.before = &fixed_machine};
    json_t *record = NULL;
    unsigned long failures = 0;

    (void)state;
    fixed_run_init(&run);
    for (unsigned long n = 0; !record; n += 13, failures++) {
        assert_true(n < 100000);
        allocations_left = n;
        json_set_alloc_funcs(failing_malloc, free);
        record = record_new(&run, &context);
        json_set_alloc_funcs(malloc, free);
    }
    assert_true(failures > 20);
    assert_int_equal(json_array_size(json_object_get(record, "cases")), 6);
    json_decref(record);
    outcome_run_done(&run);
}

/* What reading the counters took is the sum over all trials, those that were made again with the attempts
 * before them. */
static void record_new__adds_up_what_reading_took(void **state) {
    json_t *suite = fixed_suite(), *configuration = fixed_configuration(), *record, *collecting;
    const struct record_context context = {.suite = suite, .configuration = configuration};
    struct outcome_trial *trials, *attempts;
    struct outcome_run run;

    (void)state;
    fixed_run_init(&run);
    trials = run.cases[0].trials;
    attempts = calloc(2, sizeof(*attempts));
    assert_non_null(attempts);
    for (size_t i = 0; i < 2; i++) {
        trials[i].has_noise = attempts[i].has_noise = true;
        trials[i].noise.cost_s = i == 0 ? 0.5 : 0.25;
        attempts[i].noise.cost_s = i == 0 ? 2 : 1;
    }
    trials[1].attempts = attempts;
    trials[1].n_attempts = 2;
    run.facts_s = 0.25;
    run.duration_s = 16;
    record = record_new(&run, &context);
    collecting = json_object_get(record, "collecting");
    assert_true(json_number_value(json_object_get(collecting, "facts_s")) == 0.25);
    assert_true(json_number_value(json_object_get(collecting, "noise_s")) == 3.75);
    assert_true(json_number_value(json_object_get(collecting, "share")) == 0.25);
    json_decref(record);
    outcome_run_done(&run);
    json_decref(suite);
    json_decref(configuration);
}

/* An interval that has no end is none, though figures that are not negative give it a beginning. */
static void record_new__an_interval_without_end_is_null(void **state) {
    static const double values[] = {1e308, 1e307, 1.7e308};
    json_t *suite = fixed_suite(), *configuration = fixed_configuration(), *record, *summary;
    const struct record_context context = {.suite = suite, .configuration = configuration};
    struct outcome_run run;

    (void)state;
    fixed_run_init(&run);
    for (size_t i = 0; i < 3; i++)
        run.cases[0].trials[i].metrics[0].value = values[i];
    record = record_new(&run, &context);
    summary = json_array_get(json_object_get(get_case(record, 0), "summary"), 0);
    assert_int_equal(json_integer_value(json_object_get(summary, "n")), 3);
    assert_true(json_is_null(json_object_get(summary, "ci95_mean")));
    json_decref(record);
    outcome_run_done(&run);
    json_decref(suite);
    json_decref(configuration);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(record_new__adds_up_what_reading_took),
        cmocka_unit_test(record_new__an_interval_without_end_is_null),
        cmocka_unit_test(record_new__is_the_golden_record),
        cmocka_unit_test(record_new__holds_what_some_runs_have),
        cmocka_unit_test(record_new__large_seed_is_text),
        cmocka_unit_test(record_new__params_have_types_and_base_units),
        cmocka_unit_test(record_new__a_failed_trial_has_a_reason_and_no_figures),
        cmocka_unit_test(record_new__nothing_measured_is_null_not_zero),
        cmocka_unit_test(record_new__each_module_is_named_once),
        cmocka_unit_test(record_read_trial__reads_back_what_was_written),
        cmocka_unit_test(record_read_trial__refuses_what_is_no_trial),
        cmocka_unit_test(record_new__fails_whole_without_memory),
    };
    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
