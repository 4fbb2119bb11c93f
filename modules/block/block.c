/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * block - what a file on the scratch folder's disk gives, as dd measures it.
 *
 * A trial makes a new file of whole blocks, each written by one call, then reads it the same way, each pass
 * timed for itself. After the times are taken the file is read once more and every sector of it is checked.
 * Without `sync` and `direct` the figures are the page cache's, as dd's are: the facts `write_figure` and
 * `read_figure` say whose they are.
 */
#include "cache.h"
#include "failure.h"
#include "pass.h"
#include "pool.h"
#include "target.h"
#include "verify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

enum { BLOCK_SIZE, FILE_SIZE, SYNC, DIRECT, CACHE, DATA, VERIFY };
static const char *const syncs[] = {"none", "fdatasync", "dsync", NULL};
static const char *const caches[] = {"warm", "cold", NULL};
static const char *const contents[] = {"random", "compressible", NULL};
static const char *const verifies[] = {"device", "cache", NULL};

static const struct vms_param params[] = {
    [BLOCK_SIZE] = {"block_size", VMS_BYTES, "512", "512", "64MiB", NULL,
                    "Bytes that one call moves; a multiple of 512."},
    [FILE_SIZE] = {"file_size", VMS_BYTES, "128MB", "512", "16TiB", NULL,
                   "Bytes of the file; what is over a whole number of blocks is left out."},
    [SYNC] =
        {"sync", VMS_CHOICE, "none", NULL, NULL, syncs,
         "none: the page cache keeps what it likes; fdatasync: flushed at the end, inside the time; dsync: "
         "each write is on the device when it returns."},
    [DIRECT] = {"direct", VMS_BOOLEAN, "false", NULL, NULL, NULL, "Go past the page cache (O_DIRECT)."},
    [CACHE] = {"cache", VMS_CHOICE, "warm", NULL, NULL, caches,
               "warm: read what the page cache still holds; cold: flush the file and drop its pages before "
               "reading."},
    [DATA] = {"data", VMS_CHOICE, "random", NULL, NULL, contents,
              "random: does not compress; compressible: zeros but for a stamp in each sector."},
    [VERIFY] = {"verify", VMS_CHOICE, "device", NULL, NULL, verifies,
                "Where the check after the timed passes reads from: device: after flushing and dropping the "
                "file's pages; cache: without."},
};

enum { WRITE, WRITE_TIME, READ, READ_TIME };
static const struct vms_metric metrics[] = {
    [WRITE] = {"write", VMS_BYTES_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_LOCAL,
               "Rate of writing the file, with the flush if `sync` asks for one."},
    [WRITE_TIME] = {"write_time", VMS_UNIT_SECONDS, VMS_LOWER, VMS_SCALAR, VMS_LOCAL,
                    "Time to write the file."},
    [READ] = {"read", VMS_BYTES_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_LOCAL, "Rate of reading the file."},
    [READ_TIME] = {"read_time", VMS_UNIT_SECONDS, VMS_LOWER, VMS_SCALAR, VMS_LOCAL, "Time to read the file."},
};

static void read_values(const struct vms_host *host, const union vms_value *values, struct job *ret) {
    *ret = (struct job){.host = host,
                        .block_size = values[BLOCK_SIZE].bytes,
                        .n_blocks = values[FILE_SIZE].bytes / values[BLOCK_SIZE].bytes,
                        .sync = values[SYNC].choice,
                        .direct = values[DIRECT].boolean,
                        .cache = values[CACHE].choice,
                        .compressible = values[DATA].choice == 1,
                        .verify = values[VERIFY].choice};
    ret->bytes = ret->n_blocks * ret->block_size;
}

static int block_probe(const struct vms_host *host, const union vms_value *values, struct vms_error *error) {
    struct job job;

    read_values(host, values, &job);
    if (job.block_size % POOL_SECTOR != 0)
        return failure_set(error, -EINVAL, "block_size %" PRIu64 " is not a multiple of %u", job.block_size,
                           POOL_SECTOR);
    if (job.n_blocks == 0)
        return failure_set(error, -EINVAL, "file_size %" PRIu64 " is less than one block of %" PRIu64,
                           values[FILE_SIZE].bytes, job.block_size);
    return target_probe(&job, error);
}

static void tell_facts(const struct job *job, bool verified_through_device) {
    const struct vms_host *host = job->host;
    char bytes[32];

    (void)snprintf(bytes, sizeof(bytes), "%" PRIu64, job->bytes);
    (void)host->fact(host->context, "file_bytes", bytes);
    (void)host->fact(host->context, "write_figure",
                     job->direct                       ? "device (direct)"
                     : job->sync == JOB_SYNC_DSYNC     ? "device (each write is synchronous)"
                     : job->sync == JOB_SYNC_FDATASYNC ? "device (flushed inside the time)"
                                                       : "page cache");
    (void)host->fact(host->context, "read_figure",
                     job->direct                    ? "device (direct)"
                     : job->cache == JOB_CACHE_COLD ? "device (no page was cached)"
                                                    : "page cache");
    (void)host->fact(host->context, "verified",
                     verified_through_device ? "from the device" : "from the page cache");
}

/* The passes over a file that is there, with its pool. */
static int run_passes(const struct job *job, const struct target *target, struct pool *pool,
                      struct vms_error *error) {
    const struct vms_host *host = job->host;
    uint64_t generation = host->now(host->context); /* differs from that of all that was here before */
    double write_s, read_s;
    bool through_device;
    int status = pass_write(job, target, pool, generation, &write_s, error);

    if (status == 0 && job->cache == JOB_CACHE_COLD && !job->direct)
        status = cache_drop_all(job, target, error);
    if (status == 0)
        status = pass_read(job, target, pool, &read_s, error);
    if (status == 0)
        status = verify_file(job, target, generation, pool->seed, &through_device, error);
    if (status < 0)
        return status;
    tell_facts(job, through_device);
    (void)host->sample(host->context, WRITE, (double)job->bytes / write_s);
    (void)host->sample(host->context, WRITE_TIME, write_s);
    (void)host->sample(host->context, READ, (double)job->bytes / read_s);
    (void)host->sample(host->context, READ_TIME, read_s);
    return 0;
}

static int block_measure(const struct vms_host *host, const union vms_value *values, void *state,
                         struct vms_error *error) {
    struct job job;
    struct pool pool;
    struct target target;
    int status;

    (void)state;
    read_values(host, values, &job);
    status = pool_init(&pool, job.block_size, 1, job.compressible, host->seed, error);
    if (status < 0)
        return status;
    status = target_create(&job, &target, error);
    if (status == 0) {
        status = run_passes(&job, &target, &pool, error);
        target_done(&target);
    }
    pool_done(&pool);
    return status;
}

/* Rough figures of a small machine: 1.5 us a call, 1 GB/s through the page cache, 150 MB/s to the device, 100
 * us a direct transfer, 2 ms a synchronous one. */
static void block_estimate(const union vms_value *values, struct vms_estimate *ret) {
    struct job job;
    double blocks, bytes, device_s, call_s;

    read_values(NULL, values, &job);
    blocks = (double)job.n_blocks;
    bytes = (double)job.bytes;
    device_s = bytes / 150e6;
    call_s = blocks * 1.5e-6 + bytes / 1e9;
    ret->seconds = 2 * call_s;
    if (job.sync == JOB_SYNC_DSYNC)
        ret->seconds += blocks * 2e-3;
    if (job.direct)
        ret->seconds += 2 * (blocks * 1e-4 + device_s);
    else if (job.sync != JOB_SYNC_NONE || job.cache == JOB_CACHE_COLD || job.verify == JOB_VERIFY_DEVICE)
        ret->seconds += 2 * device_s;
    ret->disk = job.bytes;
    ret->memory = pool_size(job.block_size, 1);
}

VMS_EXPORT const struct vms_module vms_module_v1 = {
    .abi_major = VMS_ABI_MAJOR,
    .abi_minor = VMS_ABI_MINOR,
    .size = sizeof(struct vms_module),
    .name = "block",
    .summary = "Disk: write and read a file block by block, as dd does, and check every sector",
    .resource = VMS_DISK,
    .workload_version = 1,
    .needs = VMS_NEEDS_SCRATCH,
    .params = params,
    .n_params = VMS_LENGTH(params),
    .metrics = metrics,
    .n_metrics = VMS_LENGTH(metrics),
    .probe = block_probe,
    .measure = block_measure,
    .estimate = block_estimate,
};
