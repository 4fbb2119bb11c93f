/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/effects/sequential.h"
#include "unit/descriptors.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ROUNDS 10
#define TABLES 4000

static void assert_near(double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.10g is not within %g of %.10g", value, tolerance, expected);
}

/* Five even looks at 5%: 2 - 2 Phi(1.959964 / sqrt(t)), by Python's erfc. */
static void sequential__spends_as_lan_and_demets(void **state) {
    static const double spent[] = {1.17e-5, 0.001941, 0.011396, 0.028430, 0.05};

    (void)state;
    for (size_t i = 0; i < 5; i++)
        assert_near(sequential_spent(0.05, ((double)i + 1) / 5), spent[i], 1e-6);
    assert_true(sequential_spent(0.05, 0) == 0);
    assert_true(sequential_spent(0.05, 2) == 0.05);
}

static void sequential__looks_share_the_error(void **state) {
    struct sequential all, some;
    double sum = 0;

    (void)state;
    sequential_init(&all, 0.05, 5);
    for (size_t round = 1; round <= 5; round++)
        sum += sequential_look(&all, round);
    assert_near(sum, 0.05, 1e-15);
    assert_true(sequential_look(&all, 5) == 0 && sequential_look(&all, 3) == 0);
    sequential_init(&some, 0.05, 5);
    assert_near(sequential_look(&some, 3), 0.011396, 1e-6); /* the looks that were not taken are saved */
    assert_near(sequential_look(&some, 5), 0.05 - 0.011396, 1e-6);
    sequential_init(&some, 0.05, 3);
    assert_true(sequential_look(&some, 3) == 0.05); /* one look at the end: the plain test */
}

/* The same error is left whether the looks were seen or are counted from the record. */
static void sequential__resumes(void **state) {
    struct sequential seen, resumed;

    (void)state;
    sequential_init(&seen, 0.05, ROUNDS);
    for (size_t round = 3; round <= ROUNDS; round++) {
        sequential_init(&resumed, 0.05, ROUNDS);
        sequential_resume(&resumed, 3, round);
        assert_near(resumed.spent, seen.spent, 1e-15);
        assert_near(sequential_look(&resumed, round), sequential_look(&seen, round), 1e-15);
    }
    sequential_init(&resumed, 0.05, 1);
    sequential_resume(&resumed, 1, SIZE_MAX); /* of a record that nobody wrote so */
    assert_true(resumed.spent == 0.05);
    sequential_resume(&resumed, SIZE_MAX, 0);
    assert_true(resumed.spent == 0);
}

/* Two-sided p-value of one-sample t over the first n figures. */
static double p_of(const double *figures, size_t n) {
    double mean = 0, squares = 0;

    for (size_t i = 0; i < n; i++)
        mean += figures[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += pow(figures[i] - mean, 2);
    return 2 * gsl_cdf_tdist_Q(fabs(mean) / sqrt(squares / (double)(n - 1) / (double)n), (double)n - 1);
}

/* Looking after every round at 5% errs in far more than 5%, with the error spent it does not. */
static void sequential__looks_err_as_often_as_one(void **state) {
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    double naive = 0, spent = 0, figures[ROUNDS];

    (void)state;
    for (size_t table = 0; table < TABLES; table++) {
        bool wrong_naive = false, wrong = false;
        struct sequential sequential;

        sequential_init(&sequential, 0.05, ROUNDS);
        for (size_t i = 0; i < ROUNDS; i++)
            figures[i] = gsl_ran_gaussian_ziggurat(random, 1);
        for (size_t n = 2; n <= ROUNDS; n++) {
            double p = p_of(figures, n);

            wrong_naive |= p <= 0.05;
            wrong |= p <= sequential_look(&sequential, n);
        }
        naive += wrong_naive;
        spent += wrong;
    }
    gsl_rng_free(random);
    assert_true(naive / TABLES > 0.1);
    assert_true(spent / TABLES <= 0.05 && spent / TABLES > 0.01);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sequential__spends_as_lan_and_demets),
        cmocka_unit_test(sequential__looks_share_the_error),
        cmocka_unit_test(sequential__resumes),
        cmocka_unit_test(sequential__looks_err_as_often_as_one),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
