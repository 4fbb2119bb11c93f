/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How operations reach the kernel. */
#ifndef VMSUITE_MODULES_BLOCK_PASS_ENGINE_H
#define VMSUITE_MODULES_BLOCK_PASS_ENGINE_H

#include "block/pass/pass.h"
#include "block/target/failure.h"

#include <errno.h>

struct engine {
    /* *ret_state is the caller's, freed with `close`. A negative errno without a sentence: not here. */
    int (*open)(struct pass *pass, void **ret_state);
    /* Starts operations `first` to `first + n - 1`; some may still be under way afterwards. */
    int (*run)(void *state, struct pass *pass, uint64_t first, uint64_t n, struct vms_error *error);
    /* Waits until none is under way. */
    int (*drain)(void *state, struct pass *pass, struct vms_error *error);
    /* Waits for what is still under way, whatever comes of it, and frees the state. */
    void (*close)(void *state);
};

extern const struct engine engine_sync;  /* pread and pwrite, one at a time */
extern const struct engine engine_uring; /* io_uring, queue_depth at a time */

/* After a transfer that was not whole: `result` is what it moved of the block at `offset`, or its negative
 * errno. Moves the rest, so that all of it is moved or the reason comes to light; an error is returned at
 * once. */
static inline int engine_finish(const struct pass *pass, bool is_write, unsigned char *block, ssize_t result,
                                uint64_t offset, struct vms_error *error) {
    const struct target *target = pass->target;
    uint64_t done = result < 0 ? 0 : (uint64_t)result;

    if (result < 0 && result != -EINTR && result != -EAGAIN)
        return failure_io(error, (int)result, is_write ? "writing" : "reading", target->path, offset);
    return target_transfer(target, is_write, block + done, pass->job->block_size - done, offset + done,
                           error);
}

#endif
