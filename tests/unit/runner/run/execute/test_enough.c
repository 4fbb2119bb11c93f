/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/execute/enough.h"

#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TRIALS_MAX 20

struct fixture {
    struct outcome_case outcome;
    struct outcome_trial trials[TRIALS_MAX];
    struct outcome_metric metrics[TRIALS_MAX];
};

/* A case with room for twenty trials at most, whose mean must be known within 2%. */
static void begin(struct fixture *fixture) {
    memset(fixture, 0, sizeof(*fixture));
    fixture->outcome =
        (struct outcome_case){.trials = fixture->trials, .n_trials = TRIALS_MAX, .target = 0.02};
}

static void add(struct fixture *fixture, double value) {
    size_t i = fixture->outcome.n_done++;

    fixture->metrics[i].value = value;
    fixture->trials[i] =
        (struct outcome_trial){.trial = (unsigned)i + 1, .metrics = &fixture->metrics[i], .n_metrics = 1};
}

static void enough__steady_figures_end_soon(void **state) {
    struct fixture fixture;

    (void)state;
    begin(&fixture);
    for (unsigned i = 0; i < 4; i++) {
        add(&fixture, 100 + i % 2);
        assert_false(enough_trials(&fixture.outcome));
    }
    add(&fixture, 100);
    assert_true(enough_trials(&fixture.outcome));
    assert_int_equal(fixture.outcome.n_trials, 5);
    assert_string_equal(fixture.outcome.facts.facts[0].key, "trials");
    assert_string_equal(fixture.outcome.facts.facts[0].value,
                        "auto: after 5 trials the mean is known within 0.68%");
    free(fixture.outcome.facts.facts);
}

static void enough__noisy_figures_reach_the_cap(void **state) {
    struct fixture fixture;

    (void)state;
    begin(&fixture);
    for (unsigned i = 0; i < TRIALS_MAX; i++) {
        assert_false(enough_trials(&fixture.outcome));
        add(&fixture, i % 2 ? 150 : 100);
    }
    assert_true(enough_trials(&fixture.outcome));
    assert_int_equal(fixture.outcome.n_trials, TRIALS_MAX);
    assert_non_null(strstr(fixture.outcome.facts.facts[0].value, "the cap of 20 trials was reached"));
    assert_false(enough_trials(&fixture.outcome)); /* told once */
    free(fixture.outcome.facts.facts);
}

/* A mean of 0 is no measure for an interval. */
static void enough__of_zeros(void **state) {
    struct fixture fixture;

    (void)state;
    begin(&fixture);
    for (unsigned i = 0; i < 5; i++)
        add(&fixture, 0);
    assert_true(enough_trials(&fixture.outcome)); /* all alike */
    assert_string_equal(fixture.outcome.facts.facts[0].value,
                        "auto: after 5 trials the mean is known within 0%");
    free(fixture.outcome.facts.facts);
    begin(&fixture);
    for (unsigned i = 0; i < TRIALS_MAX; i++)
        add(&fixture, i % 2 ? 1 : -1);
    assert_true(enough_trials(&fixture.outcome));
    assert_string_equal(
        fixture.outcome.facts.facts[0].value,
        "auto: the cap of 20 trials was reached; how well the mean is known cannot be said: it is about 0");
    free(fixture.outcome.facts.facts);
}

static void enough__failing_trials_reach_the_cap(void **state) {
    struct fixture fixture;

    (void)state;
    begin(&fixture);
    for (unsigned i = 0; i < TRIALS_MAX; i++) {
        add(&fixture, 100);
        fixture.trials[i].status = OUTCOME_FAILED;
    }
    assert_true(enough_trials(&fixture.outcome));
    assert_string_equal(
        fixture.outcome.facts.facts[0].value,
        "auto: the cap of 20 trials was reached; how well the mean is known cannot be said: too "
        "few trials gave a figure");
    free(fixture.outcome.facts.facts);
}

static void enough__failed_trials_count_for_nothing(void **state) {
    struct fixture fixture;

    (void)state;
    begin(&fixture);
    for (unsigned i = 0; i < 6; i++) {
        add(&fixture, 100 + 0.1 * i);
        if (i < 2)
            fixture.trials[i].status = OUTCOME_FAILED;
    }
    assert_false(enough_trials(&fixture.outcome));
}

static void enough__a_fixed_number_is_never_cut(void **state) {
    struct fixture fixture;

    (void)state;
    begin(&fixture);
    fixture.outcome.target = 0;
    for (unsigned i = 0; i < 10; i++)
        add(&fixture, 100);
    assert_false(enough_trials(&fixture.outcome));
    assert_int_equal(fixture.outcome.n_trials, TRIALS_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enough__steady_figures_end_soon),
        cmocka_unit_test(enough__noisy_figures_reach_the_cap),
        cmocka_unit_test(enough__of_zeros),
        cmocka_unit_test(enough__failing_trials_reach_the_cap),
        cmocka_unit_test(enough__failed_trials_count_for_nothing),
        cmocka_unit_test(enough__a_fixed_number_is_never_cut),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
