/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the figures of runs to the effects of a table: docs/method.md. The rows of a table share their runs,
 * so that together they tell how far runs differ, and how far they differ in step.
 */
#ifndef VMSUITE_CORE_STATS_EFFECTS_TABLE_EFFECTS_H
#define VMSUITE_CORE_STATS_EFFECTS_TABLE_EFFECTS_H

#include "stats/effects/effect.h"
#include "stats/runs/moderation.h"

#include <stdbool.h>

/* A row of a table. */
struct effect_row {
    /* Borrowed: figures of each run of either side (0: baseline), NaN where a run has none. Logarithms. */
    const double *runs[2];
    /* Variance that the noise within a run gives the run's figure, used where a side has one run. */
    struct variance noise[2];
    struct shift_prior prior;   /* likewise, where nothing was learned: */
    struct variance learned[2]; /* of a run's figure, from earlier runs; `df` of 0: nothing */
};

struct effect_table {
    const struct effect_row *rows;
    size_t n_rows;
    size_t n_runs[2];
    /* run i of either side is of round i, and there are so many on both sides; 0: not in turn */
    size_t rounds;
};

/* One effect a row: the mean over the runs of side 1, less that of side 0; NaN where a side has no run.
 * -ENOMEM. */
int table_effects(const struct effect_table *table, struct effect *ret_effects);

#endif
