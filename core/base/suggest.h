/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "did you mean": the nearest of the names that were possible. */
#ifndef VMSUITE_CORE_BASE_SUGGEST_H
#define VMSUITE_CORE_BASE_SUGGEST_H

#include <stddef.h>

/* The candidate with the smallest Damerau-Levenshtein distance (optimal string alignment, case ignored), if
 * it is within a third of the word's length, at least 1 and at most 4 edits; else the only candidate that
 * begins with the word, of 3 letters or more; else NULL. Borrowed. */
const char *suggest_nearest(const char *word, const char *const *candidates, size_t n_candidates);

/* The same as a phrase that ends a sentence, "; did you mean \"NEAREST\"?", or "" where nothing is near
 * enough. Returns `ret_phrase`. */
#define SUGGEST_SIZE 160
const char *suggest_phrase(const char *word, const char *const *candidates, size_t n_candidates,
                           char ret_phrase[static SUGGEST_SIZE]);

/* The candidates as a sentence has them, "auto, plain or none", cut to fit. Returns `ret_list`. */
#define SUGGEST_SENTENCE_SIZE 400
const char *suggest_list(const char *const *candidates, size_t n_candidates,
                         char ret_list[static SUGGEST_SENTENCE_SIZE]);

/* What to say of a word that is not one of the candidates: "must be one of auto, plain or none, not \"pain\";
 * did you mean \"plain\"?", cut to fit. Returns `ret_sentence`. */
const char *suggest_choices(const char *word, const char *const *candidates, size_t n_candidates,
                            char ret_sentence[static SUGGEST_SENTENCE_SIZE]);

#endif
