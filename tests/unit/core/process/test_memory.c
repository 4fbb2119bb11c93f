/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "process/memory.h"
#include "unit/descriptors.h"

#include "fakes/child.h"

#include <vmsuite/module.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define STATUS 47

static void policy__is_exchanged(void **state) {
    (void)state;
    assert_int_equal(memory_choose(MEMORY_WAITS), MEMORY_ENDS); /* as a process begins */
    assert_int_equal(memory_choose(MEMORY_RETURNS), MEMORY_WAITS);
    assert_false(memory_failed(0, STATUS));
    assert_false(memory_failed(1000, STATUS));
    assert_int_equal(memory_choose(MEMORY_ENDS), MEMORY_RETURNS);
}

/* In a child, as it may end; its exit status, and what it wrote. */
static int ask(enum memory_policy policy, unsigned attempt, char ret_text[static 256]) {
    int pipes[2], status;
    ssize_t got;
    pid_t child;

    assert_int_equal(pipe(pipes), 0);
    child = child_fork();
    if (child == 0) {
        (void)dup2(pipes[1], STDERR_FILENO);
        (void)memory_choose(policy);
        _exit(memory_failed(attempt, STATUS) ? 1 : 2);
    }
    (void)close(pipes[1]);
    got = read(pipes[0], ret_text, 255);
    ret_text[got > 0 ? got : 0] = '\0';
    (void)close(pipes[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void policy__decides_what_a_failure_does(void **state) {
    static const struct {
        enum memory_policy policy;
        unsigned attempt;
        int status; /* 1: again, 2: return NULL, STATUS: it ended */
    } rows[] = {{MEMORY_ENDS, 0, STATUS},    {MEMORY_WAITS, 0, 1},   {MEMORY_WAITS, 99, 1},
                {MEMORY_WAITS, 100, STATUS}, {MEMORY_RETURNS, 0, 2}, {MEMORY_RETURNS, 100, 2}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        char text[256];

        assert_int_equal(ask(rows[i].policy, rows[i].attempt, text), rows[i].status);
        if (rows[i].status == STATUS)
            assert_non_null(strstr(text, "vmsuite: out of memory; free some"));
        else
            assert_string_equal(text, "");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policy__is_exchanged),
        cmocka_unit_test(policy__decides_what_a_failure_does),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
