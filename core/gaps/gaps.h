/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gaps in a series of readings of the clock: where two readings that should follow each other closely do
 * not, something else ran. The rule that finds stalls is in this folder alone: for the facts about a machine,
 * and for the module stall, which is built with it. So it needs nothing but the C library and
 * <vmsuite/module.h>. */
#ifndef VMSUITE_CORE_GAPS_GAPS_H
#define VMSUITE_CORE_GAPS_GAPS_H

#include <stddef.h>
#include <stdint.h>

/* Gaps of one processor that are kept; of more, so many are drawn at random (Vitter's algorithm R). */
#define GAPS_KEPT 16384

struct gaps {
    uint64_t threshold_ns;
    uint64_t count, total_ns, longest_ns; /* of those from the threshold on */
    uint64_t random;                      /* state of the drawing */
    double *kept;                         /* seconds; owned; NULL: none is kept */
    size_t n_kept;
};

/* Makes room for GAPS_KEPT gaps, whose pages are touched here, so that none is new while the clock is read.
 * 0, or -ENOMEM. The caller frees with gaps_done. */
int gaps_init(struct gaps *gaps, uint64_t threshold_ns, uint64_t seed);
void gaps_done(struct gaps *gaps);

/* Counts a gap that reached the threshold. */
void gaps_add(struct gaps *gaps, uint64_t gap_ns);

#endif
