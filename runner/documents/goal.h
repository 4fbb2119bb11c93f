/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What runs are made for: a difference that is to be found, and the time that may be spent on it. */
#ifndef VMSUITE_RUNNER_DOCUMENTS_GOAL_H
#define VMSUITE_RUNNER_DOCUMENTS_GOAL_H

#include <stdbool.h>
#include <vmsuite/module.h>

struct goal {
    double find;     /* the difference, as the logarithm of a ratio; 0: none is named */
    double budget_s; /* for all runs together; 0: no limit */
};

/* Reads a difference: per cent of the speed that are lost ("5%"), or a factor above 1 ("1.5", "1.5x").
 * -EINVAL with a sentence that says what it must be. */
int goal_parse_find(const char *text, double *ret_find, struct vms_error *error);

/* Reads a difference, and a time above 0 ("20min", "90s"), where they are given (not NULL); the others stay.
 * -EINVAL with a sentence. */
int goal_parse(const char *find, const char *budget, struct goal *goal, struct vms_error *error);

static inline bool goal_is_set(const struct goal *goal) {
    return goal->find > 0 || goal->budget_s > 0;
}

#endif
