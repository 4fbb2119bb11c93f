/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What places that work at the same time cost each other: each case beside neighbours against the same case
 * alone, at the same place, in the same run. The first side is the victim. */
#ifndef VMSUITE_RESULTS_COMPARE_EFFECTS_NEIGHBOURS_H
#define VMSUITE_RESULTS_COMPARE_EFFECTS_NEIGHBOURS_H

#include "compare/comparison/comparison.h"

/* A figure of a case, or of all cases of a resource. */
struct compare_beside {
    char *title;    /* owned: "tcp-small"; NULL: of the resource as a whole, the mean of its headlines */
    char *resource; /* owned */
    char *metric;   /* owned: "solve", "latency p99"; NULL as the title */
    unsigned neighbours;
    bool tail; /* the slow end of a latency: no part of the resource's figure */
    /* of the victim: runs[0], effect, loss and cost, each with its interval */
    struct compare_finding finding;
    double *kept;    /* owned, of each side: what it keeps of what it does alone; NaN: unknown */
    double fairness; /* Jain's index of what all places keep (fairness.h); NaN: not all are known */
};

/* Finds comparison->besides, before the collected values go: none where no case has neighbours. -ENOMEM, or
 * what the file system says. */
int neighbours_measure(struct comparison *comparison);

void neighbours_done(struct comparison *comparison);

#endif
