/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A process of a test's own. */
#ifndef VMSUITE_TESTS_FAKES_CHILD_H
#define VMSUITE_TESTS_FAKES_CHILD_H

#include <stdlib.h>
#include <unistd.h>

/* As fork; an assertion that fails in the child ends it by SIGABRT, instead of going on with the parent's
 * other tests there. The parent must look at the child's status. */
static inline pid_t child_fork(void) {
    pid_t pid = fork();

    if (pid == 0)
        (void)setenv("CMOCKA_TEST_ABORT", "1", 1);
    return pid;
}

#endif
