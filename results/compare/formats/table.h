/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of a table for a terminal. */
#ifndef VMSUITE_RESULTS_COMPARE_FORMATS_TABLE_H
#define VMSUITE_RESULTS_COMPARE_FORMATS_TABLE_H

#include "compare/formats/formats.h"

#define TABLE_CASES_SHOWN 12 /* without --details */

/* Where it goes, and how wide it is. */
struct sheet {
    FILE *file;
    const struct comparison *comparison;
    const struct compare_view *view;
    size_t columns;
    size_t case_width;
    bool bills; /* what hosts pay has a column */
};

/* Writes a paragraph as layout_paragraph does, and frees it; NULL, without memory: nothing. */
void table_paragraph(const struct sheet *sheet, const char *mark, size_t indent, char *owned);

/* Names of cases give way to words that are long, down to a limit. */
void table_find_case_width(struct sheet *sheet);

/* The rows below headings: the worst, or all that the view asks for. */
void table_cases(const struct sheet *sheet);

/* What was not compared. */
void table_refusals(const struct sheet *sheet, bool all);

/* What differs beside the hypervisor: all with their values, or their names, each once, in one paragraph. */
void table_differences(const struct sheet *sheet, bool all);

#endif
