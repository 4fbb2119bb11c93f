/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Since when a case is slower or faster: the changes in its history. docs/store.md. */
#ifndef VMSUITE_RESULTS_HISTORY_TREND_H
#define VMSUITE_RESULTS_HISTORY_TREND_H

#include "history/points.h"
#include "stats/change_point.h"

#include <jansson.h>
#include <stdio.h>

#define TREND_LAST 200   /* points that are searched */
#define TREND_RECENT 10  /* points within which a change is new */
#define TREND_ERROR 0.05 /* of all series together */
#define TREND_SEED 1

/* Which histories are wanted. Texts are borrowed. */
struct trend_wanted {
    int64_t work;
    const char *configuration, *machine;
};

struct trend_options {
    struct history_choice choice; /* `label` names what HISTORY_BY_LABEL goes by */
    /* only these; NULL: all that are chosen. Borrowed while they are searched */
    const struct trend_wanted *wanted;
    size_t n_wanted;
    enum history_by by;
    unsigned last, recent;
    double error;
    uint64_t seed;
};

struct trend_point {
    const struct history_point *first; /* the first of its runs; borrowed from the line's points */
    double log;                        /* mean over its runs; NaN where one has none */
    double figure;                     /* the same in the series' unit, or the mean of the runs' figures */
    size_t n_runs;
};

/* A history. */
struct trend_line {
    const struct history_series *series; /* borrowed */
    struct history_points points;        /* owned: its runs' */
    struct trend_point *trend;           /* owned: the newest `last`, in order */
    size_t n;
    bool has_logs;    /* each point has one: none is 0, or below */
    bool is_searched; /* there are CHANGE_POINT_POINTS_MIN or more */
    struct change_points changes;
};

struct trend {
    struct trend_options options;
    struct history_list list;
    struct trend_line *lines; /* owned */
    size_t n_lines, n_searched;
    size_t n_worse; /* lines whose newest change is for the worse, and recent */
};

/* Reads the chosen histories and searches them. All share the error: each series that is searched has its
 * share. The caller frees with trend_done, also after a failure. */
int trend_find(struct history *history, const struct trend_options *options, struct trend *ret_trend,
               struct vms_error *error);
void trend_done(struct trend *trend);

/* The figures before a change and behind it: means of the two stretches. Where the line has logarithms, only
 * their ratio counts. */
void trend_levels(const struct trend_line *line, const struct change_point *change,
                  double ret_levels[static 2]);
/* The loss that a change brought, as a share: positive is worse. NaN where there is no ratio. */
double trend_loss(const struct trend_line *line, const struct change_point *change);
/* Whether it is for the worse (1) or the better (-1), with a ratio or without; 0: neither is better. */
int trend_direction(const struct trend_line *line, const struct change_point *change);
/* What a drawing shows of a point: the logarithm, or the figure where the line has none. */
double trend_height(const struct trend_line *line, size_t point);
/* The newest change, NULL: there is none; and whether it is within the newest `recent` points. */
const struct change_point *trend_newest(const struct trend_line *line);
bool trend_is_recent(const struct trend *trend, const struct trend_line *line);

/* The number of the work with this identity (record/identity): 1, or 0 where the store has none. */
int trend_find_work(struct history *history, const json_t *identity, int64_t *ret_work,
                    struct vms_error *error);

/* What changed in the machine's facts with a change: {"FACT": ["before", "after"], ...}, null for what was
 * not there. A new reference; NULL with a sentence. */
json_t *trend_facts(struct history *history, const struct trend_line *line, const struct change_point *change,
                    struct vms_error *error);

/* The gate that needs no baseline: failed where some history is worse of late, inconclusive where none is but
 * some, or all, are too short to tell. */
enum trend_gate { TREND_PASSED, TREND_FAILED, TREND_INCONCLUSIVE };
enum trend_gate trend_gate(const struct trend *trend);

/* How many histories changed, then those, each with a sparkline: of blocks where the terminal takes UTF-8,
 * else of ASCII. `details`: the others, too. `gated`: at the end what the gate says. */
struct trend_view {
    bool is_utf8, details, gated;
};
int trend_print(FILE *file, struct history *history, const struct trend *trend, const struct trend_view *view,
                struct vms_error *error);
/* The same as JSON (docs/store.md); `gated`: with what the gate says, else null for that. */
int trend_write_json(FILE *file, struct history *history, const struct trend *trend, bool gated,
                     struct vms_error *error);

/* The facts that changed (trend_facts) in words: "kernel.release: 6.1.0-1 -> 6.1.0-2" for at most `most` of
 * them, and how many more there are; "" for none. The caller frees *ret_words. -EIO, -ENOMEM. */
int trend_facts_words(struct history *history, const struct trend_line *line,
                      const struct change_point *change, size_t most, char **ret_words,
                      struct vms_error *error);

/* The figures of a line, `width` columns at most. */
#define TREND_SPARK_MAX 64
void trend_spark(const struct trend_line *line, size_t width, bool is_utf8,
                 char ret_text[static 4 * TREND_SPARK_MAX]);

#endif
