/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a store knows of a case: a point for each run, in the order of time. */
#ifndef VMSUITE_RESULTS_HISTORY_POINTS_H
#define VMSUITE_RESULTS_HISTORY_POINTS_H

#include "history/runs.h"

/* A metric of a case, as records name it. */
struct history_series {
    int64_t id, work;
    const char *label, *module, *resource, *metric;
    enum vms_better better;
    enum vms_unit unit;
};

struct history_list {
    struct history_series *series;
    size_t n;
    struct arena arena; /* owns the series */
    struct history_runs runs;
};

/* A run's figure. */
struct history_point {
    const struct history_run *run; /* the list's */
    int64_t number;                /* of the case in its record */
    /* log: that of the 20% trimmed mean (stats/runs/run_figure.h), NaN where there is none */
    double log, mean, median, sd;
    unsigned trials, noisy;
};

/* Points of one series in order of configuration, machine and time. */
struct history_points {
    struct history_point *points;
    size_t n;
    struct arena arena; /* owns them */
};

/* The series whose cases and metrics are chosen, in order of resource and label, and the runs that are
 * chosen. The caller frees with history_list_done, also after a failure. */
int history_list_read(struct history *history, const struct history_choice *choice,
                      struct history_list *ret_list, struct vms_error *error);
void history_list_done(struct history_list *list);

/* The points that a list's runs have in a series. The caller frees with history_points_done, also after a
 * failure. */
int history_points_read(struct history *history, const struct history_list *list, int64_t series,
                        struct history_points *ret_points, struct vms_error *error);
void history_points_done(struct history_points *list);

/* The point of a run and its case, or NULL. */
const struct history_point *history_points_find(const struct history_points *points,
                                                const struct history_run *run, int64_t number);

/* The number of points from `first` on that are of its configuration and machine: one history. */
size_t history_points_stretch(const struct history_points *points, size_t first);

/* The figure that stands for a run: the 20% trimmed mean, or the mean where that has no logarithm. */
double point_figure(const struct history_point *point);

/* How much worse `b` is than `a` as a share, positive is worse; NaN where there is no ratio. */
double series_loss(const struct history_series *series, double a, double b);

#endif
