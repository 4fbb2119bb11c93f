/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/effects/balance.h"

#include "unit/descriptors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <vmsuite/module.h>

#include <cmocka.h>

static void assert_near(double value, double expected) {
    if (!(fabs(value - expected) <= 1e-9 * fabs(expected)))
        fail_msg("%.12g, not %.12g", value, expected);
}

/* The common variance is that of all runs within their sides: (2 * 4 + 4 * 1) / 6. */
static void balance__against_the_common_variance(void **state) {
    const struct balance_side sides[] = {{.k = 3, .variance = 4}, {.k = 5, .variance = 1}};
    struct balance balance;

    (void)state;
    balance_of(sides, &balance);
    assert_near(balance.df, 6);
    assert_near(balance.factor[0], 2);
    assert_near(balance.factor[1], 0.5);
    /* Welch: (4/3 + 1/5)^2 / ((4/3)^2 / 2 + (1/5)^2 / 4) */
    assert_near(balance.effective, (4 / 3.0 + 0.2) * (4 / 3.0 + 0.2) / (8 / 9.0 + 0.01));
}

static void balance__of_equal_sides_and_of_none(void **state) {
    const struct balance_side equal[] = {{4, 2}, {4, 2}}, still[] = {{4, 0}, {3, 0}},
                              half[] = {{4, 3}, {4, 0}};
    struct balance balance;

    (void)state;
    balance_of(equal, &balance);
    assert_near(balance.factor[0], 1);
    assert_near(balance.factor[1], 1);
    assert_near(balance.effective, 6);
    balance_of(still, &balance);
    assert_near(balance.factor[0], 1);
    assert_near(balance.factor[1], 1);
    assert_near(balance.df, 5);
    assert_near(balance.effective, 5);
    balance_of(half, &balance);
    assert_near(balance.factor[0], 2);
    assert_true(balance.factor[1] > 0 && balance.factor[1] < 1e-11); /* a variance is never none */
    assert_near(balance.effective, 3);
}

/* Averages over quantiles of F, as scipy.stats.f has them; from 1000 rows on Welch's formula itself. */
static void effective__over_what_the_ratio_may_be(void **state) {
    static const struct {
        struct balance_side sides[2];
        double rows, df, capped;
    } rows[] = {
        {{{3, 4}, {5, 1}}, 1, 2.66145666131, 2.66145666131},
        {{{3, 4}, {5, 1}}, 7, 2.62590616618, 2.62590616618},
        {{{3, 4}, {5, 1}}, 1000, 2.61557478368, 2.61557478368},
        {{{4, 9}, {4, 1}}, 2, 3.76204703076, 3.76204703076},
        {{{2, 1}, {9, 1}}, 1, 1.35732442782, 1.125},
        {{{2, 1}, {9, 9}}, 5, 4.48749000802, 1.125},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        const struct balance_side turned[] = {rows[i].sides[1], rows[i].sides[0]};
        double capped = 0, turned_capped = 0;

        assert_near(balance_effective(rows[i].sides, rows[i].rows, &capped), rows[i].df);
        assert_near(capped, rows[i].capped);
        assert_near(balance_effective(turned, rows[i].rows, &turned_capped), rows[i].df);
        assert_near(turned_capped, rows[i].capped);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(balance__against_the_common_variance),
        cmocka_unit_test(balance__of_equal_sides_and_of_none),
        cmocka_unit_test(effective__over_what_the_ratio_may_be),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
