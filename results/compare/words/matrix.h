/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first screen: what each configuration costs in each resource. */
#ifndef VMSUITE_RESULTS_COMPARE_WORDS_MATRIX_H
#define VMSUITE_RESULTS_COMPARE_WORDS_MATRIX_H

#include "compare/comparison/comparison.h"

/* The answer for a resource and side, or NULL. */
const struct compare_answer *matrix_find(const struct comparison *comparison, size_t other,
                                         const char *resource);

/* "What each costs against native: 3 runs of each, 10 trials a run". Owned; NULL without memory. */
char *matrix_title(const struct comparison *comparison);

/* What costs what, in a sentence: "xen-pv against native: network 1.4x slower ±4%, CPU equal within 3%", and
 * of several configurations the answer that is worst: "Against native, xen-hvm costs most: network 7.9x
 * slower ±9%". Owned; NULL without memory. */
char *matrix_headline(const struct comparison *comparison);

/* "7 of 8 answers are sure." Owned; NULL without memory. */
char *matrix_count(const struct comparison *comparison);

/* Resources in the order of the columns; NULL beyond the last. */
const char *matrix_resource(size_t index);
/* As a heading: "CPU". */
const char *matrix_heading(const char *resource);

/* For a terminal: a table where it fits into `columns`, else a line for each answer. */
void matrix_write(FILE *file, const struct comparison *comparison, size_t columns, bool colour);

/* Whether the sentence of it belongs below the matrix: nothing is known for sure (undecided or unconfirmed),
 * or some cases are not in it. */
bool matrix_needs_sentence(const struct compare_answer *answer);

/* The escape sequence for a verdict. */
const char *matrix_colour(enum compare_verdict verdict);

#endif
