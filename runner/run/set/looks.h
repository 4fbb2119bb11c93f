/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ends a set of runs early: when every answer is sure (core/stats/effects/sequential.h), or when its
 * budget is used up. */
#ifndef VMSUITE_RUNNER_RUN_SET_LOOKS_H
#define VMSUITE_RUNNER_RUN_SET_LOOKS_H

#include "documents/goal.h"
#include "run/set/set_records.h"
#include "stats/effects/sequential.h"

#include <stdbool.h>
#include <vmsuite/module.h>

/* The looks at a set of up to `rounds` rounds. */
struct looks {
    struct sequential error;
    size_t rounds;
    double budget_s; /* 0: no limit */
    uint64_t start_ns;
};

/* Begins a set of at most `rounds` rounds, now, without a look made; `budget_s` of 0: no limit. */
void looks_init(struct looks *looks, size_t rounds, double budget_s);

/* For a set that goes on: there was a look after each round that is worth one, before `round`. */
void looks_resume(struct looks *looks, size_t round);

/* The round after which the first look at a set with this goal is, as its records say it; 0: none is. */
unsigned looks_first(const struct goal *goal, size_t n_configurations, size_t rounds);

/* Whether a look after this round is worth its error: from the third on, and before the last. */
bool looks_is_due(const struct looks *looks, size_t round);

/* Whether the budget does not allow another round, as long as those since looks_init (`n_made`) were; it is
 * then said on stderr. This looks at no figure, and spends no error. */
bool looks_is_time_up(const struct looks *looks, size_t round, size_t n_made);

/*
 * Compares the records so far at the error that the look may spend. *ret_sure: every resource of every
 * configuration is slower, faster or equivalent; this is then said on stderr, and the further rounds may be
 * left out. -errno with a sentence.
 */
int looks_take(struct looks *looks, size_t round, const struct set_records *records, bool *ret_sure,
               struct vms_error *error);

#endif
