/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Big pieces of memory for the arrays that are measured, and what they were really given. */
#ifndef VMSUITE_MODULES_SHARED_MEMORY_REGION_H
#define VMSUITE_MODULES_SHARED_MEMORY_REGION_H

#include <vmsuite/module.h>

/* What kind of pages is asked for. */
enum region_pages {
    REGION_SYSTEM, /* what the system gives to a program that does not ask */
    REGION_SMALL,  /* no huge pages: MADV_NOHUGEPAGE */
    REGION_THP,    /* transparent huge pages: MADV_HUGEPAGE */
    REGION_HUGETLB /* from the pool of huge pages: MAP_HUGETLB */
};

struct region {
    void *start;  /* aligned to 2 MiB; no page of it has been touched */
    size_t bytes; /* usable from `start` */
    void *map;    /* what was mapped: more, to align the start */
    size_t map_bytes;
};

/* Maps at least `bytes` of private memory. -ENOMEM names the size and `what` it was for; -ENOTSUP: the pool
 * of huge pages is too small, or the kernel has none. */
int region_map(size_t bytes, enum region_pages pages, const char *what, struct region *ret_region,
               struct vms_error *error);

/* Touches every page in order: the kernel gives huge pages more readily than where touches come at random. */
void region_touch(const struct region *region);

/* Gives the memory back; an empty region is left alone. */
void region_unmap(struct region *region);

/* The part of the region's touched memory that lies in huge pages, 0 to 1, from /proc/self/smaps (proc(5)).
 * Negative errno as a number below 0 where that cannot be read. */
double region_huge_part(const struct region *region);

/* Writes where the pages are, "node 0: 75 %, node 1: 25 %", from up to 1,024 of them (move_pages(2)), or why
 * that cannot be determined. */
void region_format_nodes(const struct region *region, char *text, size_t size);

#endif
