/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "block/layout.h"

#include "block/pass/pace.h"
#include "block/target/pool.h"

#define CHUNK (UINT64_C(1) << 20)

int layout_write(const struct job *job, const struct target *target, uint64_t generation, uint64_t seed,
                 struct vms_error *error) {
    uint64_t chunk = job->block_size < CHUNK ? CHUNK / job->block_size * job->block_size : job->block_size;
    struct pool pool;
    struct pace pace;
    int status = pool_init(&pool, chunk, 1, job->compressible, seed, error);

    if (status < 0)
        return status;
    pace_start(&pace, job->host, target);
    for (uint64_t offset = 0; status == 0 && offset < job->bytes; offset += chunk) {
        uint64_t length = job->bytes - offset < chunk ? job->bytes - offset : chunk;
        unsigned char *bytes = pool_stamp(&pool, offset / chunk % pool.n_slots, offset, generation);

        status = target_transfer(target, true, bytes, length, offset, error);
        if (status == 0)
            status = pace_look(&pace, error);
    }
    pool_done(&pool);
    return status == 0 ? target_flush(job, target, error) : status;
}
