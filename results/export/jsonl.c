/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tidy rows as JSON Lines, one object each, every column in every row. */
#include "export/tidy.h"

static void separate(struct buffer *out, const char *column, bool first) {
    if (!first)
        buffer_add_char(out, ',');
    buffer_add_json(out, column);
    buffer_add_char(out, ':');
}

const struct tidy_style tidy_jsonl = {.begin = "{",
                                      .end = "}\n",
                                      .separate = separate,
                                      .text = buffer_add_json,
                                      .null = "null",
                                      .begin_list = "[",
                                      .end_list = "]"};

static int begin(struct export *export, struct vms_error *error) {
    (void)error;
    return tidy_begin(export, &tidy_jsonl);
}

static int add(struct export *export, const struct export_case *outcome, struct vms_error *error) {
    (void)error;
    return tidy_add(export, &tidy_jsonl, outcome);
}

const struct export_format export_jsonl = {.name = "jsonl",
                                           .help = "the same rows as JSON Lines",
                                           .look = tidy_look,
                                           .begin = begin,
                                           .add = add,
                                           .done = tidy_done};
