/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose turn it is: the order of all trials at all places. */
#ifndef VMSUITE_RUNNER_PLACES_TURNS_H
#define VMSUITE_RUNNER_PLACES_TURNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct turn {
    size_t place, index; /* of the case */
    unsigned trial;
};

struct turns {
    struct turn *turns; /* owned */
    size_t n_turns;
};

/* What is taken in turn. All borrowed. */
struct turns_request {
    const unsigned *trials; /* of each case, the same at all places */
    /* by case: the turns of a trial at all places follow each other; NULL: those of none */
    const bool *together;
    size_t n_cases, n_places;
    uint64_t seed;   /* decides the order */
    bool sequential; /* case after case, whose places come in random order in each of its trials */
};

/* Rounds of one trial of each case at each place, each round in random order over both, unless they are
 * sequential. -ENOMEM. The caller frees with turns_done. */
int turns_make(const struct turns_request *request, struct turns *ret_turns);
void turns_done(struct turns *turns);

#endif
