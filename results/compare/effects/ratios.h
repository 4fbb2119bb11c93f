/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of one other side whose figures have logarithms, while they are measured. */
#ifndef VMSUITE_RESULTS_COMPARE_EFFECTS_RATIOS_H
#define VMSUITE_RESULTS_COMPARE_EFFECTS_RATIOS_H

#include "compare/collect/collected.h"
#include "stats/effects/table_effects.h"

struct learned;

struct ratios {
    struct comparison *comparison;
    size_t other, n_runs[2];
    size_t rounds; /* that both sides share, and the runs are pairs; 0: they are not */
    /* owned: of the other side's runs, among its figures: beside the baseline's run of the round */
    size_t *places;
    bool tested;  /* the rows that are tested, or those that are only shown: these are mostly the same figures
                     under other names, and would count twice in what the rows tell together */
    size_t *rows; /* owned: indices */
    size_t n_rows;
    double *figures; /* owned: of each row all runs of the baseline, then those of the other side: logarithms,
                        positive is worse; NaN where a run has none */
    struct variance *noise;         /* owned: of a run's figure, as run_noise_variances has it */
    struct effect_row *effect_rows; /* owned */
    struct effect *effects;         /* owned */
    const struct learned *learned;  /* borrowed: of both sides (learned.h) */
};

/* What a run may be off by in a resource, where one run does not show it. */
struct shift_prior ratios_prior(const struct comparison *comparison, const char *resource);

/* The effect of figures that are 0 or negative, on differences of run means (zeros.c). */
void compare_measure_difference(const struct ratios *ratios, struct compare_row *row,
                                const struct row_series *pair);

/* Adds the answers of the side, from its tested rows. -ENOMEM. */
int compare_measure_resources(const struct ratios *ratios);

#endif
