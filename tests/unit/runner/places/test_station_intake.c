/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an agent says, held against what it may say: a place can spoil its own record and nothing else. */
#include "base/cleanup.h"
#include "fakes/fixed_run.h"
#include "places/station_intake.h"
#include "record/write/record.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* The answer to the first trial of the fixed run's case. */
static json_t *new_taken(const struct outcome_case *outcome) {
    return json_pack("{s:s, s:I, s:n, s:[], s:f, s:o}", "type", "taken", "case", (json_int_t)outcome->id,
                     "path", "facts", "start_s", 0.5, "trial", record_trial(outcome, &outcome->trials[0]));
}

static int take(const json_t *message, struct outcome_case *outcome) {
    struct outcome_trial trial;
    int status = station_intake_trial(message, outcome, outcome->trials[0].trial, &trial, NULL);

    if (status == 0)
        outcome_trial_done(&trial);
    return status;
}

static void intake__takes_what_is_whole(void **state) {
    struct outcome_run run;

    (void)state;
    fixed_run_init(&run);
    for (size_t i = 0; i < run.n_cases; i++) {
        json_auto_t *message = run.cases[i].n_done > 0 ? new_taken(&run.cases[i]) : NULL;
        enum outcome_status status = message ? run.cases[i].trials[0].status : OUTCOME_OK;

        if (message)
            assert_int_equal(take(message, &run.cases[i]),
                             status == OUTCOME_INTERRUPTED || status == OUTCOME_LOST ? -EPROTO : 0);
    }
    outcome_run_done(&run);
}

static void intake__refuses_what_cannot_be(void **state) {
    static const char *const lies[] = {
        "{\"trial\": 9}",
        "{\"duration_s\": -1}",
        "{\"duration_s\": null}",
        "{\"metrics\": []}",
        "{\"status\": \"lost\"}",
        "{\"status\": \"fine\"}",
        "{\"reason\": \"so\"}",
        "{\"metrics\": [{\"metric\": \"../x\"}]}",
        "{\"metrics\": 1}",
        "{\"facts\": [{}]}",
        "{\"status\": \"crashed\"}",
    };
    struct outcome_run run;

    (void)state;
    fixed_run_init(&run);
    for (size_t i = 0; i < VMS_LENGTH(lies); i++) {
        json_auto_t *message = new_taken(&run.cases[0]), *lie = json_loads(lies[i], 0, NULL);

        assert_non_null(lie);
        assert_int_equal(json_object_update(json_object_get(message, "trial"), lie), 0);
        if (take(message, &run.cases[0]) != -EPROTO)
            fail_msg("%s was taken", lies[i]);
    }
    outcome_run_done(&run);
}

static void intake__metrics_are_held_against_each_other(void **state) {
    struct outcome_run run;

    (void)state;
    fixed_run_init(&run);
    for (size_t i = 0; i < run.n_cases; i++) {
        json_auto_t *twice = NULL, *none = NULL;
        json_t *metrics;

        if (run.cases[i].n_done == 0 || run.cases[i].trials[0].n_metrics == 0 ||
            run.cases[i].trials[0].status != OUTCOME_OK)
            continue;
        twice = new_taken(&run.cases[i]);
        metrics = json_object_get(json_object_get(twice, "trial"), "metrics");
        json_array_append(metrics, json_array_get(metrics, 0));
        assert_int_equal(take(twice, &run.cases[i]), -EPROTO);
        none = new_taken(&run.cases[i]);
        metrics = json_object_get(json_object_get(none, "trial"), "metrics");
        json_object_set_new(json_array_get(metrics, 0), "value", json_null());
        json_object_del(json_array_get(metrics, 0), "values");
        json_object_set_new(json_array_get(metrics, 0), "n", json_integer(3));
        assert_int_equal(take(none, &run.cases[i]), -EPROTO);
    }
    outcome_run_done(&run);
}

static void intake__machines(void **state) {
    static const char nested[] =
        "{\"virtualization\": \"kvm\", \"container\": \"none\", \"evidence\": [], \"facts\": [{\"fact\": "
        "\"a\", \"value\": "
        "[], \"status\": \"ok\", \"reason\": null, \"source\": null}]}";
    static const char *const texts[] = {
        "{}",
        "{\"virtualization\": \"kvm\", \"container\": \"none\", \"evidence\": [], \"facts\": [{\"fact\": "
        "\"a\"}]}",
        "{\"virtualization\": \"kvm\", \"container\": \"none\", \"evidence\": [1], \"facts\": []}",
        "{\"virtualization\": 1, \"container\": \"none\", \"evidence\": [], \"facts\": []}",
        "{\"virtualization\": \"kvm\", \"container\": \"none\", \"evidence\": [], \"facts\": [], \"more\": "
        "1}",
        nested,
    };
    json_auto_t *whole =
        json_loads("{\"virtualization\": \"kvm\", \"container\": \"none\", \"evidence\": [], \"facts\": "
                   "[{\"fact\": \"a\", \"value\": 1, \"status\": \"ok\", \"reason\": null, "
                   "\"source\": null}]}",
                   0, NULL);

    (void)state;
    assert_int_equal(station_intake_machine(whole, NULL), 0);
    for (size_t i = 0; i < VMS_LENGTH(texts); i++) {
        json_auto_t *machine = json_loads(texts[i], 0, NULL);

        assert_non_null(machine);
        assert_int_equal(station_intake_machine(machine, NULL), -EPROTO);
    }
}

/* The answers that are held here are of the first case, the fixed network module's: a scalar, a distribution
 * whose values are there, a scalar. */
static json_t *metric_of(json_t *taken, size_t index) {
    return json_array_get(json_object_get(json_object_get(taken, "trial"), "metrics"), index);
}

static void intake__answers_what_was_asked(void **state) {
    static const char *const lies[] = {"{\"case\": 2}",
                                       "{\"case\": 0}",
                                       "{\"case\": \"1\"}",
                                       "{\"path\": \"pigeon\"}",
                                       "{\"facts\": [{\"key\": 1}]}",
                                       "{\"trial\": []}",
                                       "{\"trial\": null}"};
    struct outcome_run run;

    (void)state;
    fixed_run_init(&run);
    for (size_t i = 0; i < VMS_LENGTH(lies); i++) {
        json_auto_t *message = new_taken(&run.cases[0]), *lie = json_loads(lies[i], 0, NULL);

        assert_int_equal(json_object_update(message, lie), 0);
        if (take(message, &run.cases[0]) != -EPROTO)
            fail_msg("%s was taken", lies[i]);
    }
    outcome_run_done(&run);
}

/* When it began counts from when the agent was asked, and not what its trial says of that; path and facts are
 * the case's. */
static void intake__takes_time_path_and_facts(void **state) {
    struct outcome_run run;
    json_auto_t *message = NULL;
    struct outcome_trial trial;

    (void)state;
    fixed_run_init(&run);
    message = new_taken(&run.cases[0]);
    json_object_set_new(message, "path", json_string("network"));
    json_object_set_new(message, "facts", json_pack("[{s:s, s:s}]", "key", "mss", "value", "1460"));
    assert_int_equal(station_intake_trial(message, &run.cases[0], 1, &trial, NULL), 0);
    assert_true(trial.start_s == 0.5 && trial.duration_s == 1.0 / 3);
    assert_int_equal(trial.n_metrics, 3);
    assert_string_equal(run.cases[0].path, "network");
    assert_string_equal(run.cases[0].facts.facts[run.cases[0].facts.n_facts - 1].value, "1460");
    outcome_trial_done(&trial);
    outcome_run_done(&run);
}

/* Metric 0 counts what was done in a second; metric 2, a share, is one that may be a difference. */
static void intake__no_rate_is_below_0(void **state) {
    static const struct {
        size_t metric;
        double value;
        int status;
    } rows[] = {{0, -1e-9, -EPROTO}, {0, 0, 0}, {2, -1, 0}};
    struct outcome_run run;

    (void)state;
    fixed_run_init(&run);
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        json_auto_t *message = new_taken(&run.cases[0]);

        json_object_set_new(metric_of(message, rows[i].metric), "value", json_real(rows[i].value));
        assert_int_equal(take(message, &run.cases[0]), rows[i].status);
    }
    outcome_run_done(&run);
}

/* Of a distribution whose values are there, all else is computed from them. */
static void intake__values_say_all_of_a_distribution(void **state) {
    struct outcome_run run;
    json_auto_t *message = NULL;
    struct outcome_trial trial;

    (void)state;
    fixed_run_init(&run);
    message = new_taken(&run.cases[0]);
    json_object_set_new(metric_of(message, 1), "value", json_real(77));
    json_object_set_new(metric_of(message, 1), "mean", json_real(88));
    json_object_set_new(metric_of(message, 1), "values", json_pack("[f, f, f]", 1.0, 2.0, 6.0));
    json_object_set_new(metric_of(message, 1), "n", json_integer(3));
    assert_int_equal(station_intake_trial(message, &run.cases[0], 1, &trial, NULL), 0);
    assert_true(trial.metrics[1].value == 2 && trial.metrics[1].distribution.mean == 3);
    assert_true(trial.metrics[1].distribution.n == 3 && trial.metrics[1].distribution.quantiles[0] == 1);
    outcome_trial_done(&trial);
    outcome_run_done(&run);
}

/* Without values, it must be one that there can be: more than would have been kept, in order, its mean
 * within. */
static void intake__distributions_without_values(void **state) {
    static const double good[STATS_QUANTILES] = {1, 2, 3, 4, 5, 6, 7};
    const struct {
        double mean, sd, first, second;
        json_int_t n;
        bool is_good;
    } rows[] = {
        {3, 1, 1, 2, 1000, true},
        {1, 0, 1, 2, 1000, true},
        {7, 0, 1, 2, 1000, true},
        {0.9, 1, 1, 2, 1000, false},
        {7.1, 1, 1, 2, 1000, false},
        {3, -1, 1, 2, 1000, false},
        {3, 1, 2.5, 2, 1000, false},
        {3, 1, 1, 3.5, 1000, false},
        {3, 1, 1, 2, OUTCOME_RAW_MAX, false},
        {3, 1, 1, 2, OUTCOME_RAW_MAX + 1, true},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct outcome_run run;
        json_auto_t *message = NULL;
        json_t *metric, *quantiles;
        struct outcome_trial trial;
        int status;

        fixed_run_init(&run);
        message = new_taken(&run.cases[0]);
        metric = metric_of(message, 1);
        quantiles = json_object_get(metric, "percentiles");
        assert_int_equal(json_array_size(quantiles), STATS_QUANTILES);
        json_object_del(metric, "values");
        for (size_t k = 0; k < STATS_QUANTILES; k++)
            json_object_set_new(json_array_get(quantiles, k), "value",
                                json_real(k == 0   ? rows[i].first
                                          : k == 1 ? rows[i].second
                                                   : good[k]));
        json_object_set_new(metric, "mean", json_real(rows[i].mean));
        json_object_set_new(metric, "sd", json_real(rows[i].sd));
        json_object_set_new(metric, "n", json_integer(rows[i].n));
        json_object_set_new(metric, "value", json_real(77));
        status = station_intake_trial(message, &run.cases[0], 1, &trial, NULL);
        if (status != (rows[i].is_good ? 0 : -EPROTO))
            fail_msg("row %zu: %d", i, status);
        if (status == 0) {
            assert_true(trial.metrics[1].value == 2); /* its median */
            outcome_trial_done(&trial);
        }
        outcome_run_done(&run);
    }
}

static void intake__trouble(void **state) {
    static const struct {
        const char *text;
        unsigned index; /* of the case; 9: refused */
    } rows[] = {
        {"{\"case\": 1, \"status\": \"crashed\", \"reason\": \"so\"}", 0},
        {"{\"case\": 6, \"status\": \"timeout\", \"reason\": \"so\"}", 5},
        {"{\"case\": 7, \"status\": \"crashed\", \"reason\": \"so\"}", 9},
        {"{\"case\": 0, \"status\": \"crashed\", \"reason\": \"so\"}", 9},
        {"{\"case\": -1, \"status\": \"crashed\", \"reason\": \"so\"}", 9},
        {"{\"case\": 1, \"status\": \"ok\", \"reason\": \"so\"}", 9},
        {"{\"case\": 1, \"status\": \"fine\", \"reason\": \"so\"}", 9},
        {"{\"case\": 1, \"status\": \"crashed\"}", 9},
        {"{\"case\": 1, \"reason\": \"so\"}", 9},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        json_auto_t *message = json_loads(rows[i].text, 0, NULL);
        const struct outcome_case *outcome = NULL;
        struct outcome_run run;
        int status;

        fixed_run_init(&run);
        status = station_intake_trouble(message, &run, &outcome, NULL);
        assert_int_equal(status, rows[i].index == 9 ? -EPROTO : 0);
        if (status == 0) {
            assert_ptr_equal(outcome, &run.cases[rows[i].index]);
            assert_string_equal(outcome->reason, "so");
            assert_int_equal(outcome->status, i == 0 ? OUTCOME_CRASHED : OUTCOME_TIMEOUT);
        }
        outcome_run_done(&run);
    }
}

/* The entries of "opened", one for each module of the fixed run. */
static json_t *new_modules(const struct outcome_run *run) {
    json_t *list = json_array();

    for (size_t i = 0; i < run->n_modules; i++)
        json_array_append_new(list, json_pack("{s:s, s:I, s:s, s:s, s:b}", "module",
                                              run->modules[i].module->name, "workload_version",
                                              (json_int_t)run->modules[i].module->workload_version, "path",
                                              "/there/x.so", "sha256", run->modules[i].sha256, "shipped", 0));
    return list;
}

static void intake__modules(void **state) {
    static const char *const lies[] = {
        "{\"workload_version\": 99}",
        "{\"path\": null}",
        "{\"sha256\": \"AB\"}",
        "{\"sha256\": null}",
        "{\"module\": \"other\"}",
        "{\"sha256\": \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}"};
    struct outcome_run run;
    json_auto_t *whole = NULL;
    size_t warned;

    (void)state;
    fixed_run_init(&run);
    whole = new_modules(&run);
    for (size_t i = 0; i < VMS_LENGTH(lies); i++) {
        json_auto_t *list = json_deep_copy(whole), *lie = json_loads(lies[i], 0, NULL);

        json_object_update(json_array_get(list, 1), lie);
        if (station_intake_modules(list, &run, NULL) != -EPROTO)
            fail_msg("%s was taken", lies[i]);
    }
    warned = run.n_warnings;
    assert_int_equal(station_intake_modules(whole, &run, NULL), 0);
    assert_int_equal(run.n_warnings, warned);
    assert_string_equal(run.modules[1].path, "/there/x.so");
    assert_false(run.modules[1].is_shipped);
    /* Another file of the same version is taken, and said. */
    json_object_set_new(json_array_get(whole, 1), "sha256", json_string("0123456789abcdef"));
    assert_int_equal(station_intake_modules(whole, &run, NULL), 0);
    assert_int_equal(run.n_warnings, warned + 1);
    assert_string_equal(run.modules[1].sha256, "0123456789abcdef");
    outcome_run_done(&run);
}

static void intake__warnings(void **state) {
    struct outcome_run run;
    size_t before;

    (void)state;
    fixed_run_init(&run);
    before = run.n_warnings;
    for (size_t n = 200; n <= 201; n++) {
        json_auto_t *list = json_array();

        for (size_t i = 0; i < n; i++)
            json_array_append_new(list, json_sprintf("%zu: 100%%s", i));
        assert_int_equal(station_intake_warnings(list, &run, NULL), n == 200 ? 0 : -EPROTO);
        json_array_set_new(list, 0, json_integer(1));
        assert_int_equal(station_intake_warnings(list, &run, NULL), -EPROTO);
    }
    assert_int_equal(run.n_warnings, before + 200);
    assert_string_equal(run.warnings[before], "0: 100%s");
    outcome_run_done(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intake__takes_what_is_whole),
        cmocka_unit_test(intake__refuses_what_cannot_be),
        cmocka_unit_test(intake__metrics_are_held_against_each_other),
        cmocka_unit_test(intake__answers_what_was_asked),
        cmocka_unit_test(intake__takes_time_path_and_facts),
        cmocka_unit_test(intake__no_rate_is_below_0),
        cmocka_unit_test(intake__values_say_all_of_a_distribution),
        cmocka_unit_test(intake__distributions_without_values),
        cmocka_unit_test(intake__trouble),
        cmocka_unit_test(intake__modules),
        cmocka_unit_test(intake__machines),
        cmocka_unit_test(intake__warnings),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
