/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much memory this process may still take without swapping or reaching its cgroup's limit. */
#ifndef VMSUITE_MODULES_SHARED_MEMORY_ROOM_H
#define VMSUITE_MODULES_SHARED_MEMORY_ROOM_H

#include <stdint.h>

struct room {
    uint64_t bytes;     /* the smallest of all limits, less a reserve of an eighth for everything else */
    const char *source; /* what set it: "free memory", "cgroup limit" or "address space limit"; static */
};

/* Reads MemAvailable (proc(5)), the limits of the process's cgroup and of those above it (version 1 and 2,
 * Documentation/admin-guide/cgroup-v2.rst) and RLIMIT_AS. `root` is put before each path ("" here). What
 * cannot be read sets no limit. */
void room_read(const char *root, struct room *ret_room);

#endif
