/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A record's cases, one after the other, each by its name. */
#ifndef VMSUITE_RESULTS_RECORD_READ_WALK_H
#define VMSUITE_RESULTS_RECORD_READ_WALK_H

#include "record/identity/label.h"
#include "record/read/reader.h"

struct walk_case {
    const struct view_case *outcome;
    const char *label; /* distinguishes it from the others of its suite */
    const struct label_sweeps *sweeps;
};

/* What is done with a case. All is borrowed. */
typedef int walk_visit(void *context, const struct walk_case *at, struct vms_error *error);

/* Visits each case until one visit fails: its status, with the sentence that it has set; -EINVAL with a
 * sentence where a case is not valid; -ENOMEM with one. */
int walk_cases(struct reader *reader, walk_visit *visit, void *context, struct vms_error *error);

#endif
