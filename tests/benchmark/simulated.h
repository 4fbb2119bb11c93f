/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records drawn from a model of noise, as their view has them, for a comparison. */
#ifndef VMSUITE_TESTS_SIMULATED_H
#define VMSUITE_TESTS_SIMULATED_H

#include "compare/comparison/comparison.h"

#include <gsl/gsl_rng.h>

#define SIMULATED_RUNS_MAX 30
#define SIMULATED_TRIALS_MAX 100
#define SIMULATED_SIDES_MAX 6

/* The members that simulate_verdicts takes; its head says what they are. */
struct model {
    double tables, rows, runs, other_runs, sides, trials, other_trials, resources, seed, cv, other_noise,
        shift, round, trend, in_turn, loss, lossy, constant, zero, missing, failed, lower, looks, show;
    const char *noise, *kind, *shape, *figures;
};

/* A table of a model: what its runs are off by. Runs are drawn from the table's seed, each by itself, so that
 * a table with more runs begins with those of one with fewer. */
struct simulated {
    const struct model *model;
    gsl_rng *random; /* owned */
    unsigned long seed;
    double rounds[SIMULATED_RUNS_MAX]; /* what all sides of a round share */
    double *row_shifts;                /* owned: standard deviation of each row's runs */
    json_t *
        /* borrowed: a list that takes {"side", "run", "set", "cases": [{"row", "values"}]} for each run,
         * where what failed is null; NULL: nobody wants it */
        drawn;
};

/* Zeroed before the first table. */
void simulated_begin(struct simulated *table, const struct model *model, unsigned long seed);
void simulated_done(struct simulated *table);

/* Whether the row has the model's loss on that side. */
bool simulated_is_lossy(const struct model *model, size_t row, size_t side);

/* How many runs a side has. */
size_t simulated_runs(const struct model *model, size_t side);

/* Adds the records of a side; up to `runs` of them. */
int simulated_add_side(struct simulated *table, struct comparison *comparison, size_t side, size_t runs,
                       struct vms_error *error);

#endif
