/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text of others (records, configurations, file names, guests, peers) made harmless where it is written: one
 * row a language. Bytes that are not UTF-8 become U+FFFD, except where a row says otherwise. */
#ifndef VMSUITE_CORE_BASE_ESCAPE_H
#define VMSUITE_CORE_BASE_ESCAPE_H

#include <stdbool.h>
#include <stdio.h>

enum escape {
    /* Terminals and logs: control characters, C1 and bytes that are not UTF-8 as \x1b, those that turn or
     * hide text as \u202e. One line stays one line. */
    ESCAPE_TERMINAL,
    /* Content and quoted attributes of HTML, and of XML 1.0: control characters become U+FFFD, and those that
     * turn or hide text \u202e, as in a cell of Markdown. */
    ESCAPE_HTML,
    ESCAPE_XML,
    /* JSON in a script element: every "<" as \u003c, so that nothing in it ends or opens an element. */
    ESCAPE_SCRIPT,
    /* A cell of a Markdown table, or a line. */
    ESCAPE_MARKDOWN,
    /* A cell of CSV (RFC 4180), quoted where it has to be; "" for an empty text. */
    ESCAPE_CSV,
    /* The same for spreadsheets, which would run what begins with = + - @: that gets a quote before it. */
    ESCAPE_SPREADSHEET,
    /* The value of an OpenMetrics label, without its quotes; and a name, where all but letters, digits, "_"
     * and ":" becomes "_". */
    ESCAPE_OPENMETRICS,
    ESCAPE_OPENMETRICS_NAME,
    /* A value in an option of QEMU: commas are doubled. Bytes are kept. */
    ESCAPE_QEMU,
    /* A string in a domain's configuration for xl, without its quotes. Bytes are kept. */
    ESCAPE_XL
};

/* Whether a spreadsheet would run the text of a cell: one that begins with = + - @, a tab or a carriage
 * return. */
bool escape_is_formula(const char *text);

/* Writes a text. */
void escape_write(FILE *file, enum escape language, const char *text);

/* The same as a new string, which the caller frees; NULL without memory. */
char *escape_text(enum escape language, const char *text);

/* Makes a sentence for terminals in place, cut to `size` and to 1,023 bytes, with a mark. Needs no memory. */
void escape_sentence(char *text, size_t size);

#endif
