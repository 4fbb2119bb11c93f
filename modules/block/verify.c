/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "block/verify.h"

#include "block/pass/pace.h"
#include "block/target/cache.h"
#include "shared/case/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define CHUNK (UINT64_C(1) << 20)

/* One block, as its sectors look. */
struct tally {
    uint64_t n_good, n_bad;
    enum pool_verdict verdict; /* on the first bad sector, which lies at byte `offset` of the file */
    uint64_t offset;
    struct pool_stamp stamp; /* and carries this */
};

static struct tally judge_block(const unsigned char *block, uint64_t size, uint64_t offset,
                                uint64_t generation, uint64_t seed) {
    struct tally tally = {.verdict = POOL_GOOD};

    for (uint64_t at = 0; at < size; at += POOL_SECTOR) {
        struct pool_stamp stamp;
        enum pool_verdict verdict = pool_judge(block + at, offset + at, generation, seed, &stamp);

        if (verdict == POOL_GOOD) {
            tally.n_good++;
        } else if (tally.n_bad++ == 0) {
            tally.verdict = verdict;
            tally.offset = offset + at;
            tally.stamp = stamp;
        }
    }
    return tally;
}

static int report(const struct target *target, uint64_t block, const struct tally *tally, uint64_t generation,
                  struct vms_error *error) {
    const char *age = tally->stamp.generation < generation ? "an older" : "a newer";
    const char *path = target->path;

    if (tally->verdict == POOL_STALE && tally->n_good > 0)
        return report_error(error, -EIO,
                            "block %" PRIu64 " of %s is torn: %" PRIu64 " of its %" PRIu64
                            " sectors are not of the pass that wrote it, byte %" PRIu64 " is of %s one",
                            block, path, tally->n_bad, tally->n_bad + tally->n_good, tally->offset, age);
    if (tally->verdict == POOL_STALE)
        return report_error(error, -EIO,
                            "block %" PRIu64 " of %s is stale: byte %" PRIu64 " holds the data of %s pass",
                            block, path, tally->offset, age);
    if (tally->verdict == POOL_MISPLACED)
        return report_error(error, -EIO,
                            "block %" PRIu64 " of %s is misplaced: byte %" PRIu64
                            " holds the data of byte %" PRIu64,
                            block, path, tally->offset, tally->stamp.offset);
    return report_error(error, -EIO,
                        "block %" PRIu64 " of %s is damaged: the checksum of the sector at byte %" PRIu64
                        " does not hold",
                        block, path, tally->offset);
}

/* Blocks that were read together. */
struct chunk {
    const unsigned char *bytes;
    uint64_t first, n;
};

static int judge_chunk(const struct job *job, const struct target *target, const struct chunk *chunk,
                       const struct verify_expectation *expected, struct vms_error *error) {
    const unsigned char *bytes = chunk->bytes;

    for (uint64_t block = chunk->first; block < chunk->first + chunk->n; block++, bytes += job->block_size) {
        uint64_t generation = plan_wrote(expected->plan, block) ? expected->generation : expected->laid_out;
        struct tally tally =
            judge_block(bytes, job->block_size, block * job->block_size, generation, expected->seed);

        if (tally.verdict != POOL_GOOD)
            return report(target, block, &tally, generation, error);
    }
    return 0;
}

static int verify_chunks(const struct job *job, const struct target *target, unsigned char *bytes,
                         uint64_t per_chunk, const struct verify_expectation *expected,
                         struct vms_error *error) {
    struct pace pace;
    int status = 0;

    pace_start(&pace, job->host, NULL);
    for (uint64_t block = 0; status == 0 && block < job->n_blocks; block += per_chunk) {
        uint64_t n = job->n_blocks - block < per_chunk ? job->n_blocks - block : per_chunk;

        status = target_transfer(target, false, bytes, n * job->block_size, block * job->block_size, error);
        if (status == 0)
            status = judge_chunk(job, target, &(struct chunk){bytes, block, n}, expected, error);
        if (status == 0)
            status = pace_look(&pace, error);
    }
    return status;
}

int verify_file(const struct job *job, const struct target *target, const struct verify_expectation *expected,
                struct cache_count *ret_left, struct vms_error *error) {
    uint64_t per_chunk = job->block_size < CHUNK ? CHUNK / job->block_size : 1;
    bool drops = job->verify == JOB_VERIFY_DEVICE && !job->direct;
    struct cache_count left;
    void *chunk = NULL;
    int status = drops ? cache_drop(job, target, &left, error) : cache_look(job, target, &left, error);

    if (status < 0)
        return status;
    if (posix_memalign(&chunk, POOL_ALIGNMENT, per_chunk * job->block_size) != 0)
        return report_error(error, -ENOMEM, "no memory to read blocks back");
    status = verify_chunks(job, target, chunk, per_chunk, expected, error);
    free(chunk);
    if (status == 0)
        *ret_left = left;
    return status;
}
