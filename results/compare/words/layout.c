/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/words/layout.h"

#include "base/cleanup.h"
#include "base/escape.h"
#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>

static void put_spaces(FILE *file, size_t n) {
    while (n-- > 0)
        fputc(' ', file);
}

static void put_cut(FILE *file, const char *text, size_t width) {
    if (utf8_columns(text) <= width)
        fputs(text, file);
    else
        fprintf(file, "%.*s…", (int)utf8_fit(text, width - 1), text);
}

static void put_filled(FILE *file, const char *text, size_t width, bool right) {
    cleanup_free char *safe = escape_text(ESCAPE_TERMINAL, text);
    size_t own = utf8_columns(safe ? safe : ""), fill = own < width ? width - own : 0;

    put_spaces(file, right ? fill : 0);
    put_cut(file, safe ? safe : "", width);
    put_spaces(file, right ? 0 : fill);
}

void layout_left(FILE *file, const char *text, size_t width) {
    put_filled(file, text, width, false);
}

void layout_right(FILE *file, const char *text, size_t width) {
    put_filled(file, text, width, true);
}

/* Bytes of the line that the text begins with: up to a space, or in the middle of a word that is longer. */
static size_t line_length(const char *text, size_t width) {
    size_t most = utf8_fit(text, width), end = most;

    if (text[most] == '\0' || text[most] == ' ')
        return most;
    while (end > 0 && text[end - 1] != ' ')
        end--;
    return end > 0 ? end : most;
}

void layout_paragraph(FILE *file, size_t columns, const char *mark, size_t indent, const char *text) {
    cleanup_free char *safe = escape_text(ESCAPE_TERMINAL, text);
    const char *rest = safe ? safe : "";
    size_t used = utf8_columns(mark);

    fputs(mark, file);
    for (;;) {
        size_t length = line_length(rest, columns - used), trimmed = length;

        while (trimmed > 0 && rest[trimmed - 1] == ' ')
            trimmed--;
        fprintf(file, "%.*s\n", (int)trimmed, rest);
        rest += length;
        rest += strspn(rest, " ");
        if (*rest == '\0')
            return;
        put_spaces(file, indent);
        used = indent;
    }
}
