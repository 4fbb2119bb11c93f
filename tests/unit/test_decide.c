/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/decide.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct resample_estimate estimate_of(double ratio, double within_sd, double run_sd, double n) {
    double se = sqrt(2 * (run_sd * run_sd + within_sd * within_sd / n));
    struct resample_ratio one = {.ratio = ratio, .log_se = se, .df = 18};

    return (struct resample_estimate){
        .medians = one, .means = one, .trimmed = one, .within_sd = within_sd, .run_sd = run_sd};
}

static void assert_near(double value, double reference) {
    if (!(fabs(value - reference) <= 1e-9 * fabs(reference)))
        fail_msg("%.17g is not %.17g", value, reference);
}

static void difference__t(void **state) {
    struct resample_ratio ratio = {.ratio = exp(-0.05), .log_se = 0.02, .df = 10};

    (void)state;
    assert_near(decide_difference(&ratio), 0.031446844236608776); /* R: 2 * pt(-2.5, 10) */
    ratio.ratio = exp(0.05);
    assert_near(decide_difference(&ratio), 0.031446844236608776);
    ratio.log_se = 0;
    assert_true(decide_difference(&ratio) == 0);
    ratio.ratio = 1;
    assert_true(decide_difference(&ratio) == 1);
    ratio.log_se = (double)INFINITY;
    ratio.ratio = 2;
    assert_near(decide_difference(&ratio), 1);
}

static void equivalence__tost(void **state) {
    struct resample_ratio ratio = {.ratio = 1.01, .log_se = 0.01, .df = 18};

    (void)state;
    /* R: pt(-(log(1.03) - log(1.01)) / 0.01, 18) */
    assert_near(decide_equivalence(&ratio, 0.03), 0.032778961516172593);
    ratio.ratio = 1 / 1.01; /* the same on the other side */
    assert_near(decide_equivalence(&ratio, 0.03), 0.032778961516172593);
    ratio.ratio = 1.1; /* far outside */
    assert_true(decide_equivalence(&ratio, 0.03) > 0.99);
    ratio.log_se = (double)INFINITY; /* nothing is known */
    assert_near(decide_equivalence(&ratio, 0.03), 0.5);
    ratio.log_se = 0;
    assert_true(decide_equivalence(&ratio, 0.03) == 1);
    assert_true(decide_equivalence(&ratio, 0.2) == 0);
}

/* More trials: se = sqrt(2 * 0.05^2 / n) must be log(1.05) / (1.96 + 0.84), so n = 17. */
static void effort__trials(void **state) {
    struct resample_estimate estimate = estimate_of(1.05, 0.05, 0, 10);
    struct decide_effort effort;

    (void)state;
    assert_true(decide_effort(&estimate, 0.01, 0.05, 1, 10, &effort));
    assert_int_equal(effort.runs, 1);
    assert_int_equal(effort.trials, 17);
}

/* Trials cannot help against the shift between runs: runs can. */
static void effort__runs(void **state) {
    struct resample_estimate estimate = estimate_of(1.03, 0.001, 0.02, 10);
    struct decide_effort effort;

    (void)state;
    assert_true(decide_effort(&estimate, 0.01, 0.05, 1, 10, &effort));
    assert_int_equal(effort.trials, 10);
    assert_int_equal(effort.runs, 8); /* 2 * 0.02^2 / (log(1.03) / 2.80)^2 = 7.2 */
}

/* Equality can be decided too: a ratio of 1 within a margin of 3%. */
static void effort__equivalence(void **state) {
    struct resample_estimate estimate = estimate_of(1, 0.05, 0, 10);
    struct decide_effort effort;

    (void)state;
    assert_true(decide_effort(&estimate, 0.03, 0.05, 1, 10, &effort));
    assert_int_equal(effort.runs, 1);
    assert_int_equal(effort.trials, 36); /* 2 * 0.05^2 / (log(1.03) / (1.645 + 0.842))^2 */
}

/* Four trials a side cannot give a p-value below 2 / 70, whatever the noise. */
static void effort__rank_test_wants_trials(void **state) {
    struct resample_estimate estimate = estimate_of(2, 1e-6, 0, 4);
    struct decide_effort effort;

    (void)state;
    assert_true(decide_effort(&estimate, 0.03, 0.0025, 1, 4, &effort));
    assert_int_equal(effort.trials, 6); /* 2 / 924 */
}

static void effort__hopeless(void **state) {
    /* Right on the limit: neither a difference nor equality can be shown. */
    struct resample_estimate estimate = estimate_of(1.0000001, 0.5, 0.1, 10);
    struct decide_effort effort = {.trials = 77};

    (void)state;
    assert_false(decide_effort(&estimate, 0.0000001, 0.05, 1, 10, &effort));
    assert_int_equal(effort.trials, 77);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(difference__t),       cmocka_unit_test(equivalence__tost),
        cmocka_unit_test(effort__trials),      cmocka_unit_test(effort__runs),
        cmocka_unit_test(effort__equivalence), cmocka_unit_test(effort__rank_test_wants_trials),
        cmocka_unit_test(effort__hopeless),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
