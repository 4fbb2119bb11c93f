/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tidy rows: one per sample (a metric of a trial), the same columns in CSV and JSON Lines. A trial without
 * figures has one row, with the headline metric, no value, its status and its reason. */
#ifndef VMSUITE_RESULTS_EXPORT_TIDY_H
#define VMSUITE_RESULTS_EXPORT_TIDY_H

#include "export/format.h"

/* How a format writes cells. Numbers are written as JSON has them by all. */
struct tidy_style {
    const char *begin, *end; /* of a row */
    /* What stands before the cell of a column; `first` in its row. */
    void (*separate)(struct buffer *out, const char *column, bool first);
    void (*text)(struct buffer *out, const char *text);
    const char *null;
    const char *begin_list, *end_list; /* of numbers, with commas between them */
    bool has_names;                    /* the first row holds the columns' names, as texts */
};

/* tidy_spreadsheet: as tidy_csv, with a quote before what a spreadsheet would run. */
extern const struct tidy_style tidy_csv, tidy_spreadsheet, tidy_jsonl;

/* The `look` of both formats: collects the names of parameters ("param_NAME") from all records, so that all
 * columns are known before the first row. */
int tidy_look(struct export *export, struct reader *reader, struct vms_error *error);
/* Their `begin`: makes the columns, and writes their names where the style has them. */
int tidy_begin(struct export *export, const struct tidy_style *style);
/* Their `add`: the rows of a case. */
int tidy_add(struct export *export, const struct tidy_style *style, const struct export_case *outcome);
/* Their `done`. */
void tidy_done(void *state);

#endif
