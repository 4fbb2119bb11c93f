/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON as text. */
#ifndef VMSUITE_RESULTS_RECORD_TEXT_JSON_WRITER_H
#define VMSUITE_RESULTS_RECORD_TEXT_JSON_WRITER_H

#include <jansson.h>
#include <stdio.h>

/* Hands over a document, piece by piece: a member a line, or as one line, of ASCII or not. Numbers are the
 * shortest texts that read back (Jansson writes 0.20000000000000001). 0, -ENOMEM, or what `add` returns other
 * than 0. */
enum json_style { JSON_STYLE_DOCUMENT, JSON_STYLE_LINE, JSON_STYLE_ASCII };
int json_put(const json_t *json, enum json_style style, json_dump_callback_t add, void *user);

/* Writes a document and a newline. 0, or -EIO, where errno says more. */
int json_write(FILE *file, const json_t *json);
/* Writes a line of ASCII, as for terminals. The same. */
int json_write_line(FILE *file, const json_t *json);

/* As one line, without a newline. NULL where memory runs out, and for NULL. The caller frees. */
char *json_line(const json_t *json);

#endif
