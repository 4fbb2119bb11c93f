/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/html.h"

#include "base/escape.h"

void html_text(FILE *file, const char *text) {
    escape_write(file, ESCAPE_HTML, text);
}

void html_element(FILE *file, const char *tag, const char *text) {
    fprintf(file, "<%s>", tag);
    html_text(file, text);
    fprintf(file, "</%s>", tag);
}
