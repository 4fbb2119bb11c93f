/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The data that is written: prepared blocks, of which each sector carries a stamp.
 *
 * A sector is 512 bytes, the smallest unit that a disk writes whole. Its stamp holds the sector's place, the
 * generation (which pass over the file wrote it) and a checksum over both and the rest of the sector. So a
 * sector that is stale, misplaced or damaged gives itself away, and so does a torn block, which is made of
 * sectors of two generations. Stamping a sector costs a few nanoseconds: the rest of it is prepared once. */
#ifndef VMSUITE_MODULES_BLOCK_TARGET_POOL_H
#define VMSUITE_MODULES_BLOCK_TARGET_POOL_H

#include <stdint.h>
#include <string.h>
#include <vmsuite/module.h>

#define POOL_SECTOR 512u
#define POOL_ALIGNMENT 4096u /* of the memory: enough for every device's direct transfers */

struct pool_stamp {
    uint64_t offset; /* of the sector, in the file; first: runner/device/content.c knows our data by it */
    uint64_t generation;
    uint64_t checksum;
};

struct pool {
    unsigned char *bytes;   /* n_slots blocks, aligned to POOL_ALIGNMENT */
    uint64_t *sums;         /* of each sector's part behind the stamp */
    unsigned char *landing; /* min_slots blocks to read into, so that the prepared ones stay as they are */
    uint64_t block_size;
    uint64_t n_slots;
    uint64_t seed;
};

/* Prepares blocks to write, and `min_slots` to read into: at least `min_slots`, and at least 1 MiB of them,
 * so that data repeats only after more bytes than any compressing file system searches. `compressible`: zeros
 * behind the stamps, else noise from `seed`. -ENOMEM. Freed by pool_done. */
int pool_init(struct pool *ret_pool, uint64_t block_size, uint64_t min_slots, bool compressible,
              uint64_t seed, struct vms_error *error);
/* Bytes that pool_init will allocate. */
uint64_t pool_size(uint64_t block_size, uint64_t min_slots);
void pool_done(struct pool *pool);

/* What a stamp says of a sector. */
enum pool_verdict { POOL_GOOD, POOL_STALE, POOL_MISPLACED, POOL_DAMAGED };

/* Judges a sector that was read from `offset` and should be of `generation`; *ret_stamp is what it carries
 * (meaningless where the sector is damaged). */
enum pool_verdict pool_judge(const unsigned char *sector, uint64_t offset, uint64_t generation, uint64_t seed,
                             struct pool_stamp *ret_stamp);

/* The finaliser of splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014). */
static inline uint64_t pool_mix(uint64_t x) {
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static inline uint64_t pool_checksum(uint64_t offset, uint64_t generation, uint64_t seed, uint64_t sum) {
    return pool_mix(offset ^ seed ^ generation * UINT64_C(0x9e3779b97f4a7c15)) ^ sum;
}

/* Stamps the block in `slot` for its place and generation, and returns it. */
static inline unsigned char *pool_stamp(struct pool *pool, uint64_t slot, uint64_t offset,
                                        uint64_t generation) {
    unsigned char *block = pool->bytes + slot * pool->block_size;
    const uint64_t *sums = pool->sums + slot * (pool->block_size / POOL_SECTOR);

    for (uint64_t at = 0; at < pool->block_size; at += POOL_SECTOR) {
        struct pool_stamp stamp = {.offset = offset + at, .generation = generation};

        stamp.checksum = pool_checksum(stamp.offset, generation, pool->seed, *sums++);
        memcpy(block + at, &stamp, sizeof(stamp));
    }
    return block;
}

#endif
