/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cells of a tidy row. */
#ifndef VMSUITE_RESULTS_EXPORT_CELL_H
#define VMSUITE_RESULTS_EXPORT_CELL_H

#include "export/tidy.h"

/* A row, or a stretch of it, while it is written. */
struct row {
    struct buffer *out;
    const struct tidy_style *style;
    bool first; /* the next cell is the first of its row */
    bool names; /* of the columns, instead of values */
};

/* Each writes the next cell, which is that of `column`. */
void cell_null(struct row *row, const char *column);
void cell_text(struct row *row, const char *column, const char *text);     /* NULL is null */
void cell_optional(struct row *row, const char *column, const char *text); /* "" is null */
void cell_whole(struct row *row, const char *column, uint64_t number);
void cell_number(struct row *row, const char *column, double number);                 /* NaN is null */
void cell_value(struct row *row, const char *column, const struct view_value *value); /* NULL is null */
void cell_list(struct row *row, const char *column, const double *values, size_t n_values);

#endif
