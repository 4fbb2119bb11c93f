/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a comparison is, from the options to the answers, and what all of its parts ask it. */
#ifndef VMSUITE_RESULTS_COMPARE_COMPARISON_COMPARISON_H
#define VMSUITE_RESULTS_COMPARE_COMPARISON_COMPARISON_H

#include "stats/effects/effect.h"
#include "stats/effects/sequential.h"

#include "compare/comparison/account.h"
#include "record/identity/identity.h"

#include <stdio.h>
#include <vmsuite/module.h>

#define COMPARISON_SCHEMA "vmsuite.comparison/2"
#define COMPARE_MARGIN 0.03 /* default of `margin` */
#define COMPARE_ERROR SEQUENTIAL_ERROR

struct history;

struct compare_options {
    double margin;    /* of equivalence, on the ratio: from 1 / (1 + margin) to 1 + margin */
    double run_shift; /* median of what a whole run may be off by, where one run does not show it; NaN: by
                             resource */
    uint64_t seed;    /* of the selection where a figure has very many trials */
    double error;     /* of a table with any false verdict: COMPARE_ERROR, or what a look may spend of it */
    bool is_look;     /* `error` is a look's: nothing is to be taken off for those before it */
    bool allow_different;    /* compare what is not the same work, and mark it */
    struct history *history; /* borrowed: a store that single runs learn from, or NULL */
    char **metrics;          /* borrowed: metrics that are tested beside the headlines */
    size_t n_metrics;
};

/* The options that hold unless others are given. */
extern const struct compare_options compare_defaults;

/* All records of one configuration; side 0 is the baseline. */
struct compare_side {
    char *label;          /* owned: what the caller calls it */
    char *virtualization; /* owned: of the first run, "" where it is not recorded */
    bool emulated;        /* its hardware was emulated in software */
    bool instructions;    /* its clock counts instructions; then that of all sides does */
    size_t n_runs;
    struct compare_round *rounds;    /* owned: of its runs (rounds.h) */
    bool paired;                     /* compared with the baseline round by round */
    size_t n_trials, n_flagged;      /* of all cases; flagged as noisy */
    size_t n_broken;                 /* runs whose status is not ok */
    char *broken;                    /* owned: a sentence on the first of them, or NULL */
    size_t n_selected;               /* series with more values than are judged */
    const struct environment *facts; /* borrowed from the arena: of the first run (environment.h) */
};

enum compare_verdict {
    COMPARE_SLOWER,
    COMPARE_FASTER,
    COMPARE_EQUIVALENT,
    COMPARE_UNDECIDED,
    COMPARE_UNCONFIRMED, /* a side has one run, and the loss is within what a whole run may be off */
    COMPARE_UNTESTED     /* shown only: no headline, or a metric without a direction */
};

/* What a row's effect is an effect on. */
enum compare_scale {
    COMPARE_RATIO,      /* the logarithm of a ratio */
    COMPARE_DIFFERENCE, /* figures that are 0 or negative: a plain difference, in the metric's unit */
    COMPARE_IDENTICAL   /* every trial of both sides gave the same figure, 0 perhaps */
};

enum compare_gate_state { COMPARE_NOT_GATED, COMPARE_GATE_PASSED, COMPARE_GATE_FAILED, COMPARE_GATE_OPEN };

/* What is known of a row, or of a resource. */
struct compare_finding {
    enum compare_scale scale;
    struct effect effect; /* positive is worse, for metrics of either direction */
    size_t runs[2];
    /* runs from which the store knows how far a side's single run may be off; 0: it does not */
    size_t earlier;
    /* Loss against the baseline, as a share: positive is worse. NaN where the baseline is 0 or signs differ.
     * With one run a side the interval is the plausible range. */
    double loss, loss_ci95[2];
    bool loss_of_cost;         /* loss is (other - baseline) / baseline of what is better when lower */
    double cost, cost_ci95[2]; /* factor by which it is slower, 1: equal; NaN as the loss is */
    double sure;               /* the cost that is sure where it is slower: the interval's near end */
    double weight;             /* in the error; 0: not tested */
    double p, p_difference;    /* of "no difference": as it stands, and stepped down with all claims */
    double p_equivalence;      /* of "not within the margin": stepped down */
    enum compare_verdict verdict;
    const char *reason; /* static: why it is undecided; NULL */
    size_t more_runs;   /* of each configuration, that would decide it; 0: unknown, or decided */
    /* Of a resource: its cases that have surely become worse without a ratio, since they fell to 0 or rose
     * from it. Then the verdict is "slower", and the figures and `others` are those of its other cases. */
    size_t fallen, risen;
    enum compare_verdict others;
};

/* A side's figures in a row, over all trials that were ok. NaN where there are too few. */
struct compare_figure {
    size_t n_runs, n_trials;
    double value; /* what is compared: the mean over runs of their 20% trimmed means (on logarithms where the
                     scale is a ratio) */
    double median, mean, sd, cv; /* over all trials: description */
    /* of a tail: the quantile of all samples of all runs, within SKETCH_ERROR: description; else NaN */
    double pooled;
};

struct compare_row {
    size_t other;                         /* the side compared with the baseline */
    const struct identity *identity;      /* borrowed from the arena: the baseline's */
    const struct identity_metric *metric; /* likewise */
    char *label;                          /* group and the parameters that vary in it */
    char *title;   /* the label for people: sizes in units, "tcp-medium message_size=64KiB" */
    bool headline; /* the first metric of its case */
    /* a trial's figure is the median of a distribution: what happens now and then does not move it */
    bool median;
    char *different;                  /* NULL, or what differs: compared only because it was asked for */
    struct account accounts[2];       /* baseline, other: what went on beside the figures */
    struct compare_figure figures[2]; /* likewise */
    struct compare_finding finding;
    double ratio, ratio_ci95[2]; /* other / baseline; NaN unless the scale is a ratio */
    double p_ranks, cliff_delta; /* Mann-Whitney and Cliff's delta over all trials: description */
    double limit;                /* the gate's, NaN: none */
    double p_above;              /* of "the loss is not above the limit": over all gated rows (gate.c) */
    enum compare_gate_state gate;
    size_t gate_more_runs; /* of each configuration, that would tell where the gate is open and the verdict
                              says no number of its own; 0: unknown, or none are needed */
};

/* What a resource costs: the mean of its cases within each run, so that a shift they share counts once. */
struct compare_answer {
    size_t other;
    const char *resource;          /* borrowed from a row */
    size_t n_cases;                /* headline rows; one: the answer is that row's */
    size_t n_left_out;             /* of them, without a figure in each run, or without a ratio */
    const struct compare_row *row; /* borrowed: with one case its row, else NULL */
    struct compare_finding finding;
    char *sentence; /* "network: 7.9x slower [7.1x, 8.8x]" */
};

/* A case that was not compared. */
struct compare_refusal {
    size_t other;
    char *label;  /* group and parameters */
    char *reason; /* what differs, or that it was not measured */
};

/* Something beside the hypervisor that differs. */
struct compare_difference {
    size_t sides[2]; /* equal: among the runs of one side */
    char *what;
    char *values[2]; /* among runs: of the first, and of the first that has another */
    size_t n_runs;   /* among runs: how many do not have the first one's; else 0 */
};

struct compare_beside; /* neighbours.h */

struct comparison {
    struct compare_options options;
    struct arena arena; /* what cases, metrics and machines are */
    /* that the verdicts have: that of the options, or what the looks at a set of runs left of it */
    double error;
    struct compare_side *sides;
    size_t n_sides;
    struct compare_row *rows; /* within a side and resource the worst first */
    size_t n_rows;
    struct compare_refusal *refusals;
    size_t n_refusals;
    struct compare_difference *differences;
    size_t n_differences;
    struct compare_answer *answers; /* one per resource and other side, in the order of the rows */
    size_t n_answers;
    struct compare_beside *besides; /* what places that worked at the same time cost each other */
    size_t n_besides;
    char **warnings;
    size_t n_warnings;
    struct compare_gate *gate;     /* NULL: none was applied */
    struct compare_collected *raw; /* until compare_finish */
    struct vms_error trouble;      /* what the store said, "": nothing */
};

/* "slower", "faster", "equivalent", "undecided", "unconfirmed", "untested". */
const char *compare_verdict_name(enum compare_verdict verdict);

/* The name of the row's resource: "network". */
const char *compare_resource(const struct compare_row *row);

bool compare_is_lower_better(const struct compare_row *row);

/* By what rows are sorted, the worst first: the cost as a logarithm, infinite where there is a loss and no
 * ratio. */
double compare_badness(const struct compare_row *row);

/* Whether a metric is tested though it is no headline. */
bool compare_is_asked(const struct comparison *comparison, const char *metric);

/* Whether a side has one run, and nothing is known of how far that is off. */
bool compare_is_single(const struct compare_finding *finding);

/* Whether the answer is about some of its cases only, which its sentence says. */
bool compare_is_partial(const struct compare_answer *answer);

/* A label with its sizes in units, "tcp-medium message_size=64KiB"; without `names`: "tcp-medium 64KiB".
 * Owned; NULL without memory. */
char *compare_title(const char *label, bool names);

#endif
