/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file that is written: a new one in the case's scratch folder, gone when the trial ends. */
#ifndef VMSUITE_BLOCK_TARGET_H
#define VMSUITE_BLOCK_TARGET_H

#include "job.h"

#include <limits.h>

struct target {
    int fd; /* -1: not open */
    char path[PATH_MAX];
    uint64_t reserve; /* bytes of the file system that stay free whatever happens */
};

/* Says whether the scratch folder has room for the file and the reserve (a twentieth of the file system, at
 * most 1 GiB), and whether it takes the case's kind of transfers. -ENOSPC; -ENOTSUP: O_DIRECT or the block
 * size with it. Leaves nothing behind. */
int target_probe(const struct job *job, struct vms_error *error);

/* Checks the space and creates the file, opened for reading and writing as the job says (O_DIRECT, O_DSYNC).
 * A file that exists is never opened, a link never followed. *ret_target is undone by target_done. */
int target_create(const struct job *job, struct target *ret_target, struct vms_error *error);

/* -ENOSPC where something has eaten into the reserve since. */
int target_watch_space(const struct target *target, struct vms_error *error);

/* Closes and removes the file. */
void target_done(struct target *target);

#endif
