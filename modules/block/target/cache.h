/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of a file the page cache holds. */
#ifndef VMSUITE_MODULES_BLOCK_TARGET_CACHE_H
#define VMSUITE_MODULES_BLOCK_TARGET_CACHE_H

#include "block/target/job.h"
#include "block/target/target.h"

struct cache_count {
    uint64_t resident, pages; /* in memory, and all of the file's */
    int refusal;              /* 0; or the negative errno with which the kernel refused to say: `resident`
                                 means nothing then */
};

/* Counts the file's pages that are in memory (mincore). That the kernel has no such call, or forbids it, is
 * no error: it is the count's `refusal`. */
int cache_look(const struct job *job, const struct target *target, struct cache_count *ret,
               struct vms_error *error);

/* Writes the file's dirty pages out, asks the kernel to forget all of them (posix_fadvise), and counts what
 * is left. Other files' pages stay. */
int cache_drop(const struct job *job, const struct target *target, struct cache_count *ret,
               struct vms_error *error);

/* Whether so few pages are in memory (one in a hundred at most) that reading goes to the device. */
bool cache_is_cold(const struct cache_count *count);

#endif
