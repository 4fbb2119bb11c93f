/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The last level of cache, as hwloc sees it. */
#ifndef VMSUITE_MODULES_SHARED_MEMORY_CACHES_H
#define VMSUITE_MODULES_SHARED_MEMORY_CACHES_H

#include <hwloc.h>
#include <vmsuite/module.h>

struct caches {
    uint64_t last_level; /* bytes, of all last-level caches together */
    unsigned count;      /* how many there are of that level */
    unsigned level;      /* 1 to 5; 0: assumed */
    const char *source;  /* "hwloc", or "assumed" where hwloc sees none (some guests hide them) */
};

/* What is assumed where no cache can be seen. */
#define CACHES_ASSUMED (UINT64_C(32) << 20)

/* Adds up the data or unified caches of the highest level that any allowed processor has. */
void caches_read(hwloc_topology_t topology, struct caches *ret_caches);

/* What caches_read finds on this machine, for an estimate: where the topology cannot be read, what is
 * assumed. */
uint64_t caches_guess(void);

/* Loads the topology of what this process may use. -ENOMEM, -EIO; the caller destroys it. */
int caches_load_topology(hwloc_topology_t *ret_topology, struct vms_error *error);

#endif
