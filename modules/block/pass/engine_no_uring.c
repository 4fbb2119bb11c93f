/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stands for engine_uring.c where the build has no liburing. */
#include "block/pass/engine.h"

#include <errno.h>

static int no_uring_open(struct pass *pass, void **ret_state) {
    (void)pass;
    (void)ret_state;
    return -ENOSYS;
}

const struct engine engine_uring = {.open = no_uring_open};
