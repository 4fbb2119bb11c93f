/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starts a program: the one way to run the tools and hypervisors of the system. */
#ifndef VMSUITE_RUNNER_CHILDREN_SPAWN_H
#define VMSUITE_RUNNER_CHILDREN_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct spawn {
    const char *path; /* of the program */
    char *const *argv;
    const char *folder; /* where it runs; NULL: here */
    int input;          /* its stdin; 0: /dev/null */
    int output, errors; /* its stdout and stderr */
    const int *kept;    /* further descriptors that it inherits, under their numbers */
    size_t n_kept;
    bool gains_privileges; /* it may need rights that its caller lacks (confine_program) */
};

/* Starts it in a process group of its own: it dies with this process, dumps no core, answers signals by
 * default, inherits no other descriptors, and sees of the environment what tool_environment() leaves. Fills
 * the number of its process; a negative errno where it could not be executed. */
int spawn_program(const struct spawn *spawn, pid_t *ret_pid);

#endif
