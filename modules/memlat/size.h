/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How large a chase is. */
#ifndef VMSUITE_MODULES_MEMLAT_SIZE_H
#define VMSUITE_MODULES_MEMLAT_SIZE_H

#include "shared/memory/room.h"

#include <vmsuite/module.h>

#define SIZE_CACHES 4       /* times the last-level caches: well beyond them */
#define SIZE_CACHES_LEAST 2 /* what is still beyond them, where memory is short */
#define SIZE_LEAST_LINES 64

struct size {
    uint64_t bytes; /* whole lines */
    char rule[120]; /* where the size comes from, in words */
};

/* What a size depends on. */
struct size_need {
    uint64_t wanted;     /* bytes of a chain, or 0: as many as the caches make necessary */
    uint64_t last_level; /* bytes of the last-level caches together */
    size_t line_bytes;
    unsigned chains;
};

/* Whether `wanted` is 0 or enough for a chase. -EINVAL. */
int size_check(uint64_t wanted, size_t line_bytes, struct vms_error *error);

/* The size that size_decide will probably decide on, for an estimate; `line_bytes` is not looked at. */
uint64_t size_guess(const struct size_need *need);

/* The size of each chain: `wanted`, or SIZE_CACHES times `last_level`, less where the room does not allow it,
 * but SIZE_CACHES_LEAST times at the least. -EINVAL: fewer than SIZE_LEAST_LINES lines. -ENOMEM: does not
 * fit; the sizes are named. */
int size_decide(const struct size_need *need, const struct room *room, struct size *ret_size,
                struct vms_error *error);

#endif
