/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The busy thread of the exits module, on a system that takes its time to bind it. */
#include "exits/other.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SLOW_US 50000

static int binding; /* what binding ends with: 0 or an errno */
static bool bound;  /* atomic */

/* In libc's place. */
int sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *set) {
    (void)pid;
    (void)size;
    (void)set;
    (void)usleep(SLOW_US);
    __atomic_store_n(&bound, true, __ATOMIC_RELEASE);
    errno = binding;
    return binding ? -1 : 0;
}

/* What is measured beside it begins when it is on its processor, however long that takes. */
static void other_start__returns_when_it_is_bound(void **state) {
    static const struct place place = {.threads = 2, .cpus = {0, 1}};
    struct vms_error error = {""};
    struct other *other = NULL;
    double share = -1;

    (void)state;
    binding = 0;
    bound = false;
    assert_int_equal(other_start(&place, NULL, &other, &error), 0);
    assert_true(__atomic_load_n(&bound, __ATOMIC_ACQUIRE));
    (void)usleep(SLOW_US);
    other_stop(other, &share);
    assert_true(share > 0 && share < 1.5); /* it may have begun a moment before */
}

static void other_start__says_where_it_cannot_be_bound(void **state) {
    static const struct place place = {.threads = 2, .cpus = {0, 3000}};
    struct vms_error error = {""};
    struct other *other = NULL;

    (void)state;
    binding = EINVAL;
    assert_int_equal(other_start(&place, NULL, &other, &error), -EINVAL);
    assert_null(other);
    assert_string_equal(error.text, "binding to processor 3000: Invalid argument");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_start__returns_when_it_is_bound),
        cmocka_unit_test(other_start__says_where_it_cannot_be_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
