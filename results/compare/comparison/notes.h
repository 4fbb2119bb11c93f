/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a comparison says on the way: warnings, failures, and cases that were not compared. */
#ifndef VMSUITE_RESULTS_COMPARE_COMPARISON_NOTES_H
#define VMSUITE_RESULTS_COMPARE_COMPARISON_NOTES_H

#include "compare/comparison/comparison.h"

/* Appends to the comparison's lists; takes the texts over. -ENOMEM (the texts may be NULL: also -ENOMEM). */
int compare_warn(struct comparison *comparison, char *sentence);
int compare_refuse(struct comparison *comparison, size_t other, char *label, char *reason);

/* A sentence for what went wrong with memory or the temporary file; returns `status`. */
int compare_fail(struct vms_error *error, int status, const char *what);

#endif
