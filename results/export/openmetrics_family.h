/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The points of an OpenMetrics family must stand together, while records hold them by case: they are gathered
 * in a temporary file for each family. */
#ifndef VMSUITE_RESULTS_EXPORT_OPENMETRICS_FAMILY_H
#define VMSUITE_RESULTS_EXPORT_OPENMETRICS_FAMILY_H

#include "base/text.h"
#include "export/format.h"

/* The lines of its file are a case's labels behind CASE_MARK, and then a point each of that case: as it is to
 * be written, without the family's name and those labels. No line feed is in either: labels are escaped. */
struct family {
    char *name;
    const char *unit; /* static */
    bool is_summary;
    FILE *points;
    struct buffer recent; /* the last lines, not in the file yet */
    size_t of_case;       /* the number of the case whose labels were written last; 0: none */
};

struct family_list {
    struct family *families; /* owned */
    size_t n_families;
};

/* The family of that name, made where it is not there. Takes `name` over. NULL: out of memory or of temporary
 * files. */
struct family *family_find(struct family_list *list, char *name, const char *unit, bool is_summary);

/* What follows is of case `number` (from 1) with these labels. */
void family_begin_case(struct family *family, size_t number, const struct buffer *labels);

/* Writes the lines that are not in the file yet where they are many, or `now`. -ENOMEM, -EIO. */
int family_keep(struct family *family, bool now);

/* Writes the family, its head first. `labels` is room for those of a case. -ENOMEM, -EIO. */
int family_put(struct export *export, struct family *family, struct buffer *labels);

void family_list_done(struct family_list *list);

#endif
