/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gaps/gaps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int gaps_init(struct gaps *gaps, uint64_t threshold_ns, uint64_t seed) {
    *gaps = (struct gaps){.threshold_ns = threshold_ns, .random = seed | 1};
    gaps->kept = malloc(GAPS_KEPT * sizeof(*gaps->kept));
    if (!gaps->kept)
        return -ENOMEM;
    /* Not zero: zero pages would be mapped only when a gap is kept. */
    memset(gaps->kept, 0xff, GAPS_KEPT * sizeof(*gaps->kept));
    return 0;
}

void gaps_done(struct gaps *gaps) {
    free(gaps->kept);
    gaps->kept = NULL;
}

/* Marsaglia's xorshift64. */
static uint64_t draw(struct gaps *gaps, uint64_t below) {
    gaps->random ^= gaps->random << 13;
    gaps->random ^= gaps->random >> 7;
    gaps->random ^= gaps->random << 17;
    return gaps->random % below;
}

void gaps_add(struct gaps *gaps, uint64_t gap_ns) {
    size_t place = gaps->n_kept;

    gaps->count++;
    gaps->total_ns += gap_ns;
    if (gap_ns > gaps->longest_ns)
        gaps->longest_ns = gap_ns;
    if (!gaps->kept)
        return;
    if (gaps->n_kept < GAPS_KEPT)
        gaps->n_kept++;
    else
        place = (size_t)draw(gaps, gaps->count);
    if (place < GAPS_KEPT)
        gaps->kept[place] = 1e-9 * (double)gap_ns;
}
