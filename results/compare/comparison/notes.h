/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a comparison says on the way: sentences, warnings, and cases that were not compared. */
#ifndef VMSUITE_RESULTS_COMPARE_COMPARISON_NOTES_H
#define VMSUITE_RESULTS_COMPARE_COMPARISON_NOTES_H

#include "compare/comparison/comparison.h"

/* printf into a new text; NULL without memory. */
char *compare_sentence(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Appends to the comparison's lists; takes the texts over. -ENOMEM (the texts may be NULL: also -ENOMEM). */
int compare_warn(struct comparison *comparison, char *sentence);
int compare_refuse(struct comparison *comparison, size_t other, char *label, char *reason);

/* A sentence for what went wrong with memory or the temporary file; returns `status`. */
int compare_fail(struct vms_error *error, int status, const char *what);

#endif
