/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The values of a series over all of its runs. */
#ifndef VMSUITE_RESULTS_COMPARE_EFFECTS_POOL_H
#define VMSUITE_RESULTS_COMPARE_EFFECTS_POOL_H

#include "compare/collect/collected.h"

/* What is taken of a series with more values: a description takes no more memory and time than this, and more
 * values would not change the digits that are shown. */
#define POOL_VALUES_MAX ((size_t)1 << 17)

struct pool {
    double *values; /* owned */
    size_t n;
};

/* Reads a series back. Where it has more than POOL_VALUES_MAX values, a run that has more than its share of
 * them gives a selection at random, which depends on `seed` alone. Freed with pool_done, also after a
 * failure. */
int pool_read(struct pool *pool, const struct spill *spill, const struct series *series, uint64_t seed);
void pool_done(struct pool *pool);

#endif
