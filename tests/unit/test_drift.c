/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/drift.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void drift__by_hand(void **state) {
    /* Logarithms 0, 1, 2 and 3, 4, 5: halves' means 1 and 4, variance within 1, of a half's mean 1 / 3. */
    double values[6];
    struct drift drift;

    (void)state;
    for (int i = 0; i < 6; i++)
        values[i] = exp(i);
    assert_true(drift_measure(values, 6, &drift));
    assert_true(fabs(drift.half_variance - 1.0 / 3) < 1e-12);
    /* 9 / (2 / 3), over the mean of F with 1 and 4 degrees of freedom, which is 2. */
    assert_true(fabs(drift.ratio - 6.75) < 1e-9);
}

static void drift__steady(void **state) {
    uint64_t random = 88172645463325252;
    double values[10], sum = 0;
    struct drift drift;

    (void)state;
    for (int i = 0; i < 4000; i++) {
        for (int j = 0; j < 10; j++) {
            double total = 0;

            for (int k = 0; k < 12; k++) { /* nearly normal */
                random ^= random << 13;    /* xorshift64, Marsaglia 2003 */
                random ^= random >> 7;
                random ^= random << 17;
                total += (double)(random >> 11) * 0x1p-53;
            }
            values[j] = exp(0.03 * (total - 6));
        }
        assert_true(drift_measure(values, 10, &drift));
        sum += drift.ratio;
    }
    assert_true(fabs(sum / 4000 - 1) < 0.12); /* four standard errors */
}

static void drift__nothing_to_measure(void **state) {
    static const double few[] = {1, 2, 3, 4, 5}, zero[] = {1, 2, 3, 0, 5, 6}, same[] = {2, 2, 2, 2, 2, 2};
    struct drift drift;

    (void)state;
    assert_false(drift_measure(few, 5, &drift));
    assert_false(drift_measure(zero, 6, &drift));
    assert_false(drift_measure(same, 6, &drift));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drift__by_hand),
        cmocka_unit_test(drift__steady),
        cmocka_unit_test(drift__nothing_to_measure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
