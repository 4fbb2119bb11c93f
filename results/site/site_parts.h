/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the pages. */
#ifndef VMSUITE_RESULTS_SITE_SITE_PARTS_H
#define VMSUITE_RESULTS_SITE_SITE_PARTS_H

#include "site/site.h"

extern const char site_style[], site_style_hash[], site_script[], site_script_hash[];

struct site {
    struct history *history;
    const struct trend *trend;
    const char *records; /* NULL: no links to them */
};

/* The beginning of a page as far as its heading, and its end. */
void site_begin(FILE *file, const char *title);
void site_end(FILE *file);

/* The name of a case's page, made of its number. */
#define SITE_NAME_SIZE 40
void site_name(const struct history_series *series, char ret_name[static SITE_NAME_SIZE]);

/* The index of all lines. */
int site_index(FILE *file, const struct site *site, struct vms_error *error);

/* The page of a case: its lines, `n` from `lines` on. */
int site_case(FILE *file, const struct site *site, const struct trend_line *lines, size_t n,
              struct vms_error *error);

/* All of a line's runs as a drawing. */
int site_chart(FILE *file, const struct trend_line *line, struct vms_error *error);

#endif
