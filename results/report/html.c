/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/html.h"

void html_text(FILE *file, const char *text) {
    for (; *text; text++)
        switch (*text) {
        case '&':
            fputs("&amp;", file);
            break;
        case '<':
            fputs("&lt;", file);
            break;
        case '>':
            fputs("&gt;", file);
            break;
        case '"':
            fputs("&quot;", file);
            break;
        default:
            /* Control characters have no place in HTML. */
            fputc((unsigned char)*text < ' ' && *text != '\n' && *text != '\t' ? '?' : *text, file);
        }
}

void html_element(FILE *file, const char *tag, const char *text) {
    fprintf(file, "<%s>", tag);
    html_text(file, text);
    fprintf(file, "</%s>", tag);
}
