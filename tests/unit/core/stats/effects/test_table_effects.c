/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The effects of a whole table's rows: single runs, missing ones, sides exchanged, pairs. */
#include "stats/effects/table_effects.h"
#include "unit/descriptors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <vmsuite/module.h>

static void assert_near(double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.10g is not within %g of %.10g", value, tolerance, expected);
}

static void table__one_row(void **state) {
    static const double baseline[] = {0, 0.01, -0.01}, other[] = {0.1, 0.11, 0.09};
    const struct effect_row row = {.runs = {baseline, other}};
    struct effect effect;

    (void)state;
    assert_int_equal(table_effects(&(struct effect_table){&row, 1, {3, 3}, 0}, &effect), 0);
    assert_near(effect.estimate, 0.1, 1e-12);
    assert_near(effect.variance, 2 * 1e-4 / 3, 1e-15);
    assert_true(effect.df > 2 && effect.df < 4 && effect.unknown == 0);
}

/* A single run is off by what was learned: two of them by twice its variance, from one estimate. */
static void table__single_runs_that_learned(void **state) {
    const double baseline[] = {0.1}, other[] = {0.4};
    struct effect_row row = {.runs = {baseline, other},
                             .noise = {{0.5, 9}, {0.5, 9}},
                             .prior = {0.02, 1},
                             .learned = {{0.0025, 19}, {0.0025, 19}}};
    struct effect_table table = {&row, 1, {1, 1}, 0};
    struct effect effect;

    (void)state;
    assert_int_equal(table_effects(&table, &effect), 0);
    assert_int_equal(effect.unknown, 0);
    assert_near(effect.estimate, 0.3, 1e-12);
    assert_near(effect.variance, 0.005, 1e-12);
    assert_near(effect.df, 19, 1e-9);
    row.learned[1] = (struct variance){0};
    row.noise[1] = (struct variance){0.0001, 9};
    assert_int_equal(table_effects(&table, &effect), 0);
    assert_int_equal(effect.unknown, 1);
    assert_near(effect.floor, 0.0025, 1e-12);
    assert_near(effect.variance, 0.0026, 1e-12);
}

/* What has no noise, or whose noise is unknown, adds none: the other side's is all. */
static void table__single_runs_without_noise(void **state) {
    static const struct variance none[] = {{0, 0}, {0, 9}, {NAN, 9}, {NAN, 0}};
    static const double baseline[] = {0.1}, other[] = {0.4};

    (void)state;
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        const struct effect_row rows[] = {{.runs = {baseline, other}, .noise = {none[i], {0.0004, 9}}},
                                          {.runs = {baseline, other}, .noise = {{0.0004, 9}, none[i]}},
                                          {.runs = {baseline, other}, .noise = {none[i], none[i]}}};
        struct effect effects[3];

        assert_int_equal(table_effects(&(struct effect_table){rows, 3, {1, 1}, 0}, effects), 0);
        for (size_t j = 0; j < 3; j++) {
            assert_near(effects[j].estimate, 0.3, 1e-12);
            assert_near(effects[j].variance, j < 2 ? 0.0004 : 0, 1e-15);
            assert_near(effects[j].df, j < 2 ? 9 : 1, 1e-9);
            assert_int_equal(effects[j].unknown, 2);
        }
    }
}

static void table__missing_runs(void **state) {
    static const double baseline[] = {0, 0.01, NAN}, other[] = {0.1, NAN, NAN}, none[] = {NAN, NAN, NAN};
    const struct effect_row rows[] = {
        {.runs = {baseline, other}, .noise = {{1e-4, 9}, {1e-4, 9}}, .prior = {0.02, 1}},
        {.runs = {baseline, none}}};
    struct effect effects[2];

    (void)state;
    assert_int_equal(table_effects(&(struct effect_table){rows, 2, {3, 3}, 0}, effects), 0);
    assert_near(effects[0].estimate, 0.095, 1e-12);
    assert_int_equal(effects[0].unknown, 1);
    assert_near(effects[0].floor, 5e-5, 1e-12);
    assert_true(isnan(effects[1].estimate));
}

/* With the sides exchanged an effect is mirrored, and known as well, also where one has more runs. */
static void table__sides_exchanged(void **state) {
    static const double few[][2] = {{0.10, 0.13}, {0.21, 0.22}, {0.32, 0.28}, {0.40, 0.47}, {0.55, 0.51}};
    static const double many[][5] = {{0.0, 0.02, 0.05, -0.01, 0.03},
                                     {0.1, 0.14, 0.09, 0.12, 0.08},
                                     {0.2, 0.23, 0.19, 0.21, 0.26},
                                     {0.3, 0.33, 0.28, 0.31, 0.37},
                                     {0.4, 0.41, 0.44, 0.38, 0.45}};
    struct effect_row rows[5], exchanged[5];
    struct effect effects[5], mirrored[5];

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        rows[i] = (struct effect_row){.runs = {few[i], many[i]}, .prior = {0.02, 1}};
        exchanged[i] = (struct effect_row){.runs = {many[i], few[i]}, .prior = {0.02, 1}};
    }
    assert_int_equal(table_effects(&(struct effect_table){rows, 5, {2, 5}, 0}, effects), 0);
    assert_int_equal(table_effects(&(struct effect_table){exchanged, 5, {5, 2}, 0}, mirrored), 0);
    for (size_t i = 0; i < 5; i++) {
        assert_near(effects[i].estimate, -mirrored[i].estimate, 1e-12);
        assert_near(effects[i].variance / mirrored[i].variance, 1, 1e-9);
        assert_near(effects[i].df / mirrored[i].df, 1, 1e-9);
    }
}

/* Rounds that differ by far more than the sides: one-sample t of the differences 0.1, 0.11, 0.09, 0.1, by
 * hand. */
static void table__pairs(void **state) {
    static const double baseline[] = {0, 0.5, -0.3, 0.2}, other[] = {0.1, 0.61, -0.21, 0.3},
                        gap[] = {0.1, NAN, -0.21, 0.3};
    const struct effect_row row = {.runs = {baseline, other}}, partial = {.runs = {baseline, gap}};
    struct effect effect;

    (void)state;
    assert_int_equal(table_effects(&(struct effect_table){&row, 1, {4, 4}, 4}, &effect), 0);
    assert_near(effect.estimate, 0.1, 1e-12);
    assert_near(effect.variance, 1e-4 / 6, 1e-15);
    assert_true(effect.df == 3 && effect.paired);
    assert_int_equal(table_effects(&(struct effect_table){&row, 1, {4, 4}, 0}, &effect), 0);
    assert_true(effect.variance > 0.05 && !effect.paired);
    /* A row that lacks a round, and three rounds alone, are compared without. */
    assert_int_equal(table_effects(&(struct effect_table){&partial, 1, {4, 4}, 4}, &effect), 0);
    assert_true(effect.variance > 0.05 && !effect.paired);
    assert_int_equal(table_effects(&(struct effect_table){&row, 1, {3, 3}, 3}, &effect), 0);
    assert_false(effect.paired);
}

/* Rows that move in step from round to round are worth one row. */
static void table__pairs_in_step(void **state) {
    double baseline[6][4] = {0}, other[6][4];
    struct effect_row rows[6] = {0};
    struct effect effects[6];

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        for (size_t j = 0; j < 4; j++)
            other[i][j] = 0.01 * ((double)j - 1.5) * (1 + 0.1 * (double)i);
        rows[i].runs[0] = baseline[i];
        rows[i].runs[1] = other[i];
    }
    assert_int_equal(table_effects(&(struct effect_table){rows, 6, {4, 4}, 4}, effects), 0);
    for (size_t i = 0; i < 6; i++)
        assert_true(effects[i].paired && effects[i].df <= 3 + 1e-9 && effects[i].variance > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table__one_row),
        cmocka_unit_test(table__single_runs_that_learned),
        cmocka_unit_test(table__single_runs_without_noise),
        cmocka_unit_test(table__missing_runs),
        cmocka_unit_test(table__sides_exchanged),
        cmocka_unit_test(table__pairs),
        cmocka_unit_test(table__pairs_in_step),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
