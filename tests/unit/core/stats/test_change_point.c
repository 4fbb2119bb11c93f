/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/change_point.h"
#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>
#include <vmsuite/module.h>

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

/* A published series: the flow of the Nile at Aswan from 1871 to 1970, in 10^8 cubic metres a year (Cobb, The
 * problem of the Nile, Biometrika 65, 1978). Its one change is known: from 1899 on, when the first dam was
 * begun. */
static void find__the_change_of_the_nile(void **state) {
    static const double flow[] = {
        1120, 1160, 963,  1210, 1160, 1160, 813,  1230, 1370, 1140, 995,  935,  1110, 994, 1020, 960,  1180,
        799,  958,  1140, 1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774,  840,  874, 694,  940,  833,
        701,  916,  692,  1020, 1050, 969,  831,  726,  456,  824,  702,  1120, 1100, 832, 764,  821,  768,
        845,  864,  862,  698,  845,  744,  796,  1040, 759,  781,  865,  845,  944,  984, 897,  822,  1010,
        771,  676,  649,  846,  812,  742,  801,  1040, 860,  874,  848,  890,  744,  749, 838,  1050, 918,
        986,  797,  923,  975,  815,  1020, 906,  901,  1170, 912,  746,  919,  718,  714, 740,
    };
    double logs[VMS_LENGTH(flow)];
    struct change_points found;

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(flow); i++)
        logs[i] = log(flow[i]);
    for (uint64_t seed = 1; seed <= 5; seed++) {
        assert_int_equal(change_points_find(logs, VMS_LENGTH(flow), 0.05, seed, &found), 0);
        assert_int_equal(found.n, 1);
        assert_int_equal(1871 + found.points[0].at, 1899);
        assert_true(fabs(exp(found.points[0].difference) - 0.77) < 0.02);
    }
}

/* The share of series in which something is found though nothing changes: at 20%, within five standard
 * errors. */
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
    assert_true(wrong >= 40 - 29 && wrong <= 40 + 29);
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

/* Counted until it is sure to be above alpha: where the k-th of n random orders is as far apart, and one
 * more than may be, p is k / n. Alpha of 0.5 draws 9 orders at the most, of which with the series itself 5
 * may be. */
static void find__p_is_a_share_of_orders(void **state) {
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    bool seen_all = false, seen_early = false;
    double figures[N];

    (void)state;
    gsl_rng_set(random, 11);
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct change_points found;
        double tenths;

        draw(random, figures, N, 0);
        assert_int_equal(change_points_find(figures, N, 0.5, seed, &found), 0);
        tenths = found.p * 10;
        if (found.p <= 0.5) { /* all were drawn */
            assert_true(fabs(tenths - round(tenths)) < 1e-9 && tenths > 0.5);
            seen_all = seen_all || fabs(tenths - 5) < 1e-9;
        } else { /* six of 6, 7, ... 10, the series among them */
            assert_true(fabs(6 / found.p - round(6 / found.p)) < 1e-9 && 6 / found.p < 10.5);
            seen_early = seen_early || 6 / found.p < 9.5;
        }
    }
    assert_true(seen_all && seen_early);
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
        cmocka_unit_test(find__the_change_of_the_nile),
        cmocka_unit_test(find__nothing_as_often_as_promised),
        cmocka_unit_test(find__the_same_with_the_same_seed),
        cmocka_unit_test(find__p_is_a_share_of_orders),
        cmocka_unit_test(find__nothing_in_too_few_or_constant),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
