/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which processor each thread runs on. */
#ifndef VMSUITE_MODULES_SHARED_MEMORY_PLACE_H
#define VMSUITE_MODULES_SHARED_MEMORY_PLACE_H

#include <hwloc.h>
#include <vmsuite/module.h>

#define PLACE_MAX 4096 /* threads */
#define PLACE_FREE (-1)

struct place {
    unsigned threads;
    int cpus[PLACE_MAX]; /* the processor (as the kernel numbers them) of each thread, or PLACE_FREE */
};

/*
 * Resolves what a user wrote, for the processors that this process may use (the topology is that of
 * caches_load_topology):
 *   threads   "all" or "0": one for each processor; "cores": one for each core; "list": one for each
 *             processor of the list in `affinity`; or a number;
 *   affinity  "auto": "spread" where there is more than one NUMA node, so that threads stay by the memory
 *             that they touched, else "none"; "none": the kernel moves threads as it likes; "spread": as far
 *             apart as they go (hwloc_distrib); "compact": side by side; or a list of processors, "0,2-5",
 *             taken in turn.
 * -EINVAL with a sentence: none of these, or a processor that may not be used.
 */
int place_resolve(hwloc_topology_t topology, const char *threads, const char *affinity,
                  struct place *ret_place, struct vms_error *error);

/* Whether the two can be read at all, on whatever machine. -EINVAL. */
int place_check(const char *threads, const char *affinity, struct vms_error *error);

/* Binds the calling thread, the `thread`-th of the place. 0 or -errno. */
int place_bind(const struct place *place, unsigned thread);

/* The same for the first, with a sentence where it fails. */
int place_bind_first(const struct place *place, struct vms_error *error);

/* Where the calling thread may run, to be restored after it was bound. */
struct place_mask {
    unsigned long bits[128];
};
/* 0, or -errno with a sentence. */
int place_save(struct place_mask *ret_mask, struct vms_error *error);
/* 0 or -errno. */
int place_restore(const struct place_mask *mask);

/* Writes the processors as "0 2 4", or "none"; cut with "..." where there is no room. */
void place_format(const struct place *place, char *text, size_t size);

#endif
