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

/* How much of one last-level cache is believed. Guests of a few processors see the whole cache of a large
 * host, which others use too, or see it once for each processor: of that, this much for each processor (a
 * hardware thread) that shares it. A cache up to the size of a stacked die may belong to a single one (EPYC
 * with 3D V-Cache: 96 MiB for as few cores as are switched on). The fact cpu.llc_total_bytes takes the
 * same. */
#define CACHES_SHARE_MAX (UINT64_C(32) << 20)
#define CACHES_WHOLE_MAX (UINT64_C(96) << 20)

/* What is assumed where no cache can be seen. */
#define CACHES_ASSUMED (UINT64_C(32) << 20)

/* Adds up the data or unified caches of the highest level that any allowed processor has, each as far as it
 * is believed; `source` says so where that cuts something off. */
void caches_read(hwloc_topology_t topology, struct caches *ret_caches);

/* What caches_read finds on this machine, for an estimate: where the topology cannot be read, what is
 * assumed. */
uint64_t caches_guess(void);

/* Loads the topology of what this process may use. -ENOMEM, -EIO; the caller destroys it. */
int caches_load_topology(hwloc_topology_t *ret_topology, struct vms_error *error);

#endif
