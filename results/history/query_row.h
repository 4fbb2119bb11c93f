/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the rows of all answers have. */
#ifndef VMSUITE_RESULTS_HISTORY_QUERY_ROW_H
#define VMSUITE_RESULTS_HISTORY_QUERY_ROW_H

#include "base/units.h"
#include "export/cell.h"
#include "history/query.h"

/* An answer while it is written. */
struct query_answer {
    FILE *file;
    const struct query *query;
    struct buffer out; /* in front of the file: query_row_flush */
    size_t n;          /* rows so far */
};

/* Begins a row of CSV or JSON Lines; `is_first` of the answer: the columns' names where the format has them,
 * behind which query_row_next() begins the row itself. */
struct row query_row_begin(struct buffer *out, enum query_format format, bool is_first);
struct row query_row_next(const struct row *names);
void query_row_end(const struct row *row);

/* The columns of a series and of a run. */
void query_row_series(struct row *row, const struct history_series *series,
                      const struct history_point *point);
void query_row_run(struct row *row, const struct history_point *point);

/* Writes what is in the buffer. -EIO, -ENOMEM with a sentence. */
int query_row_flush(struct query_answer *answer, struct vms_error *error);

#define QUERY_CHANGE_SIZE (UNITS_TEXT_SIZE + 16)
/* What changed from one figure to another: "3.1% slower", "equal", "2.0x slower", "fell to 0"; of a metric of
 * which neither is better "12.0% more"; "" where one is NaN. */
void query_change(const struct history_series *series, double before, double behind,
                  char ret_text[static QUERY_CHANGE_SIZE]);

#endif
