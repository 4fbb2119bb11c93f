/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far a single run may be off, computed from earlier runs that are made up. */
#include "unit/results/compare/compared.h"

#include "compare/effects/learned.h"
#include "history/earlier.h"

#include "unit/descriptors.h"

/* Six runs of two groups in turn, of which the last has no figure in the second row: within the groups the
 * first row deviates by 1, 0, -1 and by 3, 0, -3; the second by 2, 0, -2 and by 1, -1. */
static struct earlier_run runs[] = {{1, 7, 0}, {2, 9, 0}, {3, 7, 0}, {4, 9, 0}, {5, 7, 0}, {6, 9, 0}};
static double figures[] = {11, 103, 10, 100, 9, 97, 22, 201, 20, 199, 18, NAN};
static const struct learned learned = {runs, VMS_LENGTH(runs), figures};

static void expect(const struct learned *known, const size_t *rows, size_t n_rows, double value, double df,
                   size_t n) {
    struct variance variance = {77, 77};
    size_t n_runs = 77;

    assert_int_equal(learned_variance(known, rows, n_rows, &variance, &n_runs), 0);
    if (!(fabs(variance.value - value) < 1e-12) || variance.df != df || n_runs != n)
        fail_msg("%g of %g from %zu instead of %g of %g from %zu", variance.value, variance.df, n_runs, value,
                 df, n);
}

/* Squares within groups, over the runs less their groups; of a mean of rows, from the runs that have both. */
static void learned__variance_is_within_groups(void **state) {
    const size_t first[] = {0}, second[] = {1}, both[] = {0, 1};
    struct learned fewer = learned;

    (void)state;
    expect(&learned, first, 1, (1 + 1 + 9 + 9) / 4.0, 4, 6);
    expect(&learned, second, 1, 0, 0, 0); /* 3 degrees of freedom are too few */
    expect(&learned, both, 2, 0, 0, 0);
    fewer.n_runs = 5;
    expect(&fewer, first, 1, 0, 0, 0);
}

/* The mean of two rows is half of their sum. */
static void learned__of_a_mean(void **state) {
    static double whole[] = {11, 103, 10, 100, 9, 97, 25, 201, 20, 200, 15, 199};
    const struct learned known = {runs, VMS_LENGTH(runs), whole};
    const size_t both[] = {0, 1};

    (void)state;
    /* 1 and 5, -1 and -5: 3 and -3; 3 and 1, -3 and -1: 2 and -2. */
    expect(&known, both, 2, (9 + 9 + 4 + 4) / 4.0, 4, 6);
}

/* The lesser number of the sides that have one run; a side with several has no say. */
static void learned__of_two_sides(void **state) {
    const struct learned sides[2] = {learned, {0}};
    const size_t first[] = {0};
    struct effect_row row = {0};
    size_t earlier = 77;

    (void)state;
    assert_int_equal(learned_set(sides, (const size_t[]){1, 3}, first, 1, &row, &earlier), 0);
    assert_int_equal(earlier, 6);
    assert_true(row.learned[0].value == 5 && row.learned[0].df == 4 && row.learned[1].df == 0);
    assert_int_equal(learned_set(sides, (const size_t[]){1, 1}, first, 1, &row, &earlier), 0);
    assert_int_equal(earlier, 0);
    assert_int_equal(learned_set(sides, (const size_t[]){3, 3}, first, 1, &row, &earlier), 0);
    assert_int_equal(earlier, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learned__variance_is_within_groups),
        cmocka_unit_test(learned__of_a_mean),
        cmocka_unit_test(learned__of_two_sides),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
