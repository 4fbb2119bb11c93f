/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verify.h"

#include "cache.h"
#include "failure.h"
#include "pace.h"
#include "pool.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#define CHUNK (UINT64_C(1) << 20)

/* One block, as its sectors look. */
struct tally {
    uint64_t counts[POOL_DAMAGED + 1];
    uint64_t first_bad; /* byte in the file */
    enum pool_verdict verdict;
    struct pool_stamp stamp; /* of the first bad sector */
};

static void judge_block(const unsigned char *block, const struct job *job, uint64_t offset,
                        uint64_t generation, uint64_t seed, struct tally *ret) {
    *ret = (struct tally){.verdict = POOL_GOOD};
    for (uint64_t at = 0; at < job->block_size; at += POOL_SECTOR) {
        struct pool_stamp stamp;
        enum pool_verdict verdict = pool_judge(block + at, offset + at, generation, seed, &stamp);

        ret->counts[verdict]++;
        if (verdict != POOL_GOOD && ret->verdict == POOL_GOOD) {
            ret->verdict = verdict;
            ret->first_bad = offset + at;
            ret->stamp = stamp;
        }
    }
}

static int report(const struct target *target, uint64_t block, const struct tally *tally,
                  struct vms_error *error) {
    const char *path = target->path;

    if (tally->verdict == POOL_STALE && tally->counts[POOL_GOOD] > 0)
        return failure_set(error, -EIO,
                           "block %" PRIu64 " of %s is torn: %" PRIu64
                           " of its sectors are of an older pass, the "
                           "first at byte %" PRIu64,
                           block, path, tally->counts[POOL_STALE], tally->first_bad);
    if (tally->verdict == POOL_STALE)
        return failure_set(error, -EIO,
                           "block %" PRIu64 " of %s is stale: byte %" PRIu64 " holds an older pass's data",
                           block, path, tally->first_bad);
    if (tally->verdict == POOL_MISPLACED)
        return failure_set(error, -EIO,
                           "block %" PRIu64 " of %s is misplaced: byte %" PRIu64
                           " holds the data of byte %" PRIu64,
                           block, path, tally->first_bad, tally->stamp.offset);
    return failure_set(error, -EIO,
                       "block %" PRIu64 " of %s is damaged: the checksum of the sector at byte %" PRIu64
                       " does not hold",
                       block, path, tally->first_bad);
}

static int read_chunk(const struct target *target, unsigned char *chunk, uint64_t length, uint64_t offset,
                      struct vms_error *error) {
    for (uint64_t done = 0; done < length;) {
        ssize_t got = pread(target->fd, chunk + done, length - done, (off_t)(offset + done));

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failure_io(error, -errno, "reading back", target->path, offset + done);
        if (got == 0)
            return failure_set(error, -EIO, "%s ends at byte %" PRIu64 ": less than was written",
                               target->path, offset + done);
        done += (uint64_t)got;
    }
    return 0;
}

static int verify_chunks(const struct job *job, const struct target *target, unsigned char *chunk,
                         uint64_t per_chunk, uint64_t generation, uint64_t seed, struct vms_error *error) {
    struct pace pace;
    struct tally tally;
    int status = 0;

    pace_start(&pace, job->host, NULL);
    for (uint64_t block = 0; status == 0 && block < job->n_blocks; block += per_chunk) {
        uint64_t n = job->n_blocks - block < per_chunk ? job->n_blocks - block : per_chunk;

        status = read_chunk(target, chunk, n * job->block_size, block * job->block_size, error);
        for (uint64_t i = 0; status == 0 && i < n; i++) {
            judge_block(chunk + i * job->block_size, job, (block + i) * job->block_size, generation, seed,
                        &tally);
            if (tally.verdict != POOL_GOOD)
                status = report(target, block + i, &tally, error);
        }
        if (status == 0)
            status = pace_look(&pace, error);
    }
    return status;
}

int verify_file(const struct job *job, const struct target *target, uint64_t generation, uint64_t seed,
                bool *ret_through_device, struct vms_error *error) {
    uint64_t per_chunk = job->block_size < CHUNK ? CHUNK / job->block_size : 1;
    uint64_t resident = 0, pages = 0;
    void *chunk = NULL;
    int status = 0;

    if (job->verify == JOB_VERIFY_DEVICE && !job->direct)
        status = cache_drop(job, target, &resident, &pages, error);
    if (status < 0)
        return status;
    if (posix_memalign(&chunk, POOL_ALIGNMENT, per_chunk * job->block_size) != 0)
        return failure_set(error, -ENOMEM, "no memory to read blocks back");
    status = verify_chunks(job, target, chunk, per_chunk, generation, seed, error);
    free(chunk);
    if (status == 0)
        *ret_through_device =
            job->direct || (job->verify == JOB_VERIFY_DEVICE && cache_is_cold(resident, pages));
    return status;
}
