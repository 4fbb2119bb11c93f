/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables whose runs were made in turn: what both sides of a round share cancels in their difference. */
#ifndef VMSUITE_CORE_STATS_EFFECTS_TABLE_PAIRS_H
#define VMSUITE_CORE_STATS_EFFECTS_TABLE_PAIRS_H

#include "stats/effects/table_effects.h"

/* Fewer differences tell too little of how far they vary: where rounds share nothing, three find far fewer
 * losses as pairs than as runs (docs/method.md, Pairs). */
#define TABLE_PAIRS_MIN 4

/*
 * The effects of the rows that have all runs of both sides, from the differences of the rounds: Student's t
 * of one sample, moderated over the rows and with what the rows share, as in table_effects. `table` has as
 * many runs on one side as on the other, TABLE_PAIRS_MIN or more; run i of a side is of the same round as run
 * i of the other. Other rows, and those whose differences are all the same, are left as they are. -ENOMEM.
 */
int table_pairs(const struct effect_table *table, struct effect *ret_effects);

#endif
