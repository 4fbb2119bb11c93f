/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of a table that share the shift of their runs: they are worth fewer rows than they look. */
#ifndef VMSUITE_CORE_STATS_EFFECTS_SHARED_SHIFT_H
#define VMSUITE_CORE_STATS_EFFECTS_SHARED_SHIFT_H

#include <stddef.h>

/* Gathers the deviations of rows' runs from their sides' means. */
struct shared_shift {
    double *products; /* owned: size * size, the sum of the rows' outer products */
    size_t size;      /* runs of both sides */
    size_t n_rows;
};

/* -ENOMEM. Freed with shared_shift_done, also after a failure. */
int shared_shift_init(struct shared_shift *shared, size_t size);
void shared_shift_done(struct shared_shift *shared);

/* Adds a row: `deviations` (one for each run) are scaled to length 1 in place; a row without any is passed
 * over. */
void shared_shift_add(struct shared_shift *shared, double *deviations);

/*
 * How many independent rows the rows are worth, from 1 (all shift in step) to their number. The mean squared
 * cosine between rows' deviations is 1 / df where they are independent, 1 where they move in step; `df` are
 * the effective degrees of freedom of a row. With few of them the cosine says little, so 1 / df^2 is added.
 */
double shared_shift_rows(const struct shared_shift *shared, double df);

#endif
