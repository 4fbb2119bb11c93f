/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rounds of visits: in each round everything that is compared is measured once, whole, in random order, so
 * that what changes on the machine falls on all alike. Runs of a set and boots of a study are made so. */
#ifndef VMSUITE_RUNNER_RUN_SET_VISITS_H
#define VMSUITE_RUNNER_RUN_SET_VISITS_H

#include "run/set/looks.h"

#include <stdint.h>

struct visit {
    size_t member;  /* which of those that are compared */
    unsigned round; /* from 1 */
};

struct visits {
    struct visit *visits; /* owned */
    size_t n_visits;
};

/* Rounds of one visit to each member that takes part (NULL: all do), each shuffled by the seed. -ENOMEM. The
 * caller frees with visits_done. */
int visits_plan(size_t n_members, const bool *takes_part, unsigned rounds, uint64_t seed,
                struct visits *ret_visits);
void visits_done(struct visits *visits);

struct visits_work {
    void *context;
    const struct visits *visits;
    unsigned rounds;                                 /* that are planned */
    const struct goal *goal;                         /* set: the rounds may end early */
    bool (*is_settled)(void *context, size_t visit); /* nothing is to be done for it (any more) */
    bool (*make)(void *context, size_t visit);       /* false: no other visit is to be made */
    /* Whether what the rounds up to this one gave answers all (looks_take). NULL: nobody asks. */
    bool (*is_sure)(void *context, struct looks *looks, unsigned round);
};

/* Makes the visits that are not settled. Once a round is whole the others are left out where all is answered
 * or the budget is used up. False: `make` ended it. */
bool visits_make(const struct visits_work *work);

#endif
