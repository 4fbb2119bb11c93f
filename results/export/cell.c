/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/cell.h"

#include <math.h>

/* Whether a value has to follow. */
static bool begin_cell(struct row *row, const char *column) {
    row->style->separate(row->out, column, row->first);
    row->first = false;
    if (row->names)
        row->style->text(row->out, column);
    return !row->names;
}

void cell_null(struct row *row, const char *column) {
    if (begin_cell(row, column))
        buffer_add_text(row->out, row->style->null);
}

void cell_text(struct row *row, const char *column, const char *text) {
    if (!text)
        cell_null(row, column);
    else if (begin_cell(row, column))
        row->style->text(row->out, text);
}

void cell_optional(struct row *row, const char *column, const char *text) {
    cell_text(row, column, *text ? text : NULL);
}

void cell_whole(struct row *row, const char *column, uint64_t number) {
    if (begin_cell(row, column))
        buffer_add_whole(row->out, number);
}

void cell_number(struct row *row, const char *column, double number) {
    if (isnan(number))
        cell_null(row, column);
    else if (begin_cell(row, column))
        buffer_add_number(row->out, number);
}

void cell_value(struct row *row, const char *column, const struct view_value *value) {
    if (!value || value->kind == VIEW_NULL)
        cell_null(row, column);
    else if (value->kind == VIEW_TEXT)
        cell_text(row, column, value->text);
    else if (begin_cell(row, column))
        buffer_add_text(row->out, value->text); /* as JSON */
}

void cell_list(struct row *row, const char *column, const double *values, size_t n_values) {
    if (!values) {
        cell_null(row, column);
        return;
    }
    if (!begin_cell(row, column))
        return;
    buffer_add_text(row->out, row->style->begin_list);
    for (size_t i = 0; i < n_values; i++) {
        if (i > 0)
            buffer_add_char(row->out, ',');
        if (isnan(values[i]))
            buffer_add_text(row->out, "null");
        else
            buffer_add_number(row->out, values[i]);
    }
    buffer_add_text(row->out, row->style->end_list);
}
