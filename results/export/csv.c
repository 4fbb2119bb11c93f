/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tidy rows as CSV (RFC 4180, lines end in LF), the columns' names in the first line. Null is an empty cell,
 * an empty text is "". */
#include "base/escape.h"
#include "export/tidy.h"

#include <string.h>

static void separate(struct buffer *out, const char *column, bool first) {
    (void)column;
    if (!first)
        buffer_add_char(out, ',');
}

static void add_cell(struct buffer *out, const char *before, const char *text) {
    if (*text && !strpbrk(text, ",\"\r\n ")) {
        buffer_add_text(out, before);
        buffer_add_text(out, text);
        return;
    }
    buffer_add_char(out, '"');
    buffer_add_text(out, before);
    for (const char *quote = strchr(text, '"'); quote; quote = strchr(text, '"')) {
        buffer_add(out, text, (size_t)(quote - text) + 1);
        buffer_add_char(out, '"');
        text = quote + 1;
    }
    buffer_add_text(out, text);
    buffer_add_char(out, '"');
}

static void add_text(struct buffer *out, const char *text) {
    add_cell(out, "", text);
}

static void add_harmless(struct buffer *out, const char *text) {
    add_cell(out, escape_is_formula(text) ? "'" : "", text);
}

const struct tidy_style tidy_csv = {.begin = "",
                                    .end = "\n",
                                    .separate = separate,
                                    .text = add_text,
                                    .null = "",
                                    .begin_list = "\"[",
                                    .end_list = "]\"",
                                    .has_names = true};

const struct tidy_style tidy_spreadsheet = {.begin = "",
                                            .end = "\n",
                                            .separate = separate,
                                            .text = add_harmless,
                                            .null = "",
                                            .begin_list = "\"[",
                                            .end_list = "]\"",
                                            .has_names = true};

static const struct tidy_style *style_of(const struct export *export) {
    return export->options->spreadsheet ? &tidy_spreadsheet : &tidy_csv;
}

static int begin(struct export *export, struct vms_error *error) {
    (void)error;
    return tidy_begin(export, style_of(export));
}

static int add(struct export *export, const struct export_case *outcome, struct vms_error *error) {
    (void)error;
    return tidy_add(export, style_of(export), outcome);
}

const struct export_format export_csv = {.name = "csv",
                                         .help = "tidy rows, one per sample",
                                         .look = tidy_look,
                                         .begin = begin,
                                         .add = add,
                                         .done = tidy_done};
