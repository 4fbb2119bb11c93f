/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far a side's single run may be off, learned from the earlier runs in a store. */
#ifndef VMSUITE_RESULTS_COMPARE_EFFECTS_LEARNED_H
#define VMSUITE_RESULTS_COMPARE_EFFECTS_LEARNED_H

#include "compare/effects/ratios.h"

/* With fewer degrees of freedom (runs less their groups) the assumption knows more. */
#define LEARNED_DF_MIN 4

/* The earlier runs of a side, in the rows of a table. Zeroed: none. */
struct learned {
    struct earlier_run *runs; /* owned: all of them, in the order of their numbers; `log` has no meaning */
    size_t n_runs;
    /* owned: of each row all runs, signed as those of struct ratios; NaN where a run has none */
    double *figures;
};

/* Reads them for each side that has one run, where there is a store. -errno; a sentence of the store's is in
 * the comparison's `trouble`. The caller frees with learned_done, also after a failure. */
int learned_read(const struct ratios *ratios, struct learned ret_learned[2]);
void learned_done(struct learned learned[2]);

/* The variance of a run's figure in a row, or of its mean over rows (indices into the table's), and from how
 * many runs it is known. `df` is 0 where that is too little. -ENOMEM. */
int learned_variance(const struct learned *learned, const size_t *rows, size_t n_rows,
                     struct variance *ret_variance, size_t *ret_runs);

/* Sets both sides' variances of a row of effects; returns how many runs the lesser of them comes from, 0
 * where a side with one run has none. */
int learned_set(const struct learned learned[2], const size_t n_runs[2], const size_t *rows, size_t n_rows,
                struct effect_row *row, size_t *ret_earlier);

/* What single runs know, as a sentence among the warnings. -ENOMEM. */
int learned_warn(struct comparison *comparison);

#endif
