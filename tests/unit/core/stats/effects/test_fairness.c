/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/effects/fairness.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void fairness__is_jains(void **state) {
    const double even[] = {0.2, 0.2, 0.2, 0.2}, one[] = {0, 5, 0, 0}, weights[] = {1, 3};

    (void)state;
    assert_float_equal(fairness_index(even, 4), 1, 1e-6);
    assert_float_equal(fairness_index(one, 4), 0.25, 1e-6);
    assert_float_equal(fairness_index(weights, 2), 0.8, 1e-6);
}

static void fairness__is_nan_of_what_is_no_share(void **state) {
    const double none[] = {0, 0}, negative[] = {1, -1}, unknown[] = {1, NAN}, endless[] = {1, INFINITY};

    (void)state;
    assert_true(isnan(fairness_index(none, 2)));
    assert_true(isnan(fairness_index(none, 0)));
    assert_true(isnan(fairness_index(negative, 2)));
    assert_true(isnan(fairness_index(unknown, 2)));
    assert_true(isnan(fairness_index(endless, 2)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fairness__is_jains),
        cmocka_unit_test(fairness__is_nan_of_what_is_no_share),
    };

    return cmocka_run_group_tests_name("fairness", tests, NULL, NULL);
}
