/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pass.h"

#include "failure.h"
#include "pace.h"

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

/* A write that moved less than a block: goes on where it ended, so that the reason comes to light. */
static int finish_write(const struct target *target, const unsigned char *block, uint64_t done,
                        uint64_t length, uint64_t offset, struct vms_error *error) {
    while (done < length) {
        ssize_t put = pwrite(target->fd, block + done, length - done, (off_t)(offset + done));

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return failure_io(error, -errno, "writing", target->path, offset + done);
        done += (uint64_t)put;
    }
    return 0;
}

static int write_blocks(const struct job *job, const struct target *target, struct pool *pool, uint64_t first,
                        uint64_t n, uint64_t generation, struct vms_error *error) {
    uint64_t slot = first % pool->n_slots;

    for (uint64_t offset = first * job->block_size; n > 0; n--, offset += job->block_size) {
        const unsigned char *block = pool_stamp(pool, slot, offset, generation);
        ssize_t put = pwrite(target->fd, block, job->block_size, (off_t)offset);

        if (put != (ssize_t)job->block_size) {
            int status =
                finish_write(target, block, put < 0 ? 0 : (uint64_t)put, job->block_size, offset, error);

            if (status < 0)
                return status;
        }
        slot = slot + 1 < pool->n_slots ? slot + 1 : 0;
    }
    return 0;
}

static int read_blocks(const struct job *job, const struct target *target, struct pool *pool, uint64_t first,
                       uint64_t n, struct vms_error *error) {
    for (uint64_t offset = first * job->block_size; n > 0; n--, offset += job->block_size) {
        ssize_t got = pread(target->fd, pool->bytes, job->block_size, (off_t)offset);

        if (got < 0)
            return failure_io(error, -errno, "reading", target->path, offset);
        if (got != (ssize_t)job->block_size)
            return failure_set(error, -EIO, "reading %s at byte %" PRIu64 " gave %zd bytes of %" PRIu64,
                               target->path, offset, got, job->block_size);
    }
    return 0;
}

int pass_write(const struct job *job, const struct target *target, struct pool *pool, uint64_t generation,
               double *ret_seconds, struct vms_error *error) {
    uint64_t begun_ns = job->host->now(job->host->context);
    struct pace pace;
    int status = 0;

    pace_start(&pace, job->host, target);
    for (uint64_t block = 0, n; status == 0 && block < job->n_blocks; block += n) {
        n = job->n_blocks - block < pace.batch ? job->n_blocks - block : pace.batch;
        status = write_blocks(job, target, pool, block, n, generation, error);
        if (status == 0)
            status = pace_look(&pace, error);
    }
    if (status == 0 && job->sync == JOB_SYNC_FDATASYNC && fdatasync(target->fd) < 0)
        status = failure_io(error, -errno, "flushing", target->path, 0);
    if (status == 0)
        *ret_seconds = (double)(job->host->now(job->host->context) - begun_ns) / 1e9;
    return status;
}

int pass_read(const struct job *job, const struct target *target, struct pool *pool, double *ret_seconds,
              struct vms_error *error) {
    uint64_t begun_ns = job->host->now(job->host->context);
    struct pace pace;
    int status = 0;

    pace_start(&pace, job->host, NULL);
    for (uint64_t block = 0, n; status == 0 && block < job->n_blocks; block += n) {
        n = job->n_blocks - block < pace.batch ? job->n_blocks - block : pace.batch;
        status = read_blocks(job, target, pool, block, n, error);
        if (status == 0)
            status = pace_look(&pace, error);
    }
    if (status == 0)
        *ret_seconds = (double)(job->host->now(job->host->context) - begun_ns) / 1e9;
    return status;
}
