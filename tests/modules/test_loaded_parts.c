/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the streams of one half add up to, from counts that are made up. */
#include "loaded/loaded.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Two receivers and a sender: the rate is of the receivers, over the time from the first's beginning to the
 * last's end; totals hold the warm-up, too. */
static void load_count__adds_up(void **state) {
    struct tcp_worker workers[] = {
        {.plan = {.sends = false}, .total = 900, .counting = true, .count = {700, 1000, 5000, 0}},
        {.plan = {.sends = true}, .total = 40000, .counting = true, .count = {30000, 10, 99999, 0}},
        {.plan = {.sends = false}, .total = 500, .counting = true, .count = {300, 1500, 6000, 0}},
    };
    const struct load load = {.workers = workers, .n = 3};
    uint64_t fields[LOAD_FIELDS];

    (void)state;
    load_count(&load, fields);
    assert_int_equal(fields[LOAD_SENT], 40000);
    assert_int_equal(fields[LOAD_RECEIVED], 1400);
    assert_int_equal(fields[LOAD_BYTES], 1000);
    assert_int_equal(fields[LOAD_ELAPSED], 5000);
}

/* A receiver that never got past its warm-up counts for what it received, and for no rate. */
static void load_count__without_figures(void **state) {
    struct tcp_worker worker = {.total = 100};
    const struct load load = {.workers = &worker, .n = 1};
    uint64_t fields[LOAD_FIELDS];

    (void)state;
    load_count(&load, fields);
    assert_int_equal(fields[LOAD_RECEIVED], 100);
    assert_int_equal(fields[LOAD_BYTES], 0);
    assert_int_equal(fields[LOAD_ELAPSED], 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(load_count__adds_up),
        cmocka_unit_test(load_count__without_figures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
