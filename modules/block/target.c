/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target.h"

#include "failure.h"
#include "pool.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define RESERVE_MAX (UINT64_C(1) << 30)
#define RESERVE_PART 20

static int check_space(const struct job *job, uint64_t *ret_reserve, struct vms_error *error) {
    struct statvfs space;
    uint64_t available, part, reserve;

    if (statvfs(job->host->scratch, &space) < 0)
        return failure_set(error, -errno, "%s: its file system cannot be asked for space: %s",
                           job->host->scratch, strerror(errno));
    part = (uint64_t)space.f_blocks * space.f_frsize / RESERVE_PART;
    reserve = part < RESERVE_MAX ? part : RESERVE_MAX;
    available = (uint64_t)space.f_bavail * space.f_frsize;
    if (available < reserve || available - reserve < job->bytes)
        return failure_set(error, -ENOSPC,
                           "%s: %" PRIu64 " bytes are free, the file needs %" PRIu64 " and %" PRIu64
                           " stay in reserve: free some space or choose a smaller file_size",
                           job->host->scratch, available, job->bytes, reserve);
    *ret_reserve = reserve;
    return 0;
}

int target_watch_space(const struct target *target, struct vms_error *error) {
    struct statvfs space;
    uint64_t available;

    if (fstatvfs(target->fd, &space) < 0)
        return failure_io(error, -errno, "watching the space of", target->path, 0);
    available = (uint64_t)space.f_bavail * space.f_frsize;
    if (available >= target->reserve / 2)
        return 0;
    return failure_set(error, -ENOSPC,
                       "%s: only %" PRIu64 " bytes are still free, the reserve is %" PRIu64
                       ": something else is filling the disk",
                       target->path, available, target->reserve);
}

static int open_new(const struct job *job, struct target *target, struct vms_error *error) {
    int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    int saved;

    if (job->direct)
        flags |= O_DIRECT;
    if (job->sync == JOB_SYNC_DSYNC)
        flags |= O_DSYNC;
    target->fd = open(target->path, flags, 0600);
    if (target->fd >= 0)
        return 0;
    saved = errno;
    if (job->direct && saved == EINVAL) {
        (void)unlink(target->path); /* Linux creates the file before it refuses the flag */
        return failure_set(error, -ENOTSUP, "the file system of %s does not do direct transfers (O_DIRECT)",
                           job->host->scratch);
    }
    return failure_io(error, -saved, "creating", target->path, 0);
}

int target_create(const struct job *job, struct target *ret_target, struct vms_error *error) {
    struct target target = {.fd = -1};
    int status = check_space(job, &target.reserve, error);
    int length = snprintf(target.path, sizeof(target.path), "%s/block.data", job->host->scratch);

    if (status < 0)
        return status;
    if (length < 0 || (size_t)length >= sizeof(target.path))
        return failure_set(error, -ENAMETOOLONG, "%s: the scratch folder's name is too long",
                           job->host->scratch);
    status = open_new(job, &target, error);
    if (status == 0)
        *ret_target = target;
    return status;
}

/* Some file systems take the flag but not every size of transfer. */
static int try_direct(const struct job *job, const struct target *target, struct vms_error *error) {
    void *block = NULL;
    int status = 0;

    if (posix_memalign(&block, POOL_ALIGNMENT, job->block_size) != 0)
        return failure_set(error, -ENOMEM, "no memory for a block of %" PRIu64 " bytes", job->block_size);
    memset(block, 0, job->block_size);
    if (pwrite(target->fd, block, job->block_size, 0) < 0)
        status = -errno;
    free(block);
    if (status == -EINVAL)
        return failure_set(error, -ENOTSUP,
                           "the device under %s takes no direct transfers of %" PRIu64
                           " bytes: choose a multiple of its sector size (4096 fits all)",
                           job->host->scratch, job->block_size);
    return status < 0 ? failure_io(error, status, "trying a direct write to", target->path, 0) : 0;
}

int target_probe(const struct job *job, struct vms_error *error) {
    struct target target;
    int status = target_create(job, &target, error);

    if (status < 0)
        return status;
    if (job->direct)
        status = try_direct(job, &target, error);
    target_done(&target);
    return status;
}

void target_done(struct target *target) {
    if (target->fd < 0)
        return;
    (void)close(target->fd);
    (void)unlink(target->path);
    target->fd = -1;
}
