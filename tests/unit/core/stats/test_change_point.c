/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/change_point.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>

#define N 60

static void draw(gsl_rng *random, double figures[static N], size_t at, double step) {
    for (size_t i = 0; i < N; i++)
        figures[i] = gsl_ran_gaussian(random, 1) + (i >= at ? step : 0);
}

static void find__a_step(void **state) {
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    double figures[N];
    struct change_points found;

    (void)state;
    gsl_rng_set(random, 7);
    for (size_t at = 6; at < N - 6; at += 8) {
        draw(random, figures, at, -5);
        assert_int_equal(change_points_find(figures, N, 0.01, 1, &found), 0);
        assert_true(found.n >= 1);
        assert_true(labs((long)found.points[0].at - (long)at) <= 1);
        assert_true(found.p <= 0.01);
        if (found.n == 1)
            assert_true(fabs(found.points[0].difference + 5) < 1.5);
    }
    gsl_rng_free(random);
}

static void find__several_in_order(void **state) {
    double figures[N];
    struct change_points found;

    (void)state;
    for (size_t i = 0; i < N; i++)
        figures[i] = (i < 20 ? 1 : i < 40 ? 3 : 2) + 0.1 * sin((double)(i * i));
    assert_int_equal(change_points_find(figures, N, 0.05, 1, &found), 0);
    assert_int_equal(found.n, 2);
    assert_int_equal(found.points[0].at, 20);
    assert_int_equal(found.points[1].at, 40);
    assert_true(fabs(found.points[0].difference - 2) < 0.1 && fabs(found.points[1].difference + 1) < 0.1);
}

/* The share of series in which something is found though nothing changes: at 20%, within five standard errors. */
static void find__nothing_as_often_as_promised(void **state) {
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    double figures[N];
    struct change_points found;
    unsigned wrong = 0, all = 200;

    (void)state;
    gsl_rng_set(random, 3);
    for (unsigned i = 0; i < all; i++) {
        draw(random, figures, N, 0);
        for (size_t j = 0; j < N; j += 9)
            figures[j] *= 8; /* outliers */
        gsl_ran_shuffle(random, figures, N, sizeof(*figures));
        assert_int_equal(change_points_find(figures, N, 0.2, i, &found), 0);
        wrong += found.n > 0;
    }
    assert_in_range(wrong, 40 - 29, 40 + 29);
    gsl_rng_free(random);
}

static void find__the_same_with_the_same_seed(void **state) {
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    double figures[N];
    struct change_points first, second;

    (void)state;
    draw(random, figures, 30, 1);
    assert_int_equal(change_points_find(figures, N, 0.2, 5, &first), 0);
    assert_int_equal(change_points_find(figures, N, 0.2, 5, &second), 0);
    assert_int_equal(first.n, second.n);
    assert_true(first.p == second.p);
    gsl_rng_free(random);
}

static void find__nothing_in_too_few_or_constant(void **state) {
    double figures[N] = {0};
    struct change_points found;

    (void)state;
    assert_int_equal(change_points_find(figures, N, 0.05, 1, &found), 0);
    assert_int_equal(found.n, 0);
    assert_true(found.p == 1);
    figures[CHANGE_POINT_POINTS_MIN - 2] = 100;
    for (size_t n = 0; n < CHANGE_POINT_POINTS_MIN; n++) {
        assert_int_equal(change_points_find(figures, n, 0.5, 1, &found), 0);
        assert_int_equal(found.n, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(find__a_step),
        cmocka_unit_test(find__several_in_order),
        cmocka_unit_test(find__nothing_as_often_as_promised),
        cmocka_unit_test(find__the_same_with_the_same_seed),
        cmocka_unit_test(find__nothing_in_too_few_or_constant),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
