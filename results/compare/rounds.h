/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs that were made in turn: one of each configuration in each round of a set (vmsuite run --runs). */
#ifndef VMSUITE_RESULTS_COMPARE_ROUNDS_H
#define VMSUITE_RESULTS_COMPARE_ROUNDS_H

#include "compare/compare.h"

/* The round of a run; `run` is 0 where the record belongs to no set. */
struct compare_round {
    char set[37]; /* the set's id */
    size_t run;   /* from 1 */
};

/* Notes the round of the side's next run, from its record without cases. -ENOMEM. */
int rounds_add(struct compare_side *side, const json_t *head);

/*
 * Finds for each run of `other` the baseline's run of its round: ret_places (room for the runs of `other`). Returns
 * the number of rounds where both sides have the same, each once; else 0, with ret_places as runs come.
 */
size_t rounds_match(const struct comparison *comparison, size_t other, size_t *ret_places);

/* Warns of sides that share rounds with the baseline, but cannot be compared in pairs. -ENOMEM. */
int rounds_warn(struct comparison *comparison);

#endif
