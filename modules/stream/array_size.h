/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How large the arrays are. */
#ifndef VMSUITE_MODULES_STREAM_ARRAY_SIZE_H
#define VMSUITE_MODULES_STREAM_ARRAY_SIZE_H

#include "shared/memory/caches.h"

#include <vmsuite/module.h>

#define ARRAY_SIZE_CACHES 4                   /* STREAM's rule: each array, times the last-level caches */
#define ARRAY_SIZE_LEAST (UINT64_C(64) << 10) /* bytes; less cannot be timed */

struct array_size {
    uint64_t bytes; /* of one array, a multiple of 64 */
    char rule[160]; /* where the size comes from, in words */
    struct caches caches;
};

/* What limits the arrays where it is not the memory: the parameter of that name. */
#define ARRAY_SIZE_LIMIT "memory_limit"

/* `wanted` bytes for each of three arrays; 0: ARRAY_SIZE_CACHES times all last-level caches, less where the
 * memory that is free does not allow it, but never less than those caches hold in all three together four
 * times over. All three together take `most` bytes at the most (0: what is free). -EINVAL: smaller than
 * ARRAY_SIZE_LEAST. -ENOMEM: does not fit; the sizes are named. -ENOTSUP: does not fit into `most`. */
int array_size_resolve(uint64_t wanted, uint64_t most, hwloc_topology_t topology, struct array_size *ret_size,
                       struct vms_error *error);

/* The size that array_size_resolve will probably decide on, for an estimate; 0: it does not fit into
 * `most`. */
uint64_t array_size_guess(uint64_t wanted, uint64_t most);

/* Whether `wanted` can be timed at all and is within `most`, whatever the machine. -EINVAL. */
int array_size_check(uint64_t wanted, uint64_t most, struct vms_error *error);

/* The decision itself, from the caches and the room (bytes that may be taken, and what limits them). */
int array_size_decide(uint64_t wanted, const struct caches *caches, uint64_t room, const char *limit,
                      struct array_size *ret_size, struct vms_error *error);

#endif
