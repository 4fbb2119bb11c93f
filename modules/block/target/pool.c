/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "block/target/pool.h"

#include "shared/case/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define POOL_LEAST (UINT64_C(1) << 20)

/* Over the part of a sector behind its stamp. */
static uint64_t sum_body(const unsigned char *sector) {
    uint64_t sum = 0, word;

    for (size_t at = sizeof(struct pool_stamp); at < POOL_SECTOR; at += sizeof(word)) {
        memcpy(&word, sector + at, sizeof(word));
        sum = ((sum << 5 | sum >> 59) ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    }
    return pool_mix(sum);
}

static void fill_noise(unsigned char *bytes, uint64_t size, uint64_t seed) {
    for (uint64_t at = 0; at < size; at += sizeof(uint64_t)) {
        uint64_t word = pool_mix(seed += UINT64_C(0x9e3779b97f4a7c15));

        memcpy(bytes + at, &word, sizeof(word));
    }
}

static uint64_t count_slots(uint64_t block_size, uint64_t min_slots) {
    uint64_t slots = (POOL_LEAST + block_size - 1) / block_size;

    return slots > min_slots ? slots : min_slots;
}

uint64_t pool_size(uint64_t block_size, uint64_t min_slots) {
    uint64_t n_slots = count_slots(block_size, min_slots);

    return (n_slots + min_slots) * block_size + n_slots * (block_size / POOL_SECTOR) * sizeof(uint64_t);
}

int pool_init(struct pool *ret_pool, uint64_t block_size, uint64_t min_slots, bool compressible,
              uint64_t seed, struct vms_error *error) {
    uint64_t n_slots = count_slots(block_size, min_slots);
    uint64_t size = n_slots * block_size;
    uint64_t landing_size = min_slots * block_size;
    void *bytes = NULL;
    uint64_t *sums = malloc(size / POOL_SECTOR * sizeof(*sums));

    if (!sums || posix_memalign(&bytes, POOL_ALIGNMENT, size + landing_size) != 0) {
        free(sums);
        return report_error(error, -ENOMEM, "no memory for %" PRIu64 " bytes of data to write",
                            size + landing_size);
    }
    memset((unsigned char *)bytes + size, 0, landing_size);
    if (compressible)
        memset(bytes, 0, size);
    else
        fill_noise(bytes, size, seed);
    for (uint64_t sector = 0; sector < size / POOL_SECTOR; sector++)
        sums[sector] = sum_body((unsigned char *)bytes + sector * POOL_SECTOR);
    *ret_pool = (struct pool){.bytes = bytes,
                              .landing = (unsigned char *)bytes + size,
                              .sums = sums,
                              .block_size = block_size,
                              .n_slots = n_slots,
                              .seed = seed};
    return 0;
}

void pool_done(struct pool *pool) {
    free(pool->bytes);
    free(pool->sums);
    *pool = (struct pool){0};
}

enum pool_verdict pool_judge(const unsigned char *sector, uint64_t offset, uint64_t generation, uint64_t seed,
                             struct pool_stamp *ret_stamp) {
    memcpy(ret_stamp, sector, sizeof(*ret_stamp));
    if (ret_stamp->checksum !=
        pool_checksum(ret_stamp->offset, ret_stamp->generation, seed, sum_body(sector)))
        return POOL_DAMAGED;
    if (ret_stamp->offset != offset)
        return POOL_MISPLACED;
    return ret_stamp->generation == generation ? POOL_GOOD : POOL_STALE;
}
