/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "block/target/target.h"

#include "block/target/device.h"
#include "block/target/failure.h"
#include "block/target/pool.h"
#include "shared/case/report.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define RESERVE_MAX (UINT64_C(1) << 30)
#define RESERVE_PART 20
#define FLUSH_PIECE (UINT64_C(8) << 20)

/* What file systems without an end report (S3 and its like) has more bytes than there are numbers. */
static uint64_t bytes_of(fsblkcnt_t blocks, unsigned long size) {
    uint64_t bytes;

    return __builtin_mul_overflow((uint64_t)blocks, (uint64_t)size, &bytes) ? UINT64_MAX : bytes;
}

static int check_space(const struct job *job, uint64_t *ret_reserve, struct vms_error *error) {
    struct statvfs space;
    struct rlimit limit;
    uint64_t available, part, reserve;

    /* A write beyond this limit would not fail but end the process (SIGXFSZ). */
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
        limit.rlim_cur < job->bytes)
        return report_error(error, -EFBIG,
                            "files are limited to %" PRIu64 " bytes (ulimit -f), this one needs %" PRIu64,
                            (uint64_t)limit.rlim_cur, job->bytes);
    if (statvfs(job->host->scratch, &space) < 0)
        return report_error(error, -errno, "%s: its file system cannot be asked for space: %s",
                            job->host->scratch, strerror(errno));
    if (space.f_blocks ==
        0) { /* a file system without a size of its own (ramfs) has nothing to compare with */
        *ret_reserve = 0;
        return 0;
    }
    part = bytes_of(space.f_blocks, space.f_frsize) / RESERVE_PART;
    reserve = part < RESERVE_MAX ? part : RESERVE_MAX;
    available = bytes_of(space.f_bavail, space.f_frsize);
    if (available < reserve || available - reserve < job->bytes)
        return report_error(error, -ENOSPC,
                            "%s: %" PRIu64 " bytes are free, the file needs %" PRIu64 " and %" PRIu64
                            " stay in reserve: free some space or choose a smaller file_size",
                            job->host->scratch, available, job->bytes, reserve);
    *ret_reserve = reserve;
    return 0;
}

int target_watch_space(const struct target *target, struct vms_error *error) {
    struct statvfs space;
    uint64_t available;

    if (target->is_device)
        return 0;
    if (fstatvfs(target->fd, &space) < 0)
        return failure_io(error, -errno, "watching the space of", target->path, 0);
    available = bytes_of(space.f_bavail, space.f_frsize);
    if (available >= target->reserve / 2)
        return 0;
    return report_error(error, -ENOSPC,
                        "%s: only %" PRIu64 " bytes are still free, the reserve is %" PRIu64
                        ": something else is filling the disk",
                        target->path, available, target->reserve);
}

static int create_file(const struct job *job, int flags, struct target *target, struct vms_error *error) {
    int length = snprintf(target->path, sizeof(target->path), "%s/block.data", job->host->scratch);
    int status;

    if (length < 0 || (size_t)length >= sizeof(target->path))
        return report_error(error, -ENAMETOOLONG, "%s: the scratch folder's name is too long",
                            job->host->scratch);
    status = check_space(job, &target->reserve, error);
    if (status < 0)
        return status;
    target->fd = open(target->path, flags | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (target->fd >= 0)
        return 0;
    status = -errno;
    if (status != -EINVAL || !job->direct)
        return failure_io(error, status, "creating", target->path, 0);
    (void)unlink(target->path); /* Linux makes the file before it refuses the flag */
    return report_error(error, -ENOTSUP, "the file system of %s does not support direct transfers (O_DIRECT)",
                        job->host->scratch);
}

int target_open(const struct job *job, struct target *ret_target, struct vms_error *error) {
    struct target target = {.fd = -1, .is_device = job->device[0] != '\0'};
    int flags = O_RDWR | (job->direct ? O_DIRECT : 0) | (job->sync == JOB_SYNC_DSYNC ? O_DSYNC : 0);
    int status;

    if (target.is_device) {
        (void)snprintf(target.path, sizeof(target.path), "%s", job->device);
        status = device_open(job, flags, &target.fd, error);
    } else {
        status = create_file(job, flags, &target, error);
    }
    if (status == 0)
        *ret_target = target;
    return status;
}

/* Some file systems take the flag but not every size of transfer. */
static int try_direct(const struct job *job, const struct target *target, struct vms_error *error) {
    void *block = NULL;
    ssize_t moved;
    int status;

    if (posix_memalign(&block, POOL_ALIGNMENT, job->block_size) != 0)
        return report_error(error, -ENOMEM, "no memory for a block of %" PRIu64 " bytes", job->block_size);
    memset(block, 0, job->block_size);
    moved = target->is_device ? pread(target->fd, block, job->block_size, 0)
                              : pwrite(target->fd, block, job->block_size, 0);
    status = moved < 0 ? -errno : 0;
    free(block);
    if (status == -EINVAL)
        return report_error(error, -ENOTSUP,
                            "the device of %s does not accept direct transfers of %" PRIu64
                            " bytes: choose a multiple of its sector size (4096 fits all)",
                            target->path, job->block_size);
    return status < 0 ? failure_io(error, status, "trying a direct transfer with", target->path, 0) : 0;
}

int target_probe(const struct job *job, struct vms_error *error) {
    struct target target;
    int status = target_open(job, &target, error);

    if (status < 0)
        return status;
    if (job->direct)
        status = try_direct(job, &target, error);
    target_done(&target);
    return status;
}

/* The first block of a file that is made for this only and removed again; of a device, nothing is touched. */
int target_look(const struct job *job, struct medium *ret_medium, struct vms_error *error) {
    struct target target;
    void *block = NULL;
    int status = target_open(job, &target, error);

    if (status < 0)
        return status;
    if (!target.is_device && posix_memalign(&block, POOL_ALIGNMENT, job->block_size) != 0)
        status = report_error(error, -ENOMEM, "no memory for a block of %" PRIu64 " bytes", job->block_size);
    if (status == 0 && block) {
        memset(block, 1, job->block_size);
        if (write(target.fd, block, job->block_size) < 0)
            status = failure_io(error, -errno, "writing", target.path, 0);
    }
    if (status == 0)
        medium_look(target.fd, ret_medium);
    free(block);
    target_done(&target);
    return status;
}

int target_transfer(const struct target *target, bool is_write, unsigned char *bytes, uint64_t length,
                    uint64_t offset, struct vms_error *error) {
    while (length > 0) {
        ssize_t moved = is_write ? pwrite(target->fd, bytes, length, (off_t)offset)
                                 : pread(target->fd, bytes, length, (off_t)offset);

        if (moved < 0 && errno == EINTR)
            continue;
        if (moved < 0)
            return failure_io(error, -errno, is_write ? "writing" : "reading", target->path, offset);
        if (moved == 0)
            return report_error(error, -EIO, "%s ends at byte %" PRIu64 ": less than was written",
                                target->path, offset);
        bytes += moved;
        offset += (uint64_t)moved;
        length -= (uint64_t)moved;
    }
    return 0;
}

/* What systems answer that do not have sync_file_range, or not for this file system. */
static bool is_missing(int number) {
    return number == ENOSYS || number == EPERM || number == EINVAL || number == EOPNOTSUPP ||
           number == ESPIPE;
}

int target_flush(const struct job *job, const struct target *target, struct vms_error *error) {
    const unsigned all = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    const struct vms_host *host = job->host;

    /* Each piece is begun before the last one is waited for, so that the device never idles. An error is
     * reported once only: fdatasync would not report it again. */
    for (uint64_t offset = 0; offset < job->bytes; offset += FLUSH_PIECE) {
        uint64_t next = offset + FLUSH_PIECE;

        if (sync_file_range(target->fd, (off_t)next, FLUSH_PIECE, SYNC_FILE_RANGE_WRITE) < 0 ||
            sync_file_range(target->fd, (off_t)offset, FLUSH_PIECE, all) < 0) {
            if (is_missing(errno))
                break; /* the call below does it in one piece, which cannot be stopped */
            return failure_io(error, -errno, "flushing", target->path, offset);
        }
        if (host->should_stop(host->context))
            return report_error(error, -ECANCELED, "stopped while flushing %s", target->path);
    }
    if (fdatasync(target->fd) < 0)
        return failure_io(error, -errno, "flushing", target->path, 0);
    return 0;
}

void target_done(struct target *target) {
    if (target->fd < 0)
        return;
    (void)close(target->fd);
    if (!target->is_device)
        (void)unlink(target->path);
    target->fd = -1;
}
