/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/sort.h"
#include "unit/descriptors.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MOST 3000

static int compare(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Numbers of all sizes and both signs, and some that are there often. */
static double draw(unsigned short *state, size_t kind) {
    if (kind == 0)
        return (double)(nrand48(state) % 7);
    if (kind == 1)
        return 1000 + erand48(state);
    return ldexp(erand48(state) - 0.5, (int)(nrand48(state) % 2000) - 1000);
}

static void sort_numbers__as_comparing(void **state) {
    static const size_t sizes[] = {0, 1, 2, 31, 32, 33, 511, 512, 513, MOST};
    static double values[MOST], expected[MOST];
    unsigned short random[3] = {1, 2, 3};

    (void)state;
    for (size_t kind = 0; kind < 3; kind++)
        for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
            for (size_t j = 0; j < sizes[i]; j++)
                values[j] = expected[j] = draw(random, kind);
            qsort(expected, sizes[i], sizeof(*expected), compare);
            sort_numbers(values, sizes[i]);
            assert_memory_equal(values, expected, sizes[i] * sizeof(*values));
            sort_numbers(values, sizes[i]);
            assert_memory_equal(values, expected, sizes[i] * sizeof(*values));
        }
}

static void sort_numbers__extremes(void **state) {
    static const double extremes[] = {INFINITY, DBL_MAX, 1, DBL_MIN, 4.9e-324, 0, -4.9e-324, -1, -INFINITY};
    const size_t n = sizeof(extremes) / sizeof(*extremes);
    double values[MOST];

    (void)state;
    for (size_t i = 0; i < MOST; i++)
        values[i] = extremes[i % n];
    sort_numbers(values, MOST);
    for (size_t i = 1; i < MOST; i++)
        assert_true(values[i - 1] <= values[i]);
    assert_true(values[0] == -INFINITY && values[MOST - 1] == INFINITY);
}

/* In order but for two neighbours, wherever they stand. */
static void sort_numbers__one_pair_out_of_order(void **state) {
    static const size_t sizes[] = {2, 3, 33, 600};
    double values[600];

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
        for (size_t place = 1; place < sizes[i]; place++) {
            for (size_t j = 0; j < sizes[i]; j++)
                values[j] = (double)j;
            values[place - 1] = (double)place;
            values[place] = (double)(place - 1);
            sort_numbers(values, sizes[i]);
            for (size_t j = 0; j < sizes[i]; j++)
                assert_true(values[j] >= (double)j && values[j] <= (double)j);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sort_numbers__as_comparing),
        cmocka_unit_test(sort_numbers__extremes),
        cmocka_unit_test(sort_numbers__one_pair_out_of_order),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
