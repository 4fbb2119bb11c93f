/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the program's exit status says; the manual has the same list. */
#ifndef VMSUITE_RUNNER_COMMON_EXIT_STATUS_H
#define VMSUITE_RUNNER_COMMON_EXIT_STATUS_H

enum exit_status {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,       /* measured, but something failed or a gate tripped */
    EXIT_USAGE = 2,        /* wrong use or bad input: nothing was run */
    EXIT_MISMATCH = 3,     /* the machine is not what the configuration claims */
    EXIT_INTERRUPTED = 130 /* what had finished is kept */
};

#endif
