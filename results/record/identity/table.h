/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run's figures for people. */
#ifndef VMSUITE_RESULTS_RECORD_IDENTITY_TABLE_H
#define VMSUITE_RESULTS_RECORD_IDENTITY_TABLE_H

#include "module/outcome.h"

#include <stdio.h>

/* One row per case: the group and what varies in it, headline metric, median with unit, 95% interval of the
 * mean, CV, n, and marks (loopback, failed: reason). Grouped by resource; fits 100 columns. `all_metrics`: a
 * row for each other metric below the case's. */
void table_print(FILE *file, const struct outcome_run *run, bool all_metrics);

#endif
