/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/integration/check_statistics.py compares hundreds of random data sets with R and SciPy. */
#include "stats/ranktest.h"
#include "unit/descriptors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_near(double value, double reference) {
    if (!(fabs(value - reference) <= 1e-12 * fabs(reference)))
        fail_msg("%.17g is not %.17g", value, reference);
}

static void mann_whitney__exact(void **state) {
    static const double a[] = {1.1, 2.2, 3.3, 4.4}, b[] = {5.5, 6.6, 7.7, 8.8, 9.9};

    (void)state;
    assert_near(ranktest_mann_whitney(a, 4, b, 5), 2.0 / 126);
    assert_near(ranktest_mann_whitney(b, 5, a, 4), 2.0 / 126); /* two-sided: the sides may change places */
    assert_near(ranktest_mann_whitney(a, 1, b, 1), 1);
}

/* {1, 2} against {2, 3}: of the 6 choices of two of the ranks 1, 2.5, 2.5, 4 two give 3.5 or less. */
static void mann_whitney__ties_by_hand(void **state) {
    static const double a[] = {1, 2}, b[] = {2, 3}, same[] = {4, 4, 4};

    (void)state;
    assert_near(ranktest_mann_whitney(a, 2, b, 2), 2 * 2.0 / 6);
    assert_near(ranktest_mann_whitney(same, 3, same, 3), 1);
}

static void mann_whitney__beyond_exact(void **state) {
    double a[40], b[40];

    (void)state;
    for (size_t i = 0; i < 40; i++) {
        a[i] = (double)(i % 7);
        b[i] = (double)(i % 7 + i % 2);
    }
    /* R: wilcox.test(0:39 %% 7, 0:39 %% 7 + 0:39 %% 2, exact = FALSE)$p.value */
    assert_near(ranktest_mann_whitney(a, 40, b, 40), 0.29398143354797557);
    for (size_t i = 0; i < 40; i++)
        a[i] = b[i] = 1;
    assert_near(ranktest_mann_whitney(a, 40, b, 40), 1);
}

static void mann_whitney__empty(void **state) {
    static const double a[] = {1};

    (void)state;
    assert_true(isnan(ranktest_mann_whitney(a, 0, a, 1)));
    assert_true(isnan(ranktest_cliff_delta(a, 1, a, 0)));
}

static void cliff__pairs(void **state) {
    static const double a[] = {1, 2, 3}, b[] = {2, 3, 4, 5};

    (void)state;
    /* Of 12 pairs b is larger in 4 + 3 + 2, equal in 2, smaller in 1. */
    assert_near(ranktest_cliff_delta(a, 3, b, 4), (9.0 - 1.0) / 12);
    assert_near(ranktest_cliff_delta(b, 4, a, 3), -(9.0 - 1.0) / 12);
    assert_near(ranktest_cliff_delta(a, 3, b + 2, 2), 1);
    assert_true(ranktest_cliff_delta(a, 3, a, 3) == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mann_whitney__exact),
        cmocka_unit_test(mann_whitney__ties_by_hand),
        cmocka_unit_test(mann_whitney__beyond_exact),
        cmocka_unit_test(mann_whitney__empty),
        cmocka_unit_test(cliff__pairs),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
