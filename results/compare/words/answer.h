/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answers of a comparison as sentences. */
#ifndef VMSUITE_RESULTS_COMPARE_WORDS_ANSWER_H
#define VMSUITE_RESULTS_COMPARE_WORDS_ANSWER_H

#include "compare/comparison/comparison.h"

/* Sets the sentences of the answers. */
int compare_answer(struct comparison *comparison);

#endif
