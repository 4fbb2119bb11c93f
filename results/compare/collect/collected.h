/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is kept of the records until they are judged. */
#ifndef VMSUITE_RESULTS_COMPARE_COLLECT_COLLECTED_H
#define VMSUITE_RESULTS_COMPARE_COLLECT_COLLECTED_H

#include "compare/collect/spill.h"
#include "compare/comparison/account.h"
#include "compare/comparison/comparison.h"
#include "history/earlier.h"
#include "record/identity/identity_index.h"
#include "record/identity/label.h"
#include "stats/runs/run_figure.h"
#include "stats/sketch.h"

/* What a run of the side says about a metric. */
struct series_run {
    size_t run; /* from 0, within the side */
    struct run_figure figure;
    double least, most;
};

/* A metric of a case over the runs of a side. */
struct series {
    const struct identity_metric *metric; /* borrowed from the comparison's arena */
    struct spill_row values;              /* in blocks: their number, then the values of its ok trials */
    struct spill_row summaries;           /* of each block: what the run says, in the order of time */
    struct series_run *runs; /* owned; n_runs, between series_load and series_unload, else NULL */
    size_t last_run;         /* of the last block */
    const struct tail *tail; /* NULL: the metric's own figure */
    struct sketch *samples;  /* owned: of a tail, those of all its trials and runs; NULL: there are none */
    bool partial;            /* a trial's are missing in it */
    bool median;             /* of a distribution: a trial's figure is that of most of its operations */
    size_t n_runs, n_values;
    size_t n_blocks; /* in `values`: more than runs where a run has the case twice */
};

/* A case of a side: the same work in each of its runs. */
struct subject {
    const struct identity *identity; /* borrowed from the comparison's arena */
    struct series *series;           /* owned; in the order of the record, the headline first */
    size_t n_series;
    char *trouble;          /* owned; the first reason why a trial of it is not ok, or NULL */
    struct account account; /* of all its runs */
    bool paired;
};

struct collected_side {
    struct subject *subjects; /* owned */
    size_t n_subjects;
    struct identity_index index;   /* of the subjects */
    const struct identity **cases; /* owned: of the subjects, when all are there */
    struct label_cases among;      /* of the same */
    char *machine;                 /* owned: the kind of the first run's (history/machine_kind.h) */
    size_t next;                   /* where the next case of the current run is expected */
};

/* What a row compares, in the order of the rows. */
struct row_series {
    struct series *sides[2]; /* borrowed: baseline, other */
};

struct compare_collected {
    struct spill *spill;          /* owned: the values of all series */
    struct collected_side *sides; /* owned; as many as the comparison has */
    size_t side;                  /* of the current run */
    struct earlier_known run_ids; /* owned: of all sides, where there is a store; sorted when all are there */
    const struct view_head *head; /* borrowed: of the current run */
    struct arena scratch;         /* for a run or a case that is looked up */
    struct row_series *pairs;     /* owned */
};

/* Adds what a run says; sorts its values. `given` is the run's figure where that is not for its values to
 * say, else NaN. -ENOMEM, or what the file system says. */
int series_add_run(struct series *series, struct spill *spill, size_t run, double *values, size_t n,
                   double given);
/* Adds a run's samples; NULL: a trial has none. -ENOMEM. */
int series_add_samples(struct series *series, const struct sketch *samples);
/* Reads the runs back. Memory is for one row at a time, however many records there are. */
int series_load(struct series *series, const struct spill *spill);
void series_unload(struct series *series);

/* Adds what the case of the comparison's current run says to the series of its subject. -ENOMEM, or what the
 * file system says. */
int series_add_case(struct comparison *comparison, struct subject *subject, const struct view_case *outcome);

/* Looks at the cases of all sides, when all runs have been added: from here on they have labels. -ENOMEM. */
int collected_finish(struct comparison *comparison);

void collected_free(struct compare_collected *collected, size_t n_sides);

#endif
