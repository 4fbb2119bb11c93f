/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "noise/usage.h"
#include "unit/descriptors.h"

#include "fakes/child.h"

#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* A process that has used some processor time, says so, and stays until it is killed. */
static pid_t worker(void) {
    int ends[2];
    char byte;
    pid_t child;

    assert_int_equal(pipe(ends), 0);
    child = child_fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct timespec used = {0};

        while (used.tv_nsec < 30000000)
            (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
        (void)!write(ends[1], "", 1);
        for (;;)
            (void)pause();
    }
    assert_int_equal(read(ends[0], &byte, 1), 1);
    (void)close(ends[0]);
    (void)close(ends[1]);
    return child;
}

static void end(pid_t child) {
    (void)kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void read__counts_a_helper(void **state) {
    struct process_usage alone, helped, unknown;
    pid_t helper = worker();

    (void)state;
    usage_read(USAGE_NO_HELPER, &alone);
    usage_read(helper, &helped); /* counted as a child here, and as the helper */
    usage_read(USAGE_UNKNOWN_HELPER, &unknown);
    assert_true(helped.time_s >= alone.time_s + 0.03);
    assert_true(isnan(unknown.time_s));
    assert_false(isnan(unknown.disk_bytes));
    end(helper);
    usage_read(helper, &helped); /* it is gone */
    assert_true(isnan(helped.time_s));
}

static void read__counts_a_child_living_and_ended(void **state) {
    struct process_usage before, living, ended;
    pid_t child;

    (void)state;
    usage_read(USAGE_NO_HELPER, &before);
    child = worker();
    usage_read(USAGE_NO_HELPER, &living);
    end(child);
    usage_read(USAGE_NO_HELPER, &ended);
    if (access("/proc/thread-self/children", R_OK) == 0)
        assert_true(living.time_s >= before.time_s + 0.03);
    assert_true(ended.time_s >= before.time_s + 0.03);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read__counts_a_helper),
        cmocka_unit_test(read__counts_a_child_living_and_ended),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
