/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Watching this machine: what is taken is a share, and of no more than was watched. */
#include "machine/machine.h"
#include "unit/descriptors.h"

#include "base/clock.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

static bool is_refused;
static bool is_whole; /* all processors, not only ours */

/* Stands before the library's own. */
int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set) {
    if (is_refused) {
        errno = ENOSYS;
        return -1;
    }
    memset(set, 0, size);
    if (is_whole)
        return syscall(SYS_sched_getaffinity, pid, size, set) < 0 ? -1 : 0;
    CPU_SET(sched_getcpu(), set);
    return 0;
}

static double value_of(const struct machine *machine, const char *name) {
    const struct machine_fact *fact = machine_find(machine, name);

    assert_non_null(fact);
    assert_int_equal(fact->status, FACT_VALUE);
    return fact->real;
}

/* Watches, and returns the facts; the caller ends them. */
static struct machine facts_of_watches(unsigned times) {
    struct machine_watch watch = {.error = {""}};
    struct machine machine = {0};

    for (unsigned i = 0; i < times; i++)
        machine_watch(0.02, &watch);
    assert_int_equal(machine_watch_note(&watch, &machine), 0);
    return machine;
}

static void machine_watch__shares_of_what_was_watched(void **state) {
    struct machine machine = facts_of_watches(1);
    const struct machine_fact *reported;

    (void)state;
    assert_true(value_of(&machine, "load.watched_s") >= 0.02);
    assert_true(value_of(&machine, "load.stalled") >= 0 && value_of(&machine, "load.stalled") < 1);
    assert_true(value_of(&machine, "load.stall_longest_s") <=
                value_of(&machine, "load.stalled") * value_of(&machine, "load.watched_s") + 1e-9);
    reported = machine_find(&machine, "load.steal_under_reported");
    assert_non_null(reported);
    if (reported->status == FACT_VALUE)
        assert_true(strcmp(reported->text, "no") == 0 || strncmp(reported->text, "yes: ", 5) == 0);
    machine_done(&machine);
}

/* However many processors are watched, it is for as long as it takes. */
static void machine_watch__time_is_that_of_a_clock(void **state) {
    uint64_t start_ns = clock_now_ns();
    struct machine machine;

    (void)state;
    is_whole = true;
    machine = facts_of_watches(1);
    is_whole = false;
    assert_true(value_of(&machine, "load.watched_s") <= 1e-9 * (double)(clock_now_ns() - start_ns));
    machine_done(&machine);
}

/* Watched twice, the facts are of both. */
static void machine_watch__adds_up(void **state) {
    struct machine machine = facts_of_watches(2);

    (void)state;
    assert_int_equal(machine_find(&machine, "load.watches")->integer, 2);
    assert_true(value_of(&machine, "load.watched_s") >= 0.04);
    assert_true(value_of(&machine, "load.stalled") < 1);
    machine_done(&machine);
}

static void machine_watch__where_it_cannot_be_known_the_facts_say_why(void **state) {
    struct machine machine;

    (void)state;
    is_refused = true;
    machine = facts_of_watches(1);
    is_refused = false;
    assert_int_equal(machine.n_facts, 6);
    for (size_t i = 0; i < machine.n_facts; i++) {
        assert_int_equal(machine.facts[i].status, FACT_ERROR);
        assert_string_equal(machine.facts[i].text, "the processors that may be used are unknown");
    }
    machine_done(&machine);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(machine_watch__shares_of_what_was_watched),
        cmocka_unit_test(machine_watch__time_is_that_of_a_clock),
        cmocka_unit_test(machine_watch__adds_up),
        cmocka_unit_test(machine_watch__where_it_cannot_be_known_the_facts_say_why),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
