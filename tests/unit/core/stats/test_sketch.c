/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/sketch.h"
#include "unit/descriptors.h"

#include <errno.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define N 20000

static double values[N];

static int compare_numbers(const void *a, const void *b) {
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

/* Latencies around 50 us with a heavy tail, over three decades. */
static void draw(unsigned long seed) {
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);

    gsl_rng_set(random, seed);
    for (size_t i = 0; i < N; i++)
        values[i] = 5e-5 * gsl_ran_lognormal(random, 0, i % 10 == 0 ? 0.9 : 0.2);
    gsl_rng_free(random);
}

static void add(struct sketch *sketch) {
    for (size_t i = 0; i < N; i++)
        assert_int_equal(sketch_add(sketch, values[i], 1), 0);
}

/* Every quantile is within the error of the value of its rank. */
static void assert_near(const struct sketch *sketch, double *sorted, size_t n) {
    qsort(sorted, n, sizeof(*sorted), compare_numbers);
    assert_int_equal(sketch_count(sketch), n);
    for (int i = 0; i <= 1000; i++) {
        double q = i / 1000.0, exact = sorted[(size_t)floor(q * (double)(n - 1))];

        if (!(fabs(sketch_quantile(sketch, q) - exact) <= SKETCH_ERROR * exact * (1 + 1e-9)))
            fail_msg("%g: %g, not %g", q, sketch_quantile(sketch, q), exact);
    }
}

static void sketch__quantiles_are_near(void **state) {
    struct sketch sketch = {0};

    (void)state;
    draw(1);
    add(&sketch);
    assert_near(&sketch, values, N);
}

/* The histogram of two parts is that of all. */
static void sketch__adds_up(void **state) {
    static double all[2 * N];
    struct sketch one = {0}, two = {0};

    (void)state;
    draw(1);
    add(&one);
    memcpy(all, values, sizeof(values));
    draw(2);
    for (size_t i = 0; i < N; i++)
        values[i] *= 3;
    add(&two);
    memcpy(all + N, values, sizeof(values));
    sketch_merge(&one, &two);
    assert_near(&one, all, 2L * N);
}

/* Beyond its range the lowest values share a bucket; what is above stays exact, in whatever order it
 * comes. */
static void sketch__is_bounded(void **state) {
    static const double wide[] = {1e-9, 1e3, 1, 1e-300, 1e300, 1e299, 5e299};

    (void)state;
    for (size_t turn = 0; turn < 7; turn++) {
        struct sketch sketch = {0};

        for (size_t i = 0; i < 7; i++)
            assert_int_equal(sketch_add(&sketch, wide[(i + turn) % 7], 1), 0);
        assert_true(sketch_is_valid(&sketch) && sketch.n_counts <= SKETCH_COUNTS);
        assert_int_equal(sketch_count(&sketch), 7);
        assert_true(fabs(sketch_quantile(&sketch, 1) / 1e300 - 1) <= SKETCH_ERROR);
        assert_true(fabs(sketch_quantile(&sketch, 5 / 6.0) / 5e299 - 1) <= SKETCH_ERROR);
        assert_true(fabs(sketch_quantile(&sketch, 4 / 6.0) / 1e299 - 1) <= SKETCH_ERROR);
        assert_true(sketch_quantile(&sketch, 0) > 1e290);
    }
}

static void sketch__zeros_and_what_it_refuses(void **state) {
    struct sketch sketch = {0};

    (void)state;
    assert_true(isnan(sketch_quantile(&sketch, 0.5)));
    assert_int_equal(sketch_add(&sketch, 0, 3), 0);
    assert_int_equal(sketch_add(&sketch, 2, 1), 0);
    assert_int_equal(sketch_add(&sketch, -1, 1), -EDOM);
    assert_int_equal(sketch_add(&sketch, NAN, 1), -EDOM);
    assert_int_equal(sketch_add(&sketch, INFINITY, 1), -EDOM);
    assert_true(sketch_count(&sketch) == 4 && sketch_quantile(&sketch, 0.5) == 0);
    assert_true(fabs(sketch_quantile(&sketch, 1) - 2) <= 2 * SKETCH_ERROR);
    assert_true(sketch_is_valid(&sketch));
    sketch.n_counts = SKETCH_COUNTS + 1;
    assert_false(sketch_is_valid(&sketch));
    sketch.n_counts = 1;
    sketch.counts[0] = UINT64_MAX;
    assert_false(sketch_is_valid(&sketch));
    sketch.counts[0] = 1;
    sketch.first = INT32_MAX;
    assert_false(sketch_is_valid(&sketch));
}

static void sketch__as_text(void **state) {
    static const char *const wrong[] = {" 1", "1 ", "1  2", "-1", "1,2", "x", "18446744073709551616"};
    char text[SKETCH_TEXT_SIZE + 2], again[SKETCH_TEXT_SIZE];
    struct sketch sketch = {0}, back = {0};

    (void)state;
    draw(3);
    add(&sketch);
    sketch_format(&sketch, text);
    assert_int_equal(sketch_parse(text, &back), 0);
    assert_true(back.n_counts == sketch.n_counts);
    assert_memory_equal(back.counts, sketch.counts, sketch.n_counts * sizeof(*sketch.counts));
    assert_true(sketch_parse("", &back) == 0 && back.n_counts == 0);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
        if (sketch_parse(wrong[i], &back) != -EINVAL)
            fail_msg("%s", wrong[i]);
    sketch.n_counts = SKETCH_COUNTS; /* the longest text */
    for (size_t i = 0; i < SKETCH_COUNTS; i++)
        sketch.counts[i] = UINT64_MAX;
    sketch_format(&sketch, text);
    assert_int_equal(strlen(text), SKETCH_TEXT_SIZE - 2);
    assert_int_equal(sketch_parse(text, &back), 0);
    sketch_format(&back, again);
    assert_string_equal(again, text);
    (void)strcat(text, " 1");
    assert_int_equal(sketch_parse(text, &back), -EINVAL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sketch__quantiles_are_near),
        cmocka_unit_test(sketch__adds_up),
        cmocka_unit_test(sketch__is_bounded),
        cmocka_unit_test(sketch__as_text),
        cmocka_unit_test(sketch__zeros_and_what_it_refuses),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
