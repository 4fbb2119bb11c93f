/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records of many hosts: what a population of such hosts does or pays, and which of them are not like the
 * others. */
#ifndef VMSUITE_RESULTS_FLEET_FLEET_H
#define VMSUITE_RESULTS_FLEET_FLEET_H

#include "record/identity/identity.h"
#include "stats/effects/random_effects.h"

#include <stdio.h>

#define FLEET_SCHEMA "vmsuite.fleet/1"
#define FLEET_SIDES 2
#define FLEET_HOSTS_LEAST 5 /* with fewer, none can be said to stand out */
#define FLEET_OUTLIERS_SHOWN 20

/* A host's figure of a metric: over its runs. */
struct fleet_cell {
    double log;          /* the mean over runs of the logarithms of their figures; NaN: none */
    double own;          /* the variance of that mean, from this host alone; NaN: unknown */
    double sum, squares; /* of the runs' logarithms; in the end the squares are of their deviations */
    double trial_squares, trial_df; /* of the trials' logarithms, within their runs */
    double trial_share;             /* the variance of a run's figure over that of a trial: the last run's */
    unsigned n_runs, n_zeros; /* runs with such a figure; runs whose figure is 0 or below, which has none */
};

/* A headline of a case at all hosts. The texts live in the fleet's arena. */
struct fleet_row {
    const struct identity *identity;
    const struct identity_metric *metric;
    size_t same; /* the row of the same case with another headline; SIZE_MAX: there is none */
    char *title; /* owned: for people */
    struct fleet_cell *cells[FLEET_SIDES];    /* owned: by configuration, of each host */
    struct random_effects level[FLEET_SIDES]; /* of each configuration: of the logarithms of its figures */
    /* of two configurations: the logarithm of the factor by which the second is slower */
    struct random_effects cost;
    bool paired;        /* the cost is that of each host by itself, pooled */
    double *effects;    /* owned: of each host its cost, or of one configuration its figure, as a logarithm
                                 * of which more is slower; NaN: none */
    double *deviations; /* owned: from the median host, in usual deviations; NaN: too few hosts to tell */
    double centre;      /* the median of the effects */
};

struct fleet_host {
    char *name;               /* owned */
    size_t runs[FLEET_SIDES]; /* its records of each configuration */
};

struct fleet_outlier {
    size_t host, row;
    double factor; /* by which it is slower than the median host; below 1: faster */
};

/* A host that is not, or not with all its runs, in the means of a row. */
struct fleet_gap {
    size_t host, row, configuration;
    unsigned n_zeros; /* runs whose figure is 0 or below; 0: it has no figure at all */
};

/* A host that gave no record, and why. */
struct fleet_lost {
    char *host, *reason; /* owned */
};

struct fleet {
    const char *by;                    /* borrowed: the label of a run that says which host it is of */
    char *configurations[FLEET_SIDES]; /* owned; the first is the baseline */
    size_t n_configurations;
    struct fleet_host *hosts;
    size_t n_hosts;
    struct fleet_row *rows;
    size_t n_rows;
    struct fleet_outlier *outliers; /* the furthest first */
    size_t n_outliers;
    struct fleet_gap *gaps; /* by host */
    size_t n_gaps;
    struct fleet_lost *lost;
    size_t n_lost;
    size_t n_records;
    struct arena arena, scratch;
};

/* Reads all records, of which each names its host in the label `by`. Of two configurations that of the first
 * record is the baseline. -EINVAL with a sentence: no record, one without the label, one run twice, a third
 * configuration, or clocks that count different things; -ENOMEM. The caller frees with fleet_done, also after
 * a failure. */
int fleet_read(struct fleet *fleet, const char *by, char *const *paths, size_t n_paths,
               struct vms_error *error);

/* Notes a host that gave no record. -ENOMEM. */
int fleet_note_lost(struct fleet *fleet, const char *host, const char *reason);

/* Pools, and finds outliers: hosts whose figure is further from the median than chance alone would put any
 * host in 19 of 20 fleets of like hosts, and by more than `margin`, a share. With fewer than five hosts
 * there are none. -ENOMEM. */
int fleet_finish(struct fleet *fleet, double margin);

/* Finds the gaps; a part of fleet_finish. -ENOMEM. */
int fleet_find_gaps(struct fleet *fleet);
/* "0 or below in tcp, rate of guest: 1 of 3 runs", "no figure in tcp, rate"; owned, NULL without memory. */
char *fleet_gap_words(const struct fleet *fleet, const struct fleet_gap *gap);

void fleet_done(struct fleet *fleet);

/* The result of a row: the cost, or of one configuration its level. */
const struct random_effects *fleet_result(const struct fleet *fleet, const struct fleet_row *row);

/* "3.1% slower", of a factor; "1.2 GB/s [1.1 GB/s, 1.3 GB/s]" or "3.1% slower [2%, 4.2%]" of a row's result:
 * an end below 0 is faster. */
#define FLEET_WORDS_SIZE 320
void fleet_change(double factor, char ret_text[static FLEET_WORDS_SIZE]);
void fleet_words(const struct fleet *fleet, const struct fleet_row *row,
                 char ret_text[static FLEET_WORDS_SIZE]);
/* What is compared: "What guest costs against native"; owned, NULL without memory. */
char *fleet_title(const struct fleet *fleet);

/* For a terminal; as JSON (results/schema/fleet.schema.json), a new reference, NULL without memory; as a page
 * that opens offline, with a heat map of host by metric. */
void fleet_write_table(FILE *file, const struct fleet *fleet);
json_t *fleet_json(const struct fleet *fleet);
int fleet_write_page(FILE *file, const struct fleet *fleet, struct vms_error *error);

#endif
