/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a plan finds. Reference values: R's power.t.test, and simulation with core/stats itself. */
#include "stats/effects/plan.h"
#include "stats/effects/step_down.h"
#include "stats/effects/table_effects.h"
#include "unit/descriptors.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define RUNS 3
#define ROWS 20
#define TABLES 400

static const struct plan_noise quiet = {.between = 0.01, .within = 0.03};

static struct plan_sides new_plan(size_t runs, size_t rows) {
    return (struct plan_sides){runs, 10, rows, 0.05 * step_down_share(1, rows, runs == 1).row, {0.02, 1}};
}

static void assert_near(double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.10g is not within %g of %.10g", value, tolerance, expected);
}

static void plan__power_of_t(void **state) {
    (void)state;
    /* power.t.test(n = 10, delta = 1), (n = 20, delta = 1), and no effect. */
    assert_near(plan_power_t(sqrt(5), 18, 0.05), 0.5619846, 1e-5);
    assert_near(plan_power_t(sqrt(10), 38, 0.05), 0.8689528, 1e-5);
    assert_near(plan_power_t(0, 4, 0.05), 0.025, 1e-5);
    assert_near(plan_power_t(0, 1, 0.02), 0.01, 1e-4);
}

static void plan__variance_of_a_run(void **state) {
    const struct plan_noise noise = {.between = 0.02, .within = 0.05, .correlation = 0.5};

    (void)state;
    assert_near(plan_run_variance(&noise, 1), 4e-4 + 3 * 25e-4, 1e-12);
    assert_near(plan_run_variance(&noise, 10), 4e-4 + 1.1 * 3 * 25e-4 / 10, 1e-12);
}

static void plan__more_rows_know_more(void **state) {
    (void)state;
    assert_true(plan_df(3, 1) > 2.9 && plan_df(3, 1) < 3.2);
    assert_true(plan_df(3, 20) > 9 && plan_df(3, 20) < 13);
    assert_true(plan_df(2, 20) < plan_df(3, 20));
}

static void plan__smallest_and_runs_agree_with_power(void **state) {
    struct plan_sides plan = new_plan(3, 20);
    double smallest = plan_smallest(&plan, &quiet, 0.9);

    (void)state;
    assert_near(plan_power(&plan, &quiet, smallest), 0.9, 1e-6);
    assert_near(plan_power(&plan, &quiet, -smallest), 0.9, 1e-6);
    assert_int_equal(plan_runs(&plan, &quiet, smallest * 1.0001, 0.9, 1, 50), 3);
    assert_int_equal(plan_runs(&plan, &quiet, smallest * 0.9, 0.9, 1, 50), 4);
    assert_int_equal(plan_runs(&plan, &quiet, smallest / 100, 0.9, 1, 50), 0);
    assert_int_equal(plan_runs(&plan, &quiet, log(2), 0.9, 3, 50), 3);
}

static void plan__no_noise_and_no_hope(void **state) {
    const struct plan_noise none = {0}, wild = {.between = 50};
    struct plan_sides plan = new_plan(2, 1);

    (void)state;
    assert_true(plan_power(&plan, &none, 0.01) == 1 && plan_power(&plan, &none, 0) == 0);
    assert_true(plan_smallest(&plan, &none, 0.9) < 1e-6);
    assert_true(isinf(plan_smallest(&plan, &wild, 0.9)));
}

/* One run of each of 20 rows finds a factor of two, and not 10%: in 99% of simulated tables with five trials,
 * in 53% with three, and one row alone in 97%. */
static void plan__one_run(void **state) {
    const struct plan_noise noise = {.between = 0.02, .within = 0.05};
    struct plan_sides plan = new_plan(1, 20);

    (void)state;
    plan.trials = 5;
    assert_near(plan_power(&plan, &noise, log(2)), 0.95, 0.04);
    assert_true(plan_power(&plan, &noise, log(1.1)) < 0.01);
    plan.trials = 3;
    assert_near(plan_power(&plan, &noise, log(2)), 0.6, 0.1);
    plan = new_plan(1, 1);
    plan.trials = 3;
    assert_near(plan_power(&plan, &noise, log(2)), 0.95, 0.03);
    plan.trials = 1;
    assert_true(plan_power(&plan, &noise, log(2)) == 0 && isinf(plan_smallest(&plan, &noise, 0.9)));
}

/* Whatever was planned before. */
static void plan__smallest_of_one_run_agrees_with_power(void **state) {
    const struct plan_noise noise = {.between = 0.02, .within = 0.05}, wild = {.between = 0.5, .within = 1};

    (void)state;
    for (size_t rows = 1; rows <= 20; rows += 19) {
        struct plan_sides plan = new_plan(1, rows);
        double smallest;

        plan.trials = 5;
        (void)plan_power(&plan, &wild, log(2));
        smallest = plan_smallest(&plan, &noise, 0.8);
        assert_true(smallest > log(1.02) && smallest < log(3));
        assert_near(plan_power(&plan, &noise, smallest), 0.8, 1e-6);
        assert_near(plan_power(&plan, &noise, -smallest), 0.8, 1e-6);
        (void)plan_power(&plan, &wild, log(2));
        assert_near(plan_smallest(&plan, &noise, 0.8), smallest, 1e-9);
        assert_true(plan_smallest(&plan, &wild, 0.8) > 5 * smallest);
    }
}

static void plan__trials_where_runs_cost(void **state) {
    const struct plan_noise even = {.between = 0.01, .within = 0.05}, still = {.within = 0.05},
                            shifty = {.between = 0.1, .within = 0.01};

    (void)state;
    assert_int_equal(plan_best_trials(&even, 16, 1, 100), 20);
    assert_int_equal(plan_best_trials(&even, 4, 1, 100), 10);
    assert_int_equal(plan_best_trials(&still, 4, 1, 100), 100);
    assert_int_equal(plan_best_trials(&shifty, 4, 1, 100), 1);
}

/* Draws a table whose first row is slower by `effect`; whether that row's claim is made. */
static bool find(gsl_rng *random, const struct plan_sides *plan, const struct plan_noise *noise,
                 double effect) {
    double figures[ROWS][2][RUNS], sd = sqrt(plan_run_variance(noise, plan->trials));
    struct effect_row rows[ROWS] = {0};
    struct effect effects[ROWS];

    for (size_t i = 0; i < ROWS; i++)
        for (size_t side = 0; side < 2; side++) {
            for (size_t run = 0; run < RUNS; run++)
                figures[i][side][run] =
                    gsl_ran_gaussian_ziggurat(random, sd) + (i == 0 && side == 1 ? effect : 0);
            rows[i].runs[side] = figures[i][side];
        }
    assert_int_equal(table_effects(&(struct effect_table){rows, plan->rows, {RUNS, RUNS}, 0}, effects), 0);
    return effects[0].estimate > 0 &&
           effect_guard(&effects[0], effect_p_difference(&effects[0])) <= plan->alpha;
}

/* What the plan says is what comparing finds, in a table of one row and in one of many. */
static void plan__says_what_is_found(void **state) {
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    static const size_t n_rows[] = {1, ROWS};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct plan_sides plan = new_plan(RUNS, n_rows[i]);
        double effect = plan_smallest(&plan, &quiet, 0.7), found = 0;

        for (size_t table = 0; table < TABLES; table++)
            found += find(random, &plan, &quiet, effect) / (double)TABLES;
        assert_near(found, 0.7, 0.12);
    }
    gsl_rng_free(random);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plan__power_of_t),
        cmocka_unit_test(plan__variance_of_a_run),
        cmocka_unit_test(plan__more_rows_know_more),
        cmocka_unit_test(plan__smallest_and_runs_agree_with_power),
        cmocka_unit_test(plan__no_noise_and_no_hope),
        cmocka_unit_test(plan__one_run),
        cmocka_unit_test(plan__smallest_of_one_run_agrees_with_power),
        cmocka_unit_test(plan__trials_where_runs_cost),
        cmocka_unit_test(plan__says_what_is_found),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
