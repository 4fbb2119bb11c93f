/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the comparison share. */
#ifndef VMSUITE_RESULTS_COMPARE_PARTS_H
#define VMSUITE_RESULTS_COMPARE_PARTS_H

#include "compare/compare.h"
#include "compare/spill.h"

/* A metric of a case over the runs of a side. */
struct series {
    json_t *metric;          /* {"metric", "unit", "better", "side"} */
    struct spill_row values; /* of each run: their number, then the values of its ok trials */
    size_t n_runs, n_values;
    double half_variance; /* sum over the runs: what steady noise gives their halves (drift.h) */
    double squares, df;   /* of the values' logarithms from their run's mean: sum, and degrees of freedom */
};

/* A case of a side: the same work in each of its runs. */
struct subject {
    json_t *identity;
    struct series *series; /* owned; in the order of the record, the headline first */
    size_t n_series;
    char *trouble; /* owned; the first reason why a trial of it is not ok, or NULL */
    bool paired;
};

struct collected_side {
    struct subject *subjects; /* owned */
    size_t n_subjects;
    size_t next; /* where the next case of the current run is expected */
};

/* What a row compares, in the order of the rows. */
struct row_series {
    const struct series *baseline, *other;
};

struct compare_collected {
    struct spill *spill;          /* owned: the values of all series */
    struct collected_side *sides; /* owned; as many as the comparison has */
    size_t side;                  /* of the current run */
    struct row_series *pairs;     /* owned */
};

void collected_free(struct compare_collected *collected, size_t n_sides);

/* What is taken of a series with more values: a judgement takes no more memory and time than this, and a
 * sharper one would not differ to the digits that are shown. */
#define POOL_VALUES_MAX ((size_t)1 << 17)

/* The values of a series in one array, and its runs as blocks of it. */
struct pool {
    double *values;                /* owned */
    struct resample_block *blocks; /* owned */
    size_t n, n_blocks;
};

/* Reads a series back. Where it has more than POOL_VALUES_MAX values, a run that has more than its share of
 * them gives a selection at random, which hangs on `seed` alone. Freed with pool_done, also after a failure.
 */
int pool_read(struct pool *pool, const struct spill *spill, const struct series *series, uint64_t seed);
/* Leaves what the runs have to say: trials of a run that all gave the very same figure (a checksum's, a
 * residual's) are one observation, not many without noise. */
void pool_condense(struct pool *pool);
void pool_done(struct pool *pool);

/* A sentence for what went wrong with memory or the temporary file; returns `status`. */
int compare_fail(struct vms_error *error, int status, const char *what);

/* A text member; "" where it is null or absent. Borrowed. */
const char *compare_text(const json_t *object, const char *key);

/* printf into a new text; NULL without memory. */
char *compare_sentence(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Appends to the comparison's lists; takes the texts over. -ENOMEM (the texts may be NULL: also -ENOMEM). */
int compare_warn(struct comparison *comparison, char *sentence);
int compare_refuse(struct comparison *comparison, size_t other, char *label, char *reason);

/* Facts of a run that matter to a comparison, {"cpu.model": "...", ...}: not those of the hypervisor, and not
 * those that never stand still. New reference. */
json_t *environment_facts(const json_t *head);
/* Adds what differs between two sides' facts (or those of two runs of one side). */
int environment_differ(struct comparison *comparison, size_t side_a, const json_t *a, size_t side_b,
                       const json_t *b);

/* Pairs the subjects of side `other` with the baseline's: rows and refusals. */
int compare_pair(struct comparison *comparison, size_t other);

/* Judges all rows: figures, ratio, tests, verdict. */
int compare_judge(struct comparison *comparison);

/* One sentence per resource and other side. */
int compare_answer(struct comparison *comparison);

/* A loss as people read it: "31.2%", "-0.4%"; 1/100 of a percent where it is small. */
#define LOSS_TEXT_SIZE 32
void compare_format_loss(double loss, char ret_text[static LOSS_TEXT_SIZE]);
/* "+3.1% [+1.2%, +5.0%]", or "" without a ratio. */
#define INTERVAL_TEXT_SIZE 104
void compare_format_interval(const struct compare_row *row, char ret_text[static INTERVAL_TEXT_SIZE]);
/* A side's median with its unit, or "n/a". */
#define FIGURE_TEXT_SIZE 64
void compare_format_figure(const struct compare_row *row, size_t side,
                           char ret_text[static FIGURE_TEXT_SIZE]);
/* The verdict in words, with what an undecided row would take. */
#define VERDICT_TEXT_SIZE 96
void compare_format_verdict(const struct compare_row *row, char ret_text[static VERDICT_TEXT_SIZE]);
/* The adjusted p-value that decides: the larger of the two. NaN without. */
double compare_p(const struct compare_row *row);

typedef int compare_writer(FILE *file, const struct comparison *comparison, bool colour);
compare_writer compare_write_table, compare_write_markdown, compare_write_json, compare_write_csv,
    compare_write_junit;

#endif
