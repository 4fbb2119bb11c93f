/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What places that work at the same time cost each other, in words and as JSON. */
#ifndef VMSUITE_RESULTS_COMPARE_WORDS_NEIGHBOURS_WORDS_H
#define VMSUITE_RESULTS_COMPARE_WORDS_NEIGHBOURS_WORDS_H

#include "compare/effects/neighbours.h"

#include <jansson.h>

/* "lu solve: 4.0x slower [3.9x, 4.1x]; kept of what each does alone: a 25%, b 75%; fairness 0.800". Owned;
 * NULL without memory. */
char *neighbours_sentence(const struct comparison *comparison, const struct compare_beside *beside);

/* "Beside 3 neighbours, against alone: what it costs the victim, a". Owned. */
char *neighbours_title(const struct comparison *comparison);

/* As comparison.schema.json has it. NULL without memory. */
json_t *neighbours_json(const struct comparison *comparison);

#endif
