/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Block devices: opened only when the user has given up exactly this one and nobody uses it. */
#ifndef VMSUITE_MODULES_BLOCK_TARGET_DEVICE_H
#define VMSUITE_MODULES_BLOCK_TARGET_DEVICE_H

#include "block/target/job.h"

/* Opens job->device with `flags`. Refused before it is opened: -EPERM unless host->destroys is the very same
 * path; -EINVAL unless that path is a block device itself or a link to one in /dev/disk; -EBUSY where it or a
 * partition of it has a user (users.h). It is opened exclusively, so that the kernel refuses what these
 * checks cannot see (another mount namespace). -ENOSPC: it is smaller than the job. */
int device_open(const struct job *job, int flags, int *ret_fd, struct vms_error *error);

#endif
