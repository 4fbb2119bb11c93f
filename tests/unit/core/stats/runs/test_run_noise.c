/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a single run's trials say of its figure, where each may depend on the one before. */
#include "stats/runs/autocorrelation.h"
#include "stats/runs/run_noise.h"
#include "unit/descriptors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <vmsuite/module.h>

#define ROWS 20

static void assert_near(double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.10g is not within %g of %.10g", value, tolerance, expected);
}

static void autocorrelation__of_independent_trials(void **state) {
    struct autocorrelation of;

    (void)state;
    for (size_t n = 2; n < 200; n += 9) {
        autocorrelation_of(0, n, &of);
        assert_near(of.seen, -1 / (double)n, 1e-9);
        assert_near(of.squares, (double)n - 1, 1e-9);
        assert_near(of.mean, 1 / (double)n, 1e-9);
        assert_near(of.df, (double)n - 1, 1e-9);
    }
}

/* Of two trials with a correlation of 1/2 by hand; of ten with 9/10 by 3,000 drawn processes (0.401); of a
 * hundred and a thousand by the whole matrix of covariances (6.44 and 51.8). */
static void autocorrelation__of_dependent_trials(void **state) {
    struct autocorrelation of;

    (void)state;
    autocorrelation_of(0.5, 2, &of);
    assert_near(of.mean, 0.75, 1e-9);
    assert_near(of.squares, 0.5, 1e-9);
    assert_near(of.df, 1, 1e-9);
    autocorrelation_of(0.9, 10, &of);
    assert_near(of.seen, 0.401, 0.05);
    assert_near(of.mean, 0.7276, 1e-4);
    assert_near(of.squares, 10 * (1 - of.mean), 1e-9);
    autocorrelation_of(0.95, 100, &of);
    assert_near(of.df, 6.44, 1);
    autocorrelation_of(0.95, 1000, &of);
    assert_near(of.df, 51.8, 1.5);
}

/* Rows of ten trials on either side that show what processes of such correlations show. */
static void learn(const double *correlations, size_t n_rows, size_t *ret_steps) {
    struct autocorrelation expected[AUTOCORRELATION_STEPS], of;
    struct autocorrelation_seen seen[2 * ROWS];

    for (size_t i = 0; i < AUTOCORRELATION_STEPS; i++)
        autocorrelation_of((double)i * AUTOCORRELATION_STEP, 10, &expected[i]);
    for (size_t i = 0; i < 2 * n_rows; i++) {
        autocorrelation_of(correlations[i / 2], 10, &of);
        seen[i] = (struct autocorrelation_seen){of.seen, 1, expected, 10};
    }
    assert_int_equal(autocorrelation_learn(seen, n_rows, ret_steps), 0);
}

static void autocorrelation__is_learned_from_all_rows(void **state) {
    double none[ROWS] = {0}, mixed[ROWS] = {0};
    size_t alone, steps[ROWS];

    (void)state;
    learn(none, 1, &alone);
    learn(none, ROWS, steps);
    assert_true(alone * AUTOCORRELATION_STEP >= 0.3);
    assert_true(steps[0] * AUTOCORRELATION_STEP <= 0.2);
    for (size_t i = 0; i < ROWS; i += 2)
        mixed[i] = 0.9;
    learn(mixed, ROWS, steps);
    assert_true(steps[0] * AUTOCORRELATION_STEP >= 0.9);
    assert_true(steps[1] * AUTOCORRELATION_STEP <= 0.5);
    assert_true(steps[1] > 0);
}

static void autocorrelation__is_a_high_one_where_nothing_is_seen(void **state) {
    struct autocorrelation_seen nothing[2] = {0};
    size_t step;

    (void)state;
    assert_int_equal(autocorrelation_learn(nothing, 1, &step), 0);
    assert_near((double)step * AUTOCORRELATION_STEP, 0.84, AUTOCORRELATION_STEP);
}

/* Thousands of trials leave so little likely that it is no number of its own. */
static void autocorrelation__of_many_trials(void **state) {
    struct autocorrelation expected[AUTOCORRELATION_STEPS];
    struct autocorrelation_seen seen[2];
    size_t step;

    (void)state;
    for (size_t i = 0; i < AUTOCORRELATION_STEPS; i++)
        autocorrelation_of((double)i * AUTOCORRELATION_STEP, 10000, &expected[i]);
    seen[0] = seen[1] = (struct autocorrelation_seen){-0.9, 1, expected, 10000};
    assert_int_equal(autocorrelation_learn(seen, 1, &step), 0);
    assert_int_equal(step, 0);
    seen[0].correlation = 0.1;
    seen[1].correlation = 0.9;
    assert_int_equal(autocorrelation_learn(seen, 1, &step), 0);
    assert_near((double)step * AUTOCORRELATION_STEP, 0.5, AUTOCORRELATION_STEP);
}

static void add_run(struct run_noise *noise, size_t side, size_t n, double correlation) {
    struct run_figure figure = {.n = n, .squares = 1e-4 * (double)(n - 1)};

    figure.products = correlation * figure.squares;
    run_noise_add(noise, side, &figure);
}

/* Ten trials with a standard deviation of 1%: about that of a mean of ten, several times it with a
 * dependence. */
static void run_noise__grows_with_the_dependence_of_trials(void **state) {
    struct run_noise independent[ROWS] = {0}, dependent[ROWS] = {0};
    struct variance of_independent[2 * ROWS], of_dependent[2 * ROWS];

    (void)state;
    for (size_t i = 0; i < 2 * (size_t)ROWS; i++) {
        add_run(&independent[i / 2], i % 2, 10, -0.1);
        add_run(&dependent[i / 2], i % 2, 10, 0.4);
    }
    assert_int_equal(run_noise_variances(independent, ROWS, of_independent), 0);
    assert_int_equal(run_noise_variances(dependent, ROWS, of_dependent), 0);
    assert_true(of_independent[0].value >= 1e-5 && of_independent[0].value < 2e-5);
    assert_true(of_dependent[0].value > 10 * of_independent[0].value);
    assert_true(of_dependent[0].df < of_independent[0].df);
}

/* Runs of one side that have 2, 9 and 49 trials, and one that has a single trial, tell about as much as three
 * of 20. */
static void run_noise__of_runs_of_different_lengths(void **state) {
    static const size_t lengths[] = {9, 2, 49, 1};
    struct run_noise even[ROWS] = {0}, uneven[ROWS] = {0};
    struct variance of_even[2 * ROWS], of_uneven[2 * ROWS];

    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        add_run(&even[i], 0, 10, -0.1);
        add_run(&uneven[i], 0, 10, -0.1);
        for (size_t run = 0; run < 3; run++)
            add_run(&even[i], 1, 20, -1.0 / 20);
        for (size_t run = 0; run < VMS_LENGTH(lengths); run++)
            add_run(&uneven[i], 1, lengths[run], -1 / (double)lengths[run]);
    }
    assert_int_equal(run_noise_variances(even, ROWS, of_even), 0);
    assert_int_equal(run_noise_variances(uneven, ROWS, of_uneven), 0);
    assert_near(of_uneven[0].value / of_even[0].value, 1, 0.05);
    assert_near(of_uneven[0].df / of_even[0].df, 1, 0.05);
}

/* Sides with other numbers of trials, with one trial, or with none of it that moves. */
static void run_noise__of_odd_runs(void **state) {
    struct run_noise noise[4] = {0};
    struct variance of[8];

    (void)state;
    add_run(&noise[0], 0, 20, -0.05);
    add_run(&noise[0], 1, 3, -0.3);
    add_run(&noise[1], 0, 1, 0);
    add_run(&noise[1], 1, 1, 0);
    run_noise_add(&noise[2], 0, &(struct run_figure){.n = 5});
    run_noise_add(&noise[2], 1, &(struct run_figure){.n = 5});
    add_run(&noise[3], 0, 1, 0);
    add_run(&noise[3], 1, 10, -0.1);
    assert_int_equal(run_noise_variances(noise, 4, of), 0);
    assert_true(of[0].value > 0 && of[0].value < of[1].value);
    assert_true(isinf(of[2].value) && isinf(of[3].value));
    assert_true(of[4].value == 0 && of[5].value == 0);
    assert_true(of[6].value > of[7].value && of[7].value > 0 && isfinite(of[6].value));
    assert_int_equal(run_noise_variances(noise, 0, of), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(autocorrelation__of_independent_trials),
        cmocka_unit_test(autocorrelation__of_dependent_trials),
        cmocka_unit_test(autocorrelation__is_learned_from_all_rows),
        cmocka_unit_test(autocorrelation__is_a_high_one_where_nothing_is_seen),
        cmocka_unit_test(autocorrelation__of_many_trials),
        cmocka_unit_test(run_noise__grows_with_the_dependence_of_trials),
        cmocka_unit_test(run_noise__of_runs_of_different_lengths),
        cmocka_unit_test(run_noise__of_odd_runs),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
