/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the program's exit status says: one table, which help and manual print. */
#ifndef VMSUITE_RUNNER_COMMON_EXIT_STATUS_H
#define VMSUITE_RUNNER_COMMON_EXIT_STATUS_H

#include <stddef.h>

enum exit_status {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_MISMATCH = 3,
    EXIT_INCONCLUSIVE = 4,
    EXIT_INTERRUPTED = 130
};

struct exit_meaning {
    enum exit_status status;
    const char *sentence; /* without a full stop */
};

/* The meanings in the order of their numbers; NULL behind the last. */
const struct exit_meaning *exit_meaning(size_t index);

/* The exit status of a command whose work failed with this negative errno: EXIT_USAGE where what it was given
 * is wrong (no such file, a file that is no record, a store of another version), else EXIT_FAILED. */
enum exit_status exit_status_of(int status);

#endif
