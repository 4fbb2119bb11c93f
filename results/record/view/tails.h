/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The slow end of latencies: the quantiles that enough samples of a trial, or of a run, stand behind, as
 * figures of their own. */
#ifndef VMSUITE_RESULTS_RECORD_VIEW_TAILS_H
#define VMSUITE_RESULTS_RECORD_VIEW_TAILS_H

#include "record/view/view.h"
#include "stats/sketch.h"

/* Samples beyond a quantile, on average, from which it is claimed: 100 for p90, 1,000 for p99. */
#define TAIL_SAMPLES_BEYOND 10

struct tail {
    const char *name; /* behind that of its metric: "round_trip_time p99" */
    double q;
};

/* p99, p99.9, p90, p99.99: all that records keep (stats_quantiles), those that are compared first. NULL
 * beyond the last. */
#define TAILS_COMPARED 2
const struct tail *tails_at(size_t index);
/* Those, and p50: what can be asked for. NULL beyond the last. */
const struct tail *tails_asked(size_t index);

/* Whether the metric has tails: samples of a trial, of which less is better. */
bool tails_are_of(const struct view_metric *metric);

/* A trial's quantile; NaN where it has too few samples, or a record without it. */
double tails_value(const struct tail *tail, const struct view_sample *sample);

/* Adds the samples of all ok trials of a case, from their histograms and raw values. -ENODATA: a trial has
 * neither. */
int tails_merge(const struct view_case *outcome, size_t metric, struct sketch *samples);

/* A run's quantile, of the samples of all its ok trials together, as tails_merge found them, within 2 *
 * SKETCH_ERROR of the exact one at the worst, and much nearer as a rule: what a histogram is off is taken
 * from the trials, whose exact quantiles the record has. NaN where the samples are too few. */
double tails_of_run(const struct tail *tail, const struct sketch *samples, const struct view_case *outcome,
                    size_t metric);
/* Both; NaN where a trial has no samples. */
double tails_merged(const struct tail *tail, const struct view_case *outcome, size_t metric);

/* Whether a metric's name is that of a tail. */
bool tails_is_name(const char *metric);

#endif
