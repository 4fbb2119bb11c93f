/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a thread lost is held against what the kernel reports, and a tick is no loss. */
#include "gaps/accounts.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Two processors, half a second each, of which `lost_s` went: steal_s of it is reported. */
static struct stall_account account_of(double lost_s, double steal_s) {
    return (struct stall_account){.processors = 2,
                                  .watches = 1,
                                  .wall_s = 1,
                                  .stalled_s = lost_s,
                                  .longest_s = lost_s / 2,
                                  .ran_s = 1 - lost_s,
                                  .waited_s = 0,
                                  .steal_s = steal_s,
                                  .interrupts_s = 0,
                                  .switches = 3,
                                  .gaps = 5};
}

static void account__what_is_reported_is_not_hidden(void **state) {
    struct stall_account reported = account_of(0.3, 0.3), unreported = account_of(0.3, 0.1);

    (void)state;
    assert_true(account_hidden(&reported) < 1e-9);
    assert_false(account_is_short(&reported));
    assert_true(fabs(account_hidden(&unreported) - 0.2) < 1e-9);
    assert_true(account_is_short(&unreported));
}

static void account__ticks_are_allowed_for(void **state) {
    struct stall_account within = account_of(0.029, 0), beyond = account_of(0.031, 0);

    (void)state;
    assert_false(account_is_short(&within));
    assert_true(account_is_short(&beyond));
}

/* Four watches together may be wrong by twice as much as one: 60 ms, and here 1% of the time are 40. */
static void account__of_several_watches(void **state) {
    static const double lost_s[] = {0.0145, 0.0155};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct stall_account sum = {0}, one = account_of(lost_s[i], 0);

        for (unsigned times = 0; times < 4; times++)
            account_join(&sum, &one);
        assert_int_equal(sum.watches, 4);
        assert_int_equal(sum.processors, 2);
        assert_true(fabs(sum.wall_s - 4) < 1e-9 && fabs(sum.longest_s - one.longest_s) < 1e-9);
        assert_true(fabs(sum.gaps - 20) < 1e-9 && fabs(sum.switches - 12) < 1e-9);
        assert_true(fabs(account_hidden(&sum) - 4 * lost_s[i]) < 1e-9);
        assert_int_equal(account_is_short(&sum), i);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(account__what_is_reported_is_not_hidden),
        cmocka_unit_test(account__ticks_are_allowed_for),
        cmocka_unit_test(account__of_several_watches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
