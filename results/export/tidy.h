/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tidy rows: one per sample (a metric of a trial), the same columns in CSV and JSON Lines. A trial without
 * figures has one row, with the headline metric, no value, its status and its reason. */
#ifndef VMSUITE_RESULTS_EXPORT_TIDY_H
#define VMSUITE_RESULTS_EXPORT_TIDY_H

#include "export/format.h"

/* The `look` of both formats: collects the names of parameters ("param_NAME") and of what was counted
 * ("noise_NAME", "clock_NAME") from all records, so that all columns are known before the first row. */
int tidy_look(struct export *export, struct reader *reader, struct vms_error *error);
/* Their `begin`: makes the columns. */
int tidy_begin(struct export *export, struct vms_error *error);
/* Their `done`. */
void tidy_done(void *state);

/* The columns, in order: an array of texts, from tidy_begin on. Borrowed. */
const json_t *tidy_columns(const struct export *export);

/* Calls `write` with each row of the case: an object that holds every one of the columns, null where there is
 * nothing. */
int tidy_rows(struct export *export, const struct export_case *outcome,
              int (*write)(struct export *, const json_t *columns, const json_t *row),
              struct vms_error *error);

#endif
