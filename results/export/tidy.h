/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tidy rows: one per sample (a metric of a trial), the same columns in CSV and JSON Lines. A trial without
 * figures has one row, with the headline metric, no value, its status and its reason. */
#ifndef VMSUITE_RESULTS_EXPORT_TIDY_H
#define VMSUITE_RESULTS_EXPORT_TIDY_H

#include "format.h"

/* The columns, in order: an array of texts. Those of the parameters ("param_NAME") and of what was
 * counted ("noise_NAME", "clock_NAME") are collected from all records, so that they are known before the
 * first row. A new reference. */
int tidy_columns(const struct export *export, json_t **ret_columns, struct vms_error *error);

/* Calls `write` with each row of the case: an object that holds every column of `columns`, null where there
 * is nothing. */
int tidy_rows(const struct export_case *outcome, const json_t *columns,
              int (*write)(struct export *, const json_t *columns, const json_t *row), struct export *export,
              struct vms_error *error);

#endif
