/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The three arrays, the threads that share them, and one operation on them. */
#ifndef VMSUITE_MODULES_STREAM_ARRAYS_H
#define VMSUITE_MODULES_STREAM_ARRAYS_H

#include "shared/memory/place.h"
#include "shared/memory/region.h"
#include "stream/kernels.h"

enum operation { COPY, SCALE, ADD, TRIAD, OPERATIONS };

struct arrays {
    struct region region;
    double *a, *b, *c;
    size_t n; /* elements of each, a multiple of LINE */
    const struct kernels *kernels;
    struct place place;
};

/* Maps arrays of `bytes` each, binds the threads of `arrays->place` (the calling thread is the first of them)
 * and has each touch the part that it will work on. -ENOMEM, -ENOTSUP, -EAGAIN: not as many threads. */
int arrays_map(struct arrays *arrays, uint64_t bytes, enum region_pages pages, struct vms_error *error);

/* Gives all elements their first value. */
void arrays_fill(struct arrays *arrays);

/* Runs one operation over all elements, with all threads. */
void arrays_run(struct arrays *arrays, enum operation operation);

/* Gives the memory back; empty arrays are left alone. */
void arrays_done(struct arrays *arrays);

#endif
