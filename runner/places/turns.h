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

/* Rounds of one trial of each case at each place, each round in random order over both; or, `sequential`,
 * case after case, whose places come in random order in each of its trials. `trials` has the trials of each
 * case, the same at all places; the seed decides. The turns of a case that is `together` (by case; NULL: none
 * is) follow each other. -ENOMEM. The caller frees with turns_done. */
int turns_make(const unsigned *trials, const bool *together, size_t n_cases, size_t n_places, uint64_t seed,
               bool sequential, struct turns *ret_turns);
void turns_done(struct turns *turns);

#endif
