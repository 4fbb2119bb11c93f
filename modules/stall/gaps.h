/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gaps in a row of looks at the clock: between two that should be next to each other something else ran. */
#ifndef VMSUITE_MODULES_STALL_GAPS_H
#define VMSUITE_MODULES_STALL_GAPS_H

#include <stddef.h>
#include <stdint.h>

#define GAPS_KEPT 16384 /* of one processor; of more, so many are drawn at random (Vitter's algorithm R) */

struct gaps {
    uint64_t threshold_ns;
    uint64_t count, total_ns, longest_ns; /* of those from the threshold on */
    uint64_t random;                      /* state of the drawing */
    double *kept;                         /* seconds; owned */
    size_t n_kept;
};

/* 0, or -ENOMEM. The room's pages are touched here, so that none is new while the clock is looked at. */
int gaps_init(struct gaps *gaps, uint64_t threshold_ns, uint64_t seed);
void gaps_done(struct gaps *gaps);

/* Counts a gap that reached the threshold. */
void gaps_add(struct gaps *gaps, uint64_t gap_ns);

#endif
