/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tidy rows as JSON Lines, one object each, every column in every row. */
#include "export/tidy.h"

static int write_row(struct export *export, const json_t *columns, const json_t *row) {
    int status = export_value(export->file, row);

    (void)columns;
    return status < 0 || fputc('\n', export->file) == EOF ? -EIO : 0;
}

static int add(struct export *export, const struct export_case *outcome, struct vms_error *error) {
    return tidy_rows(export, outcome, write_row, error);
}

const struct export_format export_jsonl = {.name = "jsonl",
                                           .help = "the same rows as JSON Lines",
                                           .look = tidy_look,
                                           .begin = tidy_begin,
                                           .add = add,
                                           .done = tidy_done};
