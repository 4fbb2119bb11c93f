/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of a file the page cache holds. */
#ifndef VMSUITE_BLOCK_CACHE_H
#define VMSUITE_BLOCK_CACHE_H

#include "job.h"
#include "target.h"

/* Writes the file's dirty pages out and asks the kernel to forget all of them (posix_fadvise), then counts
 * those that are still there (mincore). Other files' pages stay. *ret_resident and *ret_pages are pages. */
int cache_drop(const struct job *job, const struct target *target, uint64_t *ret_resident,
               uint64_t *ret_pages, struct vms_error *error);

/* The same, and -ENOTSUP where more than one page in a hundred stays (as on tmpfs): a read would not be cold.
 */
int cache_drop_all(const struct job *job, const struct target *target, struct vms_error *error);

/* Whether so few are left that reading goes to the device. */
bool cache_is_cold(uint64_t resident, uint64_t pages);

#endif
