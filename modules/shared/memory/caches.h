/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The last level of cache, as hwloc sees it. */
#ifndef VMSUITE_MODULES_SHARED_MEMORY_CACHES_H
#define VMSUITE_MODULES_SHARED_MEMORY_CACHES_H

#include <hwloc.h>
#include <vmsuite/module.h>

struct caches {
    uint64_t last_level; /* bytes, of all last-level caches together, as far as they are plausible */
    unsigned count;      /* how many there are of that level */
    unsigned level;      /* 1 to 5; 0: assumed */
    char source[128]; /* "hwloc", with what was cut off; or "assumed" where hwloc sees none (some guests hide
                            them) */
};

/* The most of a last-level cache that a processor (a hardware thread) is believed to have for itself. Guests of a
 * few processors see the whole cache of a large host, which others use too, or see it once for each processor. No
 * processor that is sold has more (Milan-X: 48 MiB a core of two threads). */
#define CACHES_SHARE_MAX (UINT64_C(32) << 20)

/* What is assumed where no cache can be seen. */
#define CACHES_ASSUMED (UINT64_C(32) << 20)

/* Adds up the data or unified caches of the highest level that any allowed processor has, up to
 * CACHES_SHARE_MAX for each of them; `source` says so where that cuts something off. */
void caches_read(hwloc_topology_t topology, struct caches *ret_caches);

/* What caches_read finds on this machine, for an estimate: where the topology cannot be read, what is
 * assumed. */
uint64_t caches_guess(void);

/* Loads the topology of what this process may use. -ENOMEM, -EIO; the caller destroys it. */
int caches_load_topology(hwloc_topology_t *ret_topology, struct vms_error *error);

#endif
