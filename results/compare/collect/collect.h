/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From records to the values that are compared. */
#ifndef VMSUITE_RESULTS_COMPARE_COLLECT_COLLECT_H
#define VMSUITE_RESULTS_COMPARE_COLLECT_COLLECT_H

#include "compare/comparison/comparison.h"

#include <jansson.h>

/* Begins a run of side `side` (0: baseline; sides in order), whose record begins with `head`, which stays
 * until its last case is added. `label` names a new side; `path` the record in warnings. -EINVAL where its
 * clock counts something other than that of the first: instructions and time are never compared. */
int compare_add_run(struct comparison *comparison, size_t side, const char *label, const char *path,
                    const struct view_head *head, struct vms_error *error);

/* Adds a case of the last run: keeps what the case is, and the values of its ok trials in a temporary file.
 */
int compare_add_case(struct comparison *comparison, const struct view_case *outcome, struct vms_error *error);

/* Both of the above for a whole record, a document. */
int compare_add_record(struct comparison *comparison, size_t side, const char *label, const char *path,
                       json_t *record, struct vms_error *error);

#endif
