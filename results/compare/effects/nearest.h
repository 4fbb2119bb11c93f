/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Of the cases that nothing on a side is the same work as, the one that differs least from a given case. */
#ifndef VMSUITE_RESULTS_COMPARE_EFFECTS_NEAREST_H
#define VMSUITE_RESULTS_COMPARE_EFFECTS_NEAREST_H

#include "compare/collect/collected.h"

/* The subjects of a side that have something in common, each with the next of them. */
struct nearest_chain {
    struct identity *keys;       /* owned: of each subject what it has in common with others */
    struct identity_index index; /* of each key, the first subject */
    size_t *next;                /* owned; SIZE_MAX: it is the last */
};

struct nearest {
    struct collected_side *side;     /* borrowed */
    struct nearest_chain alike, kin; /* of the same parameters; of the same group and module */
};

/* Takes the subjects of the side that are not paired yet. -ENOMEM. Freed with nearest_done, also after a
 * failure. */
int nearest_init(struct nearest *nearest, struct collected_side *side);
void nearest_done(struct nearest *nearest);

/* The first of those of the same group and module that differ least and are not paired yet; NULL. */
struct subject *nearest_find(struct nearest *nearest, const struct identity *identity);

#endif
