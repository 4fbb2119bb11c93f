/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Big pieces of memory for the arrays that are measured. */
#ifndef VMSUITE_MODULES_REGION_H
#define VMSUITE_MODULES_REGION_H

#include <vmsuite/module.h>

struct region {
    void *start;  /* aligned to 2 MiB; no page of it has been touched */
    size_t bytes; /* usable from `start` */
    void *map;    /* what was mapped: more, to align the start */
    size_t map_bytes;
};

/* Maps at least `bytes` of private memory. -ENOMEM names the size and `what` it was for. */
int region_map(size_t bytes, const char *what, struct region *ret_region, struct vms_error *error);

/* Gives the memory back; an empty region is left alone. */
void region_unmap(struct region *region);

#endif
