/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The figures of the records, gathered: one series per environment, configuration, case and metric, with the
 * values of all ok trials of all records of that configuration. */
#ifndef VMSUITE_RESULTS_REPORT_FIGURES_SERIES_H
#define VMSUITE_RESULTS_REPORT_FIGURES_SERIES_H

#include "record/read/reader.h"
#include "stats/stats.h"

/* Which series belong together. */
enum series_kin {
    SERIES_OF_METRIC, /* one metric of one group: a figure */
    SERIES_OF_BARS,   /* one group, unit, direction: no distributions, no secondary ones */
    SERIES_OF_CASE,   /* headlines of one case */
    SERIES_OF_GROUP,
    SERIES_KINDS
};

/* Places in the list. What belongs to none of a kind is by itself. */
struct series_place {
    size_t first; /* of its kind, in the order of the list; of a case also where the series is no headline */
    size_t next;  /* SIZE_MAX: it is the last */
};

struct series {
    char *environment;   /* the record's folder where records come from several, else "" */
    char *configuration; /* with what its reader must know */
    char *label;         /* the case: group and what is swept in it */
    char *group, *metric;
    enum vms_resource resource;
    enum vms_better better;
    enum vms_shape shape;
    enum vms_role role;
    const char *unit;  /* as records say it; static */
    bool is_headline;  /* the first metric of its case */
    bool has_loopback; /* it ran over a path inside the machine */
    char *x_name;      /* the one numeric parameter that is swept in the group, or NULL */
    double x;
    double *values;   /* of ok trials; of a distribution, its medians */
    unsigned *orders; /* the place of each in its run */
    size_t n;
    double quantiles[STATS_QUANTILES]; /* of a distribution: the means over its trials */
    struct stats_summary summary;      /* without ci95_median */
    struct series_place kin[SERIES_KINDS];
};

/* A case that is not ok. */
struct series_failure {
    char *configuration, *label, *reason;
    enum outcome_status status;
};

struct series_list {
    struct series *series; /* in the order of first appearance */
    size_t n_series;
    json_t *places;        /* owned: of each series, by what it is of */
    char **configurations; /* each once, in the order of first appearance */
    size_t n_configurations;
    char **environments;
    size_t n_environments;
    struct series_failure *failures;
    size_t n_failures;
};

/* Reads all cases of all records. The caller frees with series_done. */
int series_collect(struct reader *const *readers, size_t n_readers, struct series_list *ret_list,
                   struct vms_error *error);
void series_done(struct series_list *list);

/* Fills in which series belong together, when all are there. -ENOMEM. */
int series_link(struct series_list *list);

/* What a series is called in legends: the configuration, and its environment where there are several. Owned;
 * NULL without memory. */
char *series_name(const struct series *series);

/* Whether the metric's role keeps it out of figures: another view of one that is drawn, or a property. */
bool series_is_secondary(const struct series *series);

#endif
