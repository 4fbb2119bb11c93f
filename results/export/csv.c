/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tidy rows as CSV (RFC 4180, lines end in LF), the columns' names in the first line. Null is an empty cell,
 * an empty text is "". */
#include "export/tidy.h"

#include <string.h>

static void write_text(FILE *file, const char *text) {
    if (*text && !strpbrk(text, ",\"\r\n ")) {
        fputs(text, file);
        return;
    }
    fputc('"', file);
    for (; *text; text++)
        fputs(*text == '"' ? "\"\"" : (char[]){*text, '\0'}, file);
    fputc('"', file);
}

static int write_cell(FILE *file, const json_t *value) {
    char *text;

    if (json_is_null(value))
        return 0;
    if (json_is_string(value)) {
        write_text(file, json_string_value(value));
        return 0;
    }
    if (!json_is_array(value))
        return export_value(file, value);
    text = json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION(17));
    if (!text)
        return -ENOMEM;
    write_text(file, text);
    free(text);
    return 0;
}

static int write_row(struct export *export, const json_t *columns, const json_t *row) {
    const json_t *column;
    size_t index;

    json_array_foreach (columns, index, column) {
        int status;

        if (index > 0)
            fputc(',', export->file);
        status = write_cell(export->file, row ? json_object_get(row, json_string_value(column)) : column);
        if (status < 0)
            return status;
    }
    return fputc('\n', export->file) == EOF ? -EIO : 0;
}

static int begin(struct export *export, struct vms_error *error) {
    int status = tidy_begin(export, error);

    return status < 0 ? status : write_row(export, tidy_columns(export), NULL);
}

static int add(struct export *export, const struct export_case *outcome, struct vms_error *error) {
    return tidy_rows(export, outcome, write_row, error);
}

const struct export_format export_csv = {.name = "csv",
                                         .help = "tidy rows, one per sample",
                                         .look = tidy_look,
                                         .begin = begin,
                                         .add = add,
                                         .done = tidy_done};
