/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTML, written as it comes. */
#ifndef VMSUITE_RESULTS_REPORT_HTML_H
#define VMSUITE_RESULTS_REPORT_HTML_H

#include <stdio.h>

/* Writes a text with what HTML would take for its own escaped; fit for content and for quoted attributes. */
void html_text(FILE *file, const char *text);

/* Writes "<TAG>text</TAG>". */
void html_element(FILE *file, const char *tag, const char *text);

#endif
