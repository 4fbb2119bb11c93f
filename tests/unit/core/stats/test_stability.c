/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/stability.h"
#include "unit/descriptors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const double in_order[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

static void judge__drift_is_told(void **state) {
    static const double values[] = {100, 101, 103, 102, 104, 106, 105, 107, 108, 110};
    struct stability stability;

    (void)state;
    assert_int_equal(stability_judge(values, in_order, 10, &stability), 0);
    assert_true(stability.judged && stability.drifts);
    /* scipy.stats.spearmanr of the same pairs: 0.9757575757575757, p 1.47e-6 */
    assert_true(fabs(stability.rho - 0.9757575757575757) < 1e-12);
    assert_true(fabs(stability.p - 1.4675461874042197e-06) < 1e-12);
    assert_true(stability.change > 0.05 && stability.change < 0.08);
    assert_false(stability.bimodal);
}

static void judge__order_is_time_not_position(void **state) {
    static const double values[] = {110, 108, 107, 105, 106, 104, 102, 103, 101, 100};
    static const double order[] = {10, 9, 8, 7, 6, 5, 4, 3, 2, 1};
    struct stability stability;

    (void)state;
    assert_int_equal(stability_judge(values, order, 10, &stability), 0);
    assert_true(stability.drifts && stability.rho > 0 && stability.change > 0);
}

static void judge__steady_samples_are_left_alone(void **state) {
    static const double values[] = {100.2, 99.8, 100.1, 99.9, 100.4, 99.7, 100, 100.3, 99.6, 100.05};
    struct stability stability;

    (void)state;
    assert_int_equal(stability_judge(values, in_order, 10, &stability), 0);
    assert_true(stability.judged);
    assert_false(stability.drifts);
    assert_false(stability.bimodal);
}

static void judge__tiny_drift_does_not_matter(void **state) {
    static const double values[] = {100, 100.01, 100.02, 100.03, 100.04, 100.05, 100.06, 100.07};
    struct stability stability;

    (void)state;
    assert_int_equal(stability_judge(values, in_order, 8, &stability), 0);
    assert_true(stability.p < 0.01);
    assert_false(stability.drifts);
}

static void judge__two_groups_are_told(void **state) {
    static const double values[] = {100, 120, 100.5, 120.4, 99.8, 119.7, 100.2, 120.1, 100.1, 99.9};
    struct stability stability;

    (void)state;
    assert_int_equal(stability_judge(values, in_order, 10, &stability), 0);
    assert_true(stability.bimodal);
    assert_int_equal(stability.n_low, 6);
    assert_false(stability.drifts);
}

static void judge__one_outlier_is_no_group(void **state) {
    static const double values[] = {100, 100.5, 99.8, 100.2, 100.1, 99.9, 100.3, 99.7, 100.4, 200};
    struct stability stability;

    (void)state;
    assert_int_equal(stability_judge(values, in_order, 10, &stability), 0);
    assert_false(stability.bimodal);
}

static void judge__too_few_or_equal_samples_are_not_judged(void **state) {
    static const double equal[] = {5, 5, 5, 5, 5, 5, 5, 5, 5, 5};
    struct stability stability;

    (void)state;
    assert_int_equal(stability_judge(in_order, in_order, 7, &stability), 0);
    assert_false(stability.judged);
    assert_int_equal(stability_judge(equal, in_order, 10, &stability), 0);
    assert_false(stability.judged || stability.drifts || stability.bimodal);
    assert_true(isnan(stability.rho));
    assert_int_equal(stability_judge(equal, in_order, 0, &stability), 0);
    assert_false(stability.judged);
}

/* Normal noise must not be called unstable: at most 1 in 50 of 500 made-up cases. */
static void judge__random_samples_are_seldom_flagged(void **state) {
    uint64_t seed = 1;
    unsigned flagged = 0;

    (void)state;
    for (unsigned run = 0; run < 500; run++) {
        double values[10];
        struct stability stability;

        for (unsigned i = 0; i < 10; i++) {
            double sum = 0; /* of twelve uniform numbers: close to normal */

            for (unsigned j = 0; j < 12; j++) {
                seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
                sum += (double)(seed >> 11) / 9007199254740992.0;
            }
            values[i] = 100 + 5 * (sum - 6);
        }
        assert_int_equal(stability_judge(values, in_order, 10, &stability), 0);
        flagged += stability.drifts || stability.bimodal;
    }
    assert_true(flagged <= 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judge__drift_is_told),
        cmocka_unit_test(judge__order_is_time_not_position),
        cmocka_unit_test(judge__steady_samples_are_left_alone),
        cmocka_unit_test(judge__tiny_drift_does_not_matter),
        cmocka_unit_test(judge__two_groups_are_told),
        cmocka_unit_test(judge__one_outlier_is_no_group),
        cmocka_unit_test(judge__too_few_or_equal_samples_are_not_judged),
        cmocka_unit_test(judge__random_samples_are_seldom_flagged),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
