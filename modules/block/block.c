/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * block - what a disk gives, as dd and fio measure it.
 *
 * The default is dd's way: a new file of whole blocks is written with one call for each, then read likewise,
 * each pass timed for itself. The other operations first lay a whole file out, flush it, and time themselves
 * upon it. Random ones move each block at most once, in a seeded order. After the times are taken the file is
 * read once more and every sector's stamp is checked, so that a figure of data that is not there cannot be.
 *
 * Without `sync` and `direct` writing figures are the page cache's, as dd's are: the facts `write_figure` and
 * `read_figure` say whose they are. Files are made in the scratch folder; `device` names a block device
 * instead, which the configuration must give up with `destroys`.
 */
#include "block/figures.h"
#include "block/target/target.h"
#include "block/trial.h"
#include "shared/case/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

enum {
    OPERATION,
    BLOCK_SIZE,
    FILE_SIZE,
    IO_SIZE,
    ENGINE,
    QUEUE_DEPTH,
    SUBMIT,
    READ_PERCENT,
    SYNC,
    DIRECT,
    CACHE,
    DATA,
    LATENCY,
    VERIFY,
    DEVICE
};

/* In the order of the enumerations of job.h. */
static const char *const operations[] = {"write", "read", "rewrite", "randread", "randwrite", "randrw", NULL};
static const char *const engines[] = {"sync", "io_uring", NULL};
static const char *const submits[] = {"batch", "each", NULL};
static const char *const syncs[] = {"none", "fdatasync", "fsync", "dsync", NULL};
static const char *const caches[] = {"warm", "cold", NULL};
static const char *const contents[] = {"random", "compressible", NULL};
static const char *const verifies[] = {"device", "cache", NULL};

static const struct vms_param params[] = {
    [OPERATION] =
        {"operation", VMS_CHOICE, "write", NULL, NULL, operations,
         "write: a new file is written, then read, and each is timed; the others work on an existing file: "
         "in order (read, rewrite) or at random (randread, randwrite, randrw).",
         VMS_ROLE_PLAIN},
    [BLOCK_SIZE] = {"block_size", VMS_BYTES, "512", "512", "64MiB", NULL,
                    "Bytes that one operation moves; a multiple of 512.", VMS_ROLE_SIZE},
    [FILE_SIZE] = {"file_size", VMS_BYTES, "128MB", "512", "16TiB", NULL,
                   "Bytes of the file, rounded down to whole blocks.", VMS_ROLE_SIZE},
    [IO_SIZE] =
        {"io_size", VMS_BYTES, "0", "0", "16TiB", NULL,
         "Bytes that the operation moves, at most `file_size`; 0: as many as the file has. A `write` always "
         "writes the whole file.",
         VMS_ROLE_SIZE},
    [ENGINE] = {"engine", VMS_CHOICE, "sync", NULL, NULL, engines,
                "sync: pread and pwrite, one at a time; io_uring: `queue_depth` at a time, or sync where the "
                "kernel refuses io_uring; the fact `engine_used` says which.",
                VMS_ROLE_PLAIN},
    [QUEUE_DEPTH] = {"queue_depth", VMS_COUNT, "32", "1", "1024", NULL,
                     "Operations in flight with io_uring; sync has one.", VMS_ROLE_PLAIN},
    [SUBMIT] =
        {"submit", VMS_CHOICE, "each", NULL, NULL, submits,
         "How operations are handed to io_uring: each: one call for each, as fio does by default, so that "
         "the device works while the next is prepared; batch: as many as have room with one call, which "
         "takes less processor time.",
         VMS_ROLE_PLAIN},
    [READ_PERCENT] = {"read_percent", VMS_COUNT, "50", "0", "100", NULL,
                      "The share of reads in randrw, in percent.", VMS_ROLE_PLAIN},
    [SYNC] =
        {"sync", VMS_CHOICE, "none", NULL, NULL, syncs,
         "none: left to the page cache; fdatasync, fsync: flushed at the end, within the time; dsync: each "
         "write is on the device when it returns.",
         VMS_ROLE_PLAIN},
    [DIRECT] = {"direct", VMS_BOOLEAN, "false", NULL, NULL, NULL, "Bypass the page cache (O_DIRECT).",
                VMS_ROLE_PLAIN},
    [CACHE] = {"cache", VMS_CHOICE, "warm", NULL, NULL, caches,
               "What an operation on an existing file finds in the page cache: warm: what is there; cold: "
               "nothing: the file is flushed and its pages are dropped.",
               VMS_ROLE_PLAIN},
    [DATA] = {"data", VMS_CHOICE, "random", NULL, NULL, contents,
              "random: does not compress; compressible: zeros but for a stamp in each sector.",
              VMS_ROLE_PLAIN},
    [LATENCY] = {"latency", VMS_BOOLEAN, "false", NULL, NULL, NULL,
                 "Time each operation (of more than a million, a million that are evenly spread).",
                 VMS_ROLE_PLAIN},
    [VERIFY] = {"verify", VMS_CHOICE, "device", NULL, NULL, verifies,
                "Where the check after the timing reads from: device: after flushing and dropping the file's "
                "pages; cache: without doing so.",
                VMS_ROLE_PLAIN},
    [DEVICE] =
        {"device", VMS_TEXT, "", NULL, NULL, NULL,
         "A block device to use instead of a file; all that is on it is destroyed, so the configuration "
         "must allow that with `destroys`; \"\": a file.",
         VMS_ROLE_PLACE},
};

static const struct vms_metric metrics[] = {
    [FIGURES_WRITE] = {"write", VMS_BYTES_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_LOCAL,
                       "Rate of writing, with the flush if `sync` asks for one.", VMS_ROLE_HEADLINE},
    [FIGURES_WRITE_TIME] = {"write_time", VMS_UNIT_SECONDS, VMS_LOWER, VMS_SCALAR, VMS_LOCAL,
                            "Time of the pass that writes; in randrw, of the whole pass.", VMS_ROLE_DERIVED},
    [FIGURES_READ] = {"read", VMS_BYTES_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_LOCAL, "Rate of reading.",
                      VMS_ROLE_HEADLINE},
    [FIGURES_READ_TIME] = {"read_time", VMS_UNIT_SECONDS, VMS_LOWER, VMS_SCALAR, VMS_LOCAL,
                           "Time of the pass that reads; in randrw, of the whole pass.", VMS_ROLE_DERIVED},
    [FIGURES_OPERATIONS] = {"operations", VMS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_LOCAL,
                            "Operations a second, both ways together; of `write` only those that write.",
                            VMS_ROLE_HEADLINE},
    [FIGURES_WRITE_LATENCY] = {"write_latency", VMS_UNIT_SECONDS, VMS_LOWER, VMS_DISTRIBUTION, VMS_LOCAL,
                               "Time from handing a write to the kernel until it is known to have ended.",
                               VMS_ROLE_PLAIN},
    [FIGURES_READ_LATENCY] = {"read_latency", VMS_UNIT_SECONDS, VMS_LOWER, VMS_DISTRIBUTION, VMS_LOCAL,
                              "Time from handing a read to the kernel until it is known to have ended.",
                              VMS_ROLE_PLAIN},
    [FIGURES_CPU] =
        {"cpu_per_gigabyte", VMS_UNIT_SECONDS, VMS_LOWER, VMS_SCALAR, VMS_LOCAL,
         "Processor time of this process, user and system, for each 10^9 bytes that the operation "
         "moved; write-back by kernel threads is not included.",
         VMS_ROLE_PLAIN},
};

static const struct vms_fact facts[] = {
    {"medium", VMS_ROLE_WORK, "What the file is stored on: device, memory, network or unknown."},
    {"medium_name", VMS_ROLE_PLAIN, "The file system, and the device where it has one."},
    {"file_bytes", VMS_ROLE_WORK, "Bytes of the file, whole blocks."},
    {"engine_used", VMS_ROLE_WORK, "How operations reached the kernel."},
    {"direct_used", VMS_ROLE_WORK,
     "Whether direct transfers bypassed the page cache, judged by what was in it."},
    {"write_figure", VMS_ROLE_PLAIN,
     "What the write figures show the speed of, such as a device or the page cache."},
    {"read_figure", VMS_ROLE_PLAIN,
     "What the read figures show the speed of, such as a device or the page cache."},
    {"cached_before", VMS_ROLE_VOLATILE, "Pages of the file that were in memory before it was overwritten."},
    {"latency_sampled", VMS_ROLE_PLAIN, "Which operations were timed, where not all were."},
    {"verified", VMS_ROLE_PLAIN, "What was checked after the times were taken, and where it was read from."},
};

static void read_values(const struct vms_host *host, const union vms_value *values, struct job *ret) {
    struct job job = {.host = host,
                      .operation = values[OPERATION].choice,
                      .block_size = values[BLOCK_SIZE].bytes,
                      .n_blocks = values[FILE_SIZE].bytes / values[BLOCK_SIZE].bytes,
                      .engine = values[ENGINE].choice,
                      .queue_depth = 1,
                      .submit = values[SUBMIT].choice,
                      .read_percent = (unsigned)values[READ_PERCENT].count,
                      .sync = values[SYNC].choice,
                      .direct = values[DIRECT].boolean,
                      .cache = values[CACHE].choice,
                      .compressible = values[DATA].choice == 1,
                      .latency = values[LATENCY].boolean,
                      .verify = values[VERIFY].choice,
                      .device = values[DEVICE].text};
    uint64_t wanted = values[IO_SIZE].bytes / job.block_size;

    job.bytes = job.n_blocks * job.block_size;
    job.n_ops = job.n_blocks;
    if (job.operation != JOB_WRITE && values[IO_SIZE].bytes > 0 && wanted < job.n_blocks)
        job.n_ops = wanted;
    if (job.engine == JOB_ENGINE_URING)
        job.queue_depth = (unsigned)values[QUEUE_DEPTH].count;
    *ret = job;
}

static int block_validate(const union vms_value *values, struct vms_error *error) {
    struct job job;

    read_values(NULL, values, &job);
    if (job.block_size % POOL_SECTOR != 0)
        return report_error(error, -EINVAL, "block_size %" PRIu64 " is not a multiple of %u", job.block_size,
                            POOL_SECTOR);
    if (job.n_blocks == 0)
        return report_error(error, -EINVAL, "file_size %" PRIu64 " is less than one block of %" PRIu64,
                            values[FILE_SIZE].bytes, job.block_size);
    if (job.n_ops == 0)
        return report_error(error, -EINVAL, "io_size %" PRIu64 " is less than one block of %" PRIu64,
                            values[IO_SIZE].bytes, job.block_size);
    return plan_check(&job, error);
}

static int block_probe(const struct vms_host *host, const union vms_value *values, struct vms_error *error) {
    int status = block_validate(values, error);
    struct job job;

    read_values(host, values, &job);
    return status == 0 ? target_probe(&job, error) : status;
}

static void block_cleanup(void *state) {
    struct trial_tools *tools = state;

    if (!tools)
        return;
    pool_done(&tools->pool);
    plan_done(&tools->plan);
    free(tools);
}

static int report_medium(const struct vms_host *host, const struct medium *medium, struct vms_error *error) {
    int status = report_fact(host, error, "medium", "%s", medium_kind_name(medium->kind));

    return status < 0 ? status : report_fact(host, error, "medium_name", "%s", medium->name);
}

static int block_prepare(const struct vms_host *host, const union vms_value *values, void **ret_state,
                         struct vms_error *error) {
    struct trial_tools *tools = calloc(1, sizeof(*tools));
    struct job job;
    int status;

    if (!tools)
        return report_error(error, -ENOMEM, "no memory");
    read_values(host, values, &job);
    status = pool_init(&tools->pool, job.block_size, job.queue_depth, job.compressible, host->seed, error);
    if (status == 0)
        status = plan_init(&tools->plan, &job, error);
    if (status == 0)
        status = target_look(&job, &tools->medium, error);
    if (status == 0)
        status = report_medium(host, &tools->medium, error);
    if (status < 0) {
        block_cleanup(tools);
        return status;
    }
    *ret_state = tools;
    return 0;
}

static int block_measure(const struct vms_host *host, const union vms_value *values, void *state,
                         struct vms_error *error) {
    struct job job;

    read_values(host, values, &job);
    job.medium = ((const struct trial_tools *)state)->medium;
    return trial_run(&job, state, error);
}

/* Rough figures of a small machine: 1.5 us a call and 1 GB/s through the page cache; 150 MB/s and 150 us an
 * operation with the device, 2 ms a synchronous one. */
static void block_estimate(const union vms_value *values, struct vms_estimate *ret) {
    struct job job;
    double ops, moved, cached_s, device_s;
    bool reads, touches_device;

    read_values(NULL, values, &job);
    ops = (double)job.n_ops;
    moved = ops * (double)job.block_size;
    cached_s = ops * 1.5e-6 + moved / 1e9;
    device_s = ops * 150e-6 / job.queue_depth + moved / 150e6;
    reads = job.operation == JOB_READ || job.operation == JOB_RANDREAD;
    touches_device = job.direct || (reads && job.cache == JOB_CACHE_COLD);
    ret->seconds = touches_device ? device_s : cached_s;
    if (!reads && job.sync == JOB_SYNC_DSYNC)
        ret->seconds += ops * 2e-3 / job.queue_depth;
    else if (!reads && job.sync != JOB_SYNC_NONE)
        ret->seconds += moved / 150e6;
    if (job.operation == JOB_WRITE) /* it is read too */
        ret->seconds += job.direct || job.cache == JOB_CACHE_COLD ? device_s : cached_s;
    else
        ret->seconds += (double)job.bytes / 150e6; /* the layout */
    if (job.verify == JOB_VERIFY_DEVICE || job.direct)
        ret->seconds += (job.operation == JOB_WRITE ? 2 : 1) * (double)job.bytes / 150e6;
    ret->disk = job.device[0] ? 0 : job.bytes;
    ret->memory = pool_size(job.block_size, job.queue_depth) + plan_size(&job);
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,
    .name = "block",
    .summary = "Disk: read and write blocks of a file as dd and fio do, and check every sector",
    .resource = VMS_DISK,
    .workload_version = 1,
    .needs = VMS_NEEDS_SCRATCH,
    .params = params,
    .n_params = VMS_LENGTH(params),
    .metrics = metrics,
    .n_metrics = VMS_LENGTH(metrics),
    .facts = facts,
    .n_facts = VMS_LENGTH(facts),
    .probe = block_probe,
    .prepare = block_prepare,
    .measure = block_measure,
    .cleanup = block_cleanup,
    .estimate = block_estimate,
    .validate = block_validate,
};
