/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs the tools of the system (apt-get, dpkg, xz, mke2fs): argument arrays, no shell, bounded in time. */
#ifndef VMSUITE_RUNNER_GUEST_TOOLS_TOOL_H
#define VMSUITE_RUNNER_GUEST_TOOLS_TOOL_H

#include <stdbool.h>
#include <vmsuite/module.h>

struct tool {
    const char *const *argv; /* argv[0] is looked for in PATH, then in the system's sbin folders */
    const char *folder;      /* where it runs; NULL: here */
    int input;               /* a descriptor for its stdin; 0: /dev/null */
    int output;              /* a descriptor for its stdout; 0: as below */
    unsigned deadline_s;
    unsigned idle_s;       /* given up after so long without any processor time; 0: only at the deadline */
    bool gains_privileges; /* it starts services of the user's that may need more rights (spawn.h) */
    bool outlives_signals; /* it puts in order what would be left when the program is asked to end */
};

/* Runs a tool to its end. `ret_text` (NULL: not wanted) gets what it wrote to stdout, which the caller frees.
 * -ENOENT where there is no such tool, -ETIMEDOUT where it is given up (it is killed), -EINTR where the
 * program is asked to end (common/signals.h), and the tool with it, -EIO where it fails: the sentence ends in
 * the last line that it wrote to stderr. */
int tool_run(const struct tool *tool, char **ret_text, struct vms_error *error);

/* The same for a program whose exit status means something: fills it, and fails only where the program could
 * not be started, was killed by a signal (-EIO, with its last line) or was given up. */
int tool_wait(const struct tool *tool, int *ret_exit_status, struct vms_error *error);

/* Runs a tool (NULL-ended words) from one file to another, which is made or replaced. */
int tool_filter(const char *const *argv, const char *from, const char *to, struct vms_error *error);

/* The full path of a tool, or NULL; the caller frees. */
char *tool_find(const char *name);

#endif
