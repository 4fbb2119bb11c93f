/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "did you mean": the nearest of the names that were possible. */
#ifndef VMSUITE_CORE_BASE_SUGGEST_H
#define VMSUITE_CORE_BASE_SUGGEST_H

#include <stddef.h>

/* The candidate with the smallest Damerau-Levenshtein distance (optimal string alignment, case ignored),
 * or NULL if none is within a third of the word's length, at least 1 and at most 4 edits. Borrowed. */
const char *suggest_nearest(const char *word, const char *const *candidates, size_t n_candidates);

#endif
