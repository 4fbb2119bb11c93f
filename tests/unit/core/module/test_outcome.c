/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "module/outcome.h"
#include "unit/descriptors.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fakes/leaks.h"

static const struct vms_param params[] = {{.name = "size"}, {.name = "mode"}};
static const struct vms_module module = {.name = "fake", .params = params, .n_params = 2};

/* A run of one case that owns everything a case can own. */
static void start(struct outcome_run *run, unsigned wanted) {
    struct outcome_case *outcome = calloc(1, sizeof(*outcome));

    *run = (struct outcome_run){.configuration = strdup("native"), .cases = outcome, .n_cases = 1};
    outcome->module = &module;
    outcome->group = strdup("group");
    outcome->values = calloc(2, sizeof(*outcome->values));
    outcome->texts = calloc(2, sizeof(*outcome->texts));
    outcome->texts[0] = strdup("64KiB");
    outcome->texts[1] = strdup("stream");
    outcome->n_trials = wanted;
    assert_int_equal(outcome_facts_set(&outcome->facts, "kind", "fake"), 0);
}

static void add(struct outcome_run *run, unsigned number, enum outcome_status status, const char *reason) {
    struct outcome_trial trial = {
        .trial = number, .status = status, .reason = reason ? strdup(reason) : NULL};
    struct outcome_metric *metric = outcome_trial_add_metric(&trial);

    assert_non_null(metric);
    metric->value = number;
    assert_int_equal(outcome_facts_set(&trial.facts, "trial", "fact"), 0);
    assert_int_equal(outcome_case_add(&run->cases[0], &trial), 0);
    assert_null(trial.metrics); /* taken over */
    assert_int_equal(trial.trial, 0);
}

static void status__names(void **state) {
    enum outcome_status status;

    (void)state;
    for (int i = OUTCOME_OK; i <= OUTCOME_INTERRUPTED; i++) {
        assert_int_equal(outcome_status_from_name(outcome_status_name((enum outcome_status)i), &status), 0);
        assert_int_equal(status, i);
    }
    assert_string_equal(outcome_status_name(OUTCOME_TIMEOUT), "timeout");
    assert_int_equal(outcome_status_from_name("fine", &status), -EINVAL);
}

static void facts__replace_and_cut(void **state) {
    struct outcome_facts facts = {0};
    char text[2 * OUTCOME_FACT_SIZE];

    (void)state;
    assert_int_equal(outcome_facts_set(&facts, "a", "1"), 0);
    assert_int_equal(outcome_facts_set(&facts, "b", "2"), 0);
    assert_int_equal(outcome_facts_set(&facts, "a", "3"), 0);
    assert_int_equal(facts.n_facts, 2);
    assert_string_equal(facts.facts[0].value, "3");
    memset(text, 'x', sizeof(text));
    text[OUTCOME_FACT_SIZE - 5] = '\xc3'; /* a letter of two bytes over the end is left out whole */
    text[OUTCOME_FACT_SIZE - 4] = '\xa9';
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(outcome_facts_set(&facts, text, text), 0);
    assert_int_equal(strlen(facts.facts[2].key), OUTCOME_KEY_SIZE - 1);
    assert_int_equal(strlen(facts.facts[2].value), OUTCOME_FACT_SIZE - 2);
    assert_string_equal(facts.facts[2].value + OUTCOME_FACT_SIZE - 6, "x...");
    /* A key that was cut is still found. */
    assert_int_equal(outcome_facts_set(&facts, text, "short"), 0);
    assert_int_equal(facts.n_facts, 3);
    assert_string_equal(facts.facts[2].value, "short");
    free(facts.facts);
}

static void facts__come_to_an_end(void **state) {
    struct outcome_facts facts = {0};
    char key[32];

    (void)state;
    for (unsigned i = 0; i < OUTCOME_FACTS_MAX; i++) {
        (void)snprintf(key, sizeof(key), "fact_%u", i);
        assert_int_equal(outcome_facts_set(&facts, key, "1"), 0);
    }
    assert_int_equal(outcome_facts_set(&facts, "one_more", "1"), -E2BIG);
    assert_int_equal(outcome_facts_set(&facts, "fact_0", "2"), 0);
    assert_int_equal(facts.n_facts, OUTCOME_FACTS_MAX);
    free(facts.facts);
}

static void case__keeps_order_and_replaces(void **state) {
    struct outcome_run run;

    (void)state;
    start(&run, 3);
    add(&run, 3, OUTCOME_OK, NULL);
    add(&run, 1, OUTCOME_FAILED, "first");
    add(&run, 2, OUTCOME_OK, NULL);
    add(&run, 1, OUTCOME_OK, NULL);
    assert_int_equal(run.cases[0].n_done, 3);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(run.cases[0].trials[i].trial, i + 1);
        assert_true(run.cases[0].trials[i].metrics[0].value == i + 1);
    }
    assert_int_equal(run.cases[0].trials[0].status, OUTCOME_OK);
    outcome_run_settle(&run);
    assert_int_equal(run.status, OUTCOME_OK);
    outcome_run_done(&run);
    outcome_run_done(&run);
}

static void settle__worst_and_first_reason(void **state) {
    struct outcome_run run;

    (void)state;
    start(&run, 4);
    add(&run, 1, OUTCOME_OK, NULL);
    add(&run, 2, OUTCOME_FAILED, "it failed");
    add(&run, 3, OUTCOME_CRASHED, "signal 11");
    add(&run, 4, OUTCOME_CRASHED, "signal 6");
    outcome_run_settle(&run);
    assert_int_equal(run.cases[0].status, OUTCOME_CRASHED);
    assert_string_equal(run.cases[0].reason, "signal 11");
    assert_int_equal(run.status, OUTCOME_FAILED);
    outcome_run_settle(&run); /* settling twice changes nothing */
    assert_string_equal(run.cases[0].reason, "signal 11");
    outcome_run_done(&run);
}

static void settle__unfinished(void **state) {
    struct outcome_run run;

    (void)state;
    start(&run, 3);
    add(&run, 1, OUTCOME_OK, NULL);
    outcome_run_settle(&run);
    assert_int_equal(run.cases[0].status, OUTCOME_INTERRUPTED);
    assert_string_equal(run.cases[0].reason, "1 of 3 trials were run");
    assert_int_equal(run.status, OUTCOME_INTERRUPTED);
    outcome_run_done(&run);
}

static void settle__resumed(void **state) {
    struct outcome_run run;

    (void)state;
    start(&run, 2);
    add(&run, 1, OUTCOME_OK, NULL);
    outcome_run_settle(&run);
    add(&run, 2, OUTCOME_OK, NULL);
    run.status = OUTCOME_OK;
    outcome_run_settle(&run);
    assert_int_equal(run.cases[0].status, OUTCOME_OK);
    assert_null(run.cases[0].reason);
    assert_int_equal(run.status, OUTCOME_OK);
    outcome_run_done(&run);
}

static void settle__set_by_the_runner(void **state) {
    struct outcome_run run;

    (void)state;
    start(&run, 3);
    run.cases[0].status = OUTCOME_UNSUPPORTED;
    run.cases[0].reason = strdup("no flux capacitor");
    outcome_run_settle(&run);
    assert_int_equal(run.cases[0].status, OUTCOME_UNSUPPORTED);
    assert_string_equal(run.cases[0].reason, "no flux capacitor");
    assert_int_equal(run.status, OUTCOME_OK);
    outcome_run_done(&run);
}

static void run__warnings(void **state) {
    struct outcome_run run;

    (void)state;
    start(&run, 1);
    assert_int_equal(outcome_run_warn(&run, "%d of %s", 3, "four"), 0);
    assert_int_equal(outcome_run_warn(&run, "second"), 0);
    assert_int_equal(run.n_warnings, 2);
    assert_string_equal(run.warnings[0], "3 of four");
    outcome_run_done(&run);
}

/* A trial that owns whatever a trial can. */
static void make_trial(struct outcome_trial *trial) {
    struct outcome_metric *metric;

    *trial = (struct outcome_trial){.trial = 1, .status = OUTCOME_FAILED, .reason = strdup("for no reason")};
    metric = outcome_trial_add_metric(trial);
    assert_non_null(metric);
    metric->sketch = calloc(1, sizeof(*metric->sketch));
    assert_int_equal(outcome_facts_set(&trial->facts, "trial", "fact"), 0);
    assert_int_equal(outcome_trial_log(trial, VMS_LOG_WARNING, "mind"), 0);
    assert_int_equal(outcome_trial_log(trial, VMS_LOG_INFO, "well"), 0);
}

/* With so many earlier attempts. */
static void make_all(struct outcome_trial *trial, unsigned attempts) {
    make_trial(trial);
    for (unsigned i = 0; i < attempts; i++) {
        struct outcome_trial noisy = *trial;

        make_trial(trial);
        assert_int_equal(outcome_trial_repeat(trial, &noisy), 0);
        assert_null(noisy.metrics); /* taken over */
    }
    assert_int_equal(trial->n_attempts, attempts);
}

static void keep_nothing(void *argument) {
    struct outcome_module module_file = {.module = &module, .path = strdup("/a/module.so")};
    struct outcome_trial trial, again;
    struct outcome_run run;

    (void)argument;
    start(&run, 2);
    run.cases[0].cpus = strdup("0-1");
    run.cases[0].reason = strdup("for no reason");
    make_all(&trial, 2);
    make_all(&again, 1);
    assert_int_equal(outcome_case_add(&run.cases[0], &trial), 0);
    assert_int_equal(outcome_case_add(&run.cases[0], &again), 0); /* in its place */
    assert_int_equal(run.cases[0].n_done, 1);
    assert_int_equal(outcome_run_warn(&run, "first"), 0);
    assert_int_equal(outcome_run_warn(&run, "second of %d", 2), 0);
    assert_int_equal(outcome_run_add_module(&run, &module_file), 0);
    assert_null(module_file.path); /* taken over */
    outcome_run_done(&run);
    assert_null(run.cases);
}

static void run__keeps_nothing_when_done(void **state) {
    (void)state;
    leaks_expect_none(keep_nothing, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status__names),
        cmocka_unit_test(facts__replace_and_cut),
        cmocka_unit_test(facts__come_to_an_end),
        cmocka_unit_test(case__keeps_order_and_replaces),
        cmocka_unit_test(settle__worst_and_first_reason),
        cmocka_unit_test(settle__unfinished),
        cmocka_unit_test(settle__resumed),
        cmocka_unit_test(settle__set_by_the_runner),
        cmocka_unit_test(run__warnings),
        cmocka_unit_test(run__keeps_nothing_when_done),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
