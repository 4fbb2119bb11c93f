/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a figure shows the speed of: judged by what was observed of the file and the page cache, never by what
 * was asked for. */
#ifndef VMSUITE_MODULES_BLOCK_WHOSE_H
#define VMSUITE_MODULES_BLOCK_WHOSE_H

#include "block/target/cache.h"
#include "block/target/job.h"

/* Reports the fact `write_figure`. `after` is what was in memory after the pass; looked at where the job is a
 * direct one. */
int whose_write(const struct job *job, const struct cache_count *after, struct vms_error *error);

/* Reports the fact `read_figure`. `count` is what was in memory before the pass, of a direct job after it. */
int whose_read(const struct job *job, const struct cache_count *count, struct vms_error *error);

/* Reports the fact `direct_used` of a direct job: whether the file system went past the page cache. */
int whose_direct(const struct job *job, const struct cache_count *after, struct vms_error *error);

/* Where data came from that was read when `count` was in memory: "the device", "the page cache",
 * "memory", ... */
const char *whose_source(const struct job *job, const struct cache_count *count);

#endif
