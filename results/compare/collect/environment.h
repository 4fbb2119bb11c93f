/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What differs beside the hypervisor. */
#ifndef VMSUITE_RESULTS_COMPARE_COLLECT_ENVIRONMENT_H
#define VMSUITE_RESULTS_COMPARE_COLLECT_ENVIRONMENT_H

#include "compare/comparison/comparison.h"

struct environment_fact {
    const char *name; /* "cpu.model", "vmsuite.version" */
    struct view_value value;
};

/* Facts of a run that matter to a comparison: not those of the hypervisor, and not those that never stand
 * still. It lives in an arena. */
struct environment {
    const struct environment_fact *facts; /* each name once */
    size_t n;
};

/* Those of a record, with copies of all texts; NULL without memory. */
const struct environment *environment_new(struct arena *arena, const struct view_head *head);

/* Adds what differs between two sides' facts (or those of two runs of one side) to the comparison.
 * -ENOMEM. */
int environment_differ(struct comparison *comparison, size_t side_a, const struct environment *a,
                       size_t side_b, const struct environment *b);

#endif
