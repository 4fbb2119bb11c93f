/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a store knows of a case: a point for each run, in the order of time. */
#ifndef VMSUITE_RESULTS_HISTORY_POINTS_H
#define VMSUITE_RESULTS_HISTORY_POINTS_H

#include "history/history.h"
#include "record/arena.h"

/* Which of them are wanted. Texts are borrowed; patterns are those of the shell, "tcp-*"; NULL: all. */
struct history_choice {
    const char *cases;         /* pattern on the case's label, "tcp-small message_size=64" */
    const char *metric;        /* NULL: the headline of each case */
    const char *configuration; /* pattern */
    const char *machine;       /* pattern on the kind of machine */
    const char *label;         /* name of the label that points carry */
    const char *value;         /* only runs whose label has this value */
};

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
    struct arena arena; /* owns all of it */
};

/* A run's figure. */
struct history_point {
    const char *configuration, *machine;
    const char *run_id, *record, *started_at, *kernel, *hypervisor, *version;
    const char *label; /* value of the label that was asked for, or "" */
    int64_t run, environment;
    double log, mean, median,
        sd; /* log: that of the 20% trimmed mean (stats/run_figure.h), NaN where there is none */
    unsigned trials, noisy;
};

/* Points of one series in order of configuration, machine and time. */
struct history_points {
    struct history_point *points;
    size_t n;
    struct arena arena; /* owns all of it */
};

/* The series whose cases and metrics are chosen, in order of resource and label. The caller frees with
 * history_list_done, also after a failure. */
int history_list_series(struct history *history, const struct history_choice *choice,
                        struct history_list *ret_list, struct vms_error *error);
void history_list_done(struct history_list *list);

/* A series' points that are chosen. The caller frees with history_points_done, also after a failure. */
int history_list_points(struct history *history, int64_t series, const struct history_choice *choice,
                        struct history_points *ret_list, struct vms_error *error);
void history_points_done(struct history_points *list);

/* The number of points from `first` on that are of its configuration and machine: one history. */
size_t history_points_stretch(const struct history_points *list, size_t first);

/* The figure that stands for a run: the 20% trimmed mean, or the mean where that has no logarithm. */
double point_figure(const struct history_point *point);

/* How much worse `b` is than `a` as a share, positive is worse; NaN where there is no ratio. */
double series_loss(const struct history_series *series, double a, double b);

#endif
