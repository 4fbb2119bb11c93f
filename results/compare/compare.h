/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What one configuration costs against another: pairs the cases of records, judges each metric, and says what
 * could not be compared and why.
 *
 * Statistics: core/resample.h (ratio and interval, runs as blocks), core/ranktest.h (Mann-Whitney, Holm over
 * all rows, Cliff's delta), core/decide.h. A row is slower or faster where both the Mann-Whitney test, which
 * takes all trials for independent, and the t test on the ratio, which knows that runs differ, stay below 5%
 * after Holm's correction; it is equivalent where two one-sided tests put the ratio within the margin.
 */
#ifndef VMSUITE_RESULTS_COMPARE_COMPARE_H
#define VMSUITE_RESULTS_COMPARE_COMPARE_H

#include "stats/decide.h"

#include <jansson.h>
#include <stdio.h>
#include <vmsuite/module.h>

#define COMPARISON_SCHEMA "vmsuite.comparison/1"
#define COMPARE_MARGIN 0.03    /* default of `margin` */
#define COMPARE_RUN_SHIFT 0.01 /* default of `run_shift` */

struct compare_options {
    double margin;        /* of equivalence, on the ratio: from 1 / (1 + margin) to 1 + margin */
    double run_shift;     /* allowance for the shift between runs: see resample_ratio; drift within runs and
                             flagged     trials add to it */
    uint64_t seed;        /* of the resampling */
    bool allow_different; /* compare what is not the same work, and mark it */
};

/* All records of one configuration; side 0 is the baseline. */
struct compare_side {
    char *label;          /* owned: what the caller calls it */
    char *virtualization; /* owned: of the first run, "" where it is not recorded */
    bool emulated;        /* its hardware was emulated in software */
    bool instructions;    /* its clock counts instructions; then that of all sides does */
    size_t n_runs;
    size_t n_trials, n_flagged; /* of all cases; flagged as noisy */
    size_t n_drift;             /* figures that could be asked for their drift */
    double drift;               /* within its runs: excess variance of the halves' means; about 0: steady */
    size_t n_broken;            /* runs whose status is not ok */
    char *broken;               /* owned: a sentence on the first of them, or NULL */
    size_t n_selected;          /* series with more values than are judged */
    json_t *facts;              /* of the first run: {"cpu.model": ..., ...} */
};

enum compare_verdict { COMPARE_SLOWER, COMPARE_FASTER, COMPARE_EQUIVALENT, COMPARE_UNDECIDED };

/* A side's figures in a row, over all trials that were ok. NaN where there are too few. */
struct compare_figure {
    size_t n_runs, n_trials;
    double median, mean, sd, cv;
};

struct compare_row {
    size_t other;     /* the side compared with the baseline */
    json_t *identity; /* the baseline's: {"group", "module", "resource", "workload_version", "path", "params",
                         "facts"} */
    json_t *metric;   /* {"metric", "unit", "better", "side"} */
    char *label;      /* group and the parameters that vary in it */
    char *title;      /* the label for people: sizes in units, "tcp-medium message_size=64KiB" */
    bool headline;    /* the first metric of its case */
    char *different;  /* NULL, or what differs: compared only because it was asked for */
    struct compare_figure figures[2]; /* baseline, other */
    bool identical;                   /* every trial of both sides gave the same figure, 0 perhaps */
    bool has_ratio;
    struct resample_estimate estimate; /* with has_ratio */
    /* Loss against the baseline, as a share: positive is worse, for metrics of either direction. */
    double loss, loss_ci95[2];           /* of the medians */
    double mean_loss, mean_loss_ci95[2]; /* of the means */
    double p, p_holm;                    /* Mann-Whitney */
    double p_runs, p_runs_holm;          /* t, runs as blocks */
    double p_equivalence;                /* two one-sided tests */
    double cliff_delta;
    enum compare_verdict verdict;
    const char *reason; /* static: why it is undecided whatever is done; NULL */
    bool has_effort;
    struct decide_effort effort; /* what would decide it */
    double limit;                /* the gate's, NaN: none */
    bool failed;                 /* the loss is above the limit, interval and all */
};

/* A case that was not compared. */
struct compare_refusal {
    size_t other;
    char *label;  /* group and parameters */
    char *reason; /* what differs, or that it was not measured */
};

/* Something beside the hypervisor that is not the same. */
struct compare_difference {
    size_t sides[2]; /* equal: among the runs of one side */
    char *what;
    char *values[2]; /* among runs: of the first, and of the first that has another */
    size_t n_runs;   /* among runs: how many have not the first one's; else 0 */
};

struct comparison {
    struct compare_options options;
    struct compare_side *sides;
    size_t n_sides;
    struct compare_row *rows; /* decided losses first, largest on top, within a resource */
    size_t n_rows;
    struct compare_refusal *refusals;
    size_t n_refusals;
    struct compare_difference *differences;
    size_t n_differences;
    char **answers; /* "network: 31% slower, decided": one per resource and other side */
    size_t n_answers;
    char **warnings;
    size_t n_warnings;
    struct compare_gate *gate;     /* NULL: none was applied */
    struct compare_collected *raw; /* until compare_finish */
};

/* A new, empty comparison, freed with compare_free; NULL without memory. */
struct comparison *compare_new(const struct compare_options *options);

/* Begins a run of side `side` (0: baseline; sides in order), from a record without its cases. `label` names a
 * new side; `path` the record in warnings. -EINVAL where its clock counts something else than that of the
 * first: instructions and time are never compared. */
int compare_add_run(struct comparison *comparison, size_t side, const char *label, const char *path,
                    const json_t *head, struct vms_error *error);

/* Adds a case of the last run: keeps what the case is, and the values of its ok trials in a temporary file.
 */
int compare_add_case(struct comparison *comparison, const json_t *outcome, struct vms_error *error);

/* Both of the above for a whole record. */
int compare_add_record(struct comparison *comparison, size_t side, const char *label, const char *path,
                       const json_t *record, struct vms_error *error);

/* Pairs, judges and sorts; call it once. -EINVAL: less than two sides. -ENOMEM. */
int compare_finish(struct comparison *comparison, struct vms_error *error);

/* A label with its sizes in units, "tcp-medium message_size=64KiB"; without `names`: "tcp-medium 64KiB".
 * Owned; NULL without memory. */
char *compare_title(const char *label, bool names);

/* Takes NULL. */
void compare_free(struct comparison *comparison);

/* "slower", "faster", "equivalent", "undecided". */
const char *compare_verdict_name(enum compare_verdict verdict);

/* The whole comparison as JSON, new reference; comparison.schema.json tells its fields. */
json_t *compare_json(const struct comparison *comparison);

/* "table", "markdown", "json", "csv", "junit"; NULL beyond the last. */
const char *compare_format_name(size_t index);

/* Writes in a format. `colour`: the table may use escape sequences. -ENOENT: no such format. -EIO. -ENOMEM.
 */
int compare_write(FILE *file, const struct comparison *comparison, const char *format, bool colour,
                  struct vms_error *error);

#endif
