/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A comparison as it is printed: for people, for programs, for CI servers. */
#ifndef VMSUITE_RESULTS_COMPARE_FORMATS_FORMATS_H
#define VMSUITE_RESULTS_COMPARE_FORMATS_FORMATS_H

#include "compare/comparison/comparison.h"

#include <jansson.h>
#include <stdio.h>

/* "table", "markdown", "json", "csv", "junit"; NULL beyond the last. */
const char *compare_format_name(size_t index);

/* What a format shows. */
struct compare_view {
    bool colour;      /* escape sequences, in a table */
    size_t columns;   /* of the terminal, in a table: at most and by default (0) 80 */
    bool details;     /* every case that was tested, with its interval and p-values */
    bool all_metrics; /* and every other metric */
    bool spreadsheet; /* in CSV: a quote before what a spreadsheet would run */
    bool why;         /* what the runs' own counts say about each loss */
};

/* Writes in a format. -ENOENT: no such format. -EIO. -ENOMEM. */
int compare_write(FILE *file, const struct comparison *comparison, const char *format,
                  const struct compare_view *view, struct vms_error *error);

/* The whole comparison as JSON, new reference; comparison.schema.json describes its fields. */
json_t *compare_json(const struct comparison *comparison);

typedef int compare_writer(FILE *file, const struct comparison *comparison, const struct compare_view *view);
compare_writer compare_write_table, compare_write_markdown, compare_write_json, compare_write_csv,
    compare_write_junit;

#endif
