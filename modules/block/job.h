/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A case's parameters, worked out. */
#ifndef VMSUITE_BLOCK_JOB_H
#define VMSUITE_BLOCK_JOB_H

#include <vmsuite/module.h>

enum job_sync { JOB_SYNC_NONE, JOB_SYNC_FDATASYNC, JOB_SYNC_DSYNC };
enum job_cache { JOB_CACHE_WARM, JOB_CACHE_COLD };
enum job_verify { JOB_VERIFY_DEVICE, JOB_VERIFY_CACHE };

struct job {
    const struct vms_host *host;
    uint64_t block_size; /* bytes, a multiple of POOL_SECTOR */
    uint64_t n_blocks;   /* whole blocks in the file */
    uint64_t bytes;      /* n_blocks * block_size */
    enum job_sync sync;
    bool direct;
    enum job_cache cache;
    bool compressible;
    enum job_verify verify;
};

#endif
