/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The slow end of latencies: the quantiles that enough samples of a trial, or of a run, stand behind, as figures of their
 * own. */
#ifndef VMSUITE_RESULTS_COMPARE_TAILS_H
#define VMSUITE_RESULTS_COMPARE_TAILS_H

#include "record/view.h"

/* Samples beyond a quantile, on average, from which it is claimed: 1,000 for p99, 10,000 for p99.9. */
#define TAIL_SAMPLES_BEYOND 10

struct tail {
    const char *name; /* behind that of its metric: "round_trip_time p99" */
    double q;
};

/* NULL beyond the last. */
const struct tail *tails_at(size_t index);

/* Whether the metric has tails: samples of a trial, of which less is better. */
bool tails_are_of(const struct view_metric *metric);

/* A trial's quantile; NaN where it has too few samples, or a record without it. */
double tails_value(const struct tail *tail, const struct view_sample *sample);

/* The quantile of all ok trials of a case together, from their histograms and raw values, within SKETCH_ERROR; NaN where
 * these are too few samples, or a trial has neither. */
double tails_merged(const struct tail *tail, const struct view_case *outcome, size_t metric);

/* Whether a metric's name is that of a tail. */
bool tails_is_name(const char *metric);

#endif
