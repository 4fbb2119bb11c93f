/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The idle machine is watched between trials, for a hundredth of the run's time at most. */
#include "run/execute/idle_watch.h"

#include "base/clock.h"

#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void idle_watch__takes_a_hundredth(void **state) {
    (void)state;
    assert_false(idle_watch_is_due(4.9, 0));
    assert_true(idle_watch_is_due(5.1, 0));
    assert_false(idle_watch_is_due(9.9, 0.05));
    assert_true(idle_watch_is_due(10.1, 0.05));
    assert_false(idle_watch_is_due(100, 1));
}

static void idle_watch__looks_when_it_is_time(void **state) {
    struct idle_watch watch;
    uint64_t start_ns;

    (void)state;
    idle_watch_begin(&watch);
    idle_watch_look(&watch);
    assert_int_equal(watch.found.sum.watches, 0);
    watch.begun_ns -= 8 * NS_PER_S;
    start_ns = clock_now_ns();
    idle_watch_look(&watch);
    assert_int_equal(watch.found.sum.watches, 1);
    /* and has rested as long */
    assert_true((double)(clock_now_ns() - start_ns) >= 2 * IDLE_WATCH_LEAST_S * NS_PER_S);
    watch.begun_ns = clock_now_ns() - 8 * NS_PER_S;
    idle_watch_look(&watch);
    assert_int_equal(watch.found.sum.watches, 1);
}

static void idle_watch__does_not_try_again_what_fails(void **state) {
    struct idle_watch watch = {.found.error = {"refused"}};

    (void)state;
    idle_watch_look(&watch); /* begun at 0: since the machine's start */
    assert_int_equal(watch.found.sum.watches, 0);
}

/* What could not be watched is said as well, at every place. */
static void idle_watch__notes_what_was_found_or_why_not(void **state) {
    struct machine machine = {0};
    struct machine_watch found = {.error = {""}};

    (void)state;
    assert_int_equal(idle_watch_note(&found, &machine), 0);
    assert_null(machine_find(&machine, "load.stalled"));
    (void)snprintf(found.error.text, sizeof(found.error.text), "refused");
    assert_int_equal(idle_watch_note(&found, &machine), 0);
    assert_string_equal(machine_find(&machine, "load.stalled")->text, "refused");
    machine_done(&machine);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(idle_watch__takes_a_hundredth),
        cmocka_unit_test(idle_watch__looks_when_it_is_time),
        cmocka_unit_test(idle_watch__does_not_try_again_what_fails),
        cmocka_unit_test(idle_watch__notes_what_was_found_or_why_not),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
