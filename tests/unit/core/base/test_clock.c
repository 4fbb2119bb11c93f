/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void clock__never_goes_back(void **state) {
    uint64_t last_ns = clock_now_ns();

    (void)state;
    for (int i = 0; i < 1000; i++) {
        uint64_t now_ns = clock_now_ns();

        assert_true(now_ns >= last_ns);
        last_ns = now_ns;
    }
}

static void clock__cost_is_a_time(void **state) {
    double cost_s = clock_cost_s();

    (void)state;
    assert_true(cost_s > 0);
    assert_true(cost_s < 1);
}

static void clock__utc(void **state) {
    char text[CLOCK_TEXT_SIZE];

    (void)state;
    clock_format_utc(0, text);
    assert_string_equal(text, "1970-01-01T00:00:00Z");
    clock_format_utc(1795382640, text); /* date -u -d @1795382640 */
    assert_string_equal(text, "2026-11-22T21:24:00Z");
    clock_format_utc(951782400, text); /* a leap day */
    assert_string_equal(text, "2000-02-29T00:00:00Z");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clock__never_goes_back),
        cmocka_unit_test(clock__cost_is_a_time),
        cmocka_unit_test(clock__utc),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
