/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs that were made in turn: one of each configuration in each round of a set (vmsuite run --runs). */
#ifndef VMSUITE_RESULTS_COMPARE_COLLECT_ROUNDS_H
#define VMSUITE_RESULTS_COMPARE_COLLECT_ROUNDS_H

#include "compare/comparison/comparison.h"

/* The round of a run; `run` is 0 where the record belongs to no set. */
struct compare_round {
    char set[37];   /* the set's id */
    size_t run, of; /* from 1 */
    size_t looks; /* after each round from this one on, save the last, the set was compared; 0: it was not */
    double error; /* of all looks and the comparison at the end together */
};

/* Notes the round of the side's next run. -ENOMEM. -EINVAL with a sentence where it cannot be so. */
int rounds_add(struct compare_side *side, const struct view_run_set *set, const char *path,
               struct vms_error *error);

/*
 * The error that verdicts may have where sets of runs were compared while they were made
 * (core/stats/effects/sequential.h). A set that has fewer rounds than it was to have may have ended because
 * its last look was sure of every answer: ret_errors[0] is what that look had. Where that does not make it
 * sure, it ended for another reason, and [1], what the looks before left, may be spent. Equal where nothing
 * depends on it.
 */
void rounds_errors(const struct comparison *comparison, double ret_errors[static 2]);

/*
 * Finds for each run of `other` the baseline's run of its round: ret_places (room for the runs of `other`).
 * Returns the number of rounds where both sides have the same, each once; else 0, with ret_places as runs
 * come.
 */
size_t rounds_match(const struct comparison *comparison, size_t other, size_t *ret_places);

/* Warns of sides that share rounds with the baseline, but cannot be compared in pairs. -ENOMEM. */
int rounds_warn(struct comparison *comparison);

#endif
