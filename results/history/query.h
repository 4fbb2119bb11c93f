/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A store's answers, for people and for programs. */
#ifndef VMSUITE_RESULTS_HISTORY_QUERY_H
#define VMSUITE_RESULTS_HISTORY_QUERY_H

#include "history/points.h"

#include <stdio.h>

#define QUERY_LAST 20 /* runs before the latest, of which the median is taken */

enum query_format { QUERY_TABLE, QUERY_CSV, QUERY_JSONL, QUERY_SPREADSHEET /* of QUERY_CSV */ };
/* "table", "csv", "jsonl"; NULL beyond the last. */
const char *query_format_name(size_t index);

struct query {
    struct history_choice choice;
    enum query_format format;
    enum history_by by; /* of query_latest: what its points are */
    unsigned last;      /* as QUERY_LAST; of a history: the runs that are shown, 0: all */
};

/* The latest point of each case, configuration and kind of machine, beside the median of those before. Sets
 * *ret_n to the number of rows. */
int query_latest(FILE *file, struct history *history, const struct query *query, size_t *ret_n,
                 struct vms_error *error);

/* A row for each run of the chosen cases. */
int query_runs(FILE *file, struct history *history, const struct query *query, size_t *ret_n,
               struct vms_error *error);

/* Every value of every trial, as tidy rows; QUERY_TABLE is CSV. */
int query_samples(FILE *file, struct history *history, const struct query *query, size_t *ret_n,
                  struct vms_error *error);

#endif
