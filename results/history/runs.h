/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The runs of a store that are chosen: read once, in the order of their histories, for all cases. */
#ifndef VMSUITE_RESULTS_HISTORY_RUNS_H
#define VMSUITE_RESULTS_HISTORY_RUNS_H

#include "history/history.h"
#include "record/arena.h"

/* What a point of a history is: a run, or all runs that have something in common, in the order in which they
 * came. */
enum history_by {
    HISTORY_BY_RUN,
    HISTORY_BY_LABEL,
    HISTORY_BY_KERNEL,
    HISTORY_BY_HYPERVISOR,
    HISTORY_BY_VERSION
};
/* "run", "label", "kernel", "hypervisor", "version"; NULL beyond the last. */
const char *history_by_name(size_t index);

/* Which runs and series are wanted. Texts are borrowed; patterns are those of the shell, "tcp-*"; NULL:
 * all. */
struct history_choice {
    const char *cases;         /* pattern on the case's label, "tcp-small message_size=64" */
    const char *metric;        /* pattern, "* p99"; NULL: the headline of each case */
    const char *configuration; /* pattern */
    const char *machine;       /* pattern on the kind of machine */
    const char *label;         /* name of the label that runs carry */
    const char *value;         /* only runs whose label has this value */
    /* begun at this time or later, and before this one, as records have it: "2026-01-31T12:00:00Z", or the
     * beginning of such a text */
    const char *since, *until;
};

/* Whether the text matches the pattern; NULL matches every text. */
bool history_matches(const char *pattern, const char *text);

struct history_run {
    int64_t id, environment;
    const char *configuration, *machine;
    const char *run_id, *record, *started_at, *kernel, *hypervisor, *version;
    const char *label; /* value of the label that was asked for, or "" */
};

/* In order of configuration, machine and time. */
struct history_runs {
    struct history_run *runs;
    size_t n;
    const struct history_run **by_id; /* the same in order of id */
    struct arena arena;               /* owns all of it */
};

/* Reads those that are chosen. The caller frees with history_runs_done, also after a failure. */
int history_runs_read(struct history *history, const struct history_choice *choice,
                      struct history_runs *ret_runs, struct vms_error *error);
void history_runs_done(struct history_runs *runs);

/* Whether two runs share a point. */
bool history_is_common(const struct history_run *a, const struct history_run *b, enum history_by by);

/* As qsort(), for what mostly is in order. */
void history_sort(void *elements, size_t n, size_t size, int (*compare)(const void *, const void *));

/* NULL: it is not chosen. */
const struct history_run *history_runs_find(const struct history_runs *runs, int64_t id);

#endif
