/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A case's parameters, worked out. */
#ifndef VMSUITE_MODULES_BLOCK_TARGET_JOB_H
#define VMSUITE_MODULES_BLOCK_TARGET_JOB_H

#include "block/target/medium.h"

#include <vmsuite/module.h>

enum job_operation { JOB_WRITE, JOB_READ, JOB_REWRITE, JOB_RANDREAD, JOB_RANDWRITE, JOB_RANDRW };
enum job_engine { JOB_ENGINE_SYNC, JOB_ENGINE_URING };
enum job_submit { JOB_SUBMIT_BATCH, JOB_SUBMIT_EACH };
enum job_sync { JOB_SYNC_NONE, JOB_SYNC_FDATASYNC, JOB_SYNC_FSYNC, JOB_SYNC_DSYNC };
enum job_cache { JOB_CACHE_WARM, JOB_CACHE_COLD };
enum job_verify { JOB_VERIFY_DEVICE, JOB_VERIFY_CACHE };

struct job {
    const struct vms_host *host;
    enum job_operation operation;
    uint64_t block_size; /* bytes, a multiple of POOL_SECTOR */
    uint64_t n_blocks;   /* whole blocks in the file */
    uint64_t bytes;      /* n_blocks * block_size */
    uint64_t n_ops;      /* blocks that the operation moves, each of them once: 1 to n_blocks */
    enum job_engine engine;
    unsigned queue_depth; /* transfers in flight; 1 with the sync engine */
    enum job_submit submit;
    unsigned read_percent;
    enum job_sync sync;
    bool direct;
    enum job_cache cache;
    bool compressible;
    bool latency;
    enum job_verify verify;
    const char *device;   /* a block device instead of a file, or "" */
    struct medium medium; /* what lies under either; known once the case is prepared */
};

#endif
