/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the trials of a case with status ok say together. Earlier attempts of a trial do not count. */
#ifndef VMSUITE_RESULTS_RECORD_WRITE_SUMMARY_H
#define VMSUITE_RESULTS_RECORD_WRITE_SUMMARY_H

#include "module/outcome.h"

#define SUMMARY_METRICS_MAX 64

/* Which metrics (indices into the module's table) the ok trials reported, in the order first seen, so that
 * the headline is first; without any ok trial the table's first. Returns how many, at least 1. */
size_t summary_metrics(const struct outcome_case *outcome, unsigned ret_metrics[static SUMMARY_METRICS_MAX]);

/* Summarises one metric over the ok trials; of a distribution, its medians. Seeded with the case's seed.
 * -ENOMEM. */
int summary_metric(const struct outcome_case *outcome, unsigned metric, struct stats_summary *ret_summary);

#endif
