/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is written and read: a new file in the case's scratch folder, gone when the trial ends, or a block
 * device that the user has given up. */
#ifndef VMSUITE_MODULES_BLOCK_TARGET_TARGET_H
#define VMSUITE_MODULES_BLOCK_TARGET_TARGET_H

#include "block/target/job.h"

#include <limits.h>

struct target {
    int fd; /* -1: not open */
    char path[PATH_MAX];
    bool is_device;
    uint64_t reserve; /* bytes of the file system that stay free whatever happens */
};

/* Whether the target can be made and takes the job's kind of transfers. -ENOSPC: no room; -ENOTSUP: O_DIRECT,
 * or the block size with it; for devices as device_open. Leaves nothing behind and writes to no device. */
int target_probe(const struct job *job, struct vms_error *error);

/* Opens the target for reading and writing as the job says (O_DIRECT, O_DSYNC). A file: first there must be
 * room for it and a reserve (a twentieth of the file system, at most 1 GiB); one that exists is never opened,
 * a link never followed. *ret_target is undone by target_done. */
int target_open(const struct job *job, struct target *ret_target, struct vms_error *error);

/* Finds out what lies under the target, by a block in a file that is gone afterwards. Errors as for
 * target_open. */
int target_look(const struct job *job, struct medium *ret_medium, struct vms_error *error);

/* Reads into or writes from `bytes` until all `length` of them are moved. -EIO where the target ends before
 * that, or what the system said, with a sentence that names the byte. */
int target_transfer(const struct target *target, bool is_write, unsigned char *bytes, uint64_t length,
                    uint64_t offset, struct vms_error *error);

/* Makes all that was written durable, outside of any time that is taken: in pieces, so that it can be stopped
 * (-ECANCELED) on a disk that takes minutes over it. */
int target_flush(const struct job *job, const struct target *target, struct vms_error *error);

/* -ENOSPC where half of the reserve is gone: something else fills the disk. */
int target_watch_space(const struct target *target, struct vms_error *error);

/* Closes, and removes the file. */
void target_done(struct target *target);

#endif
