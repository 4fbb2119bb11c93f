/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the formats share; one small file each behind the table in export.c. */
#ifndef VMSUITE_RESULTS_EXPORT_FORMAT_H
#define VMSUITE_RESULTS_EXPORT_FORMAT_H

#include "export/export.h"
#include "record/reader.h"

#include <errno.h>

struct export {
    FILE *file;
    const struct export_options *options;
    size_t left_out;
    size_t n_written; /* entries so far */
    json_t *names;    /* those that export_name gave: name -> the run of it that was last */
    void *state;      /* the format's own, until `end` */
};

/* A case and the record that it stands in. Borrowed. */
struct export_case {
    struct reader *reader;
    const json_t *json;
    const char *label; /* the group, and the parameters that are swept in it */
};

struct export_format {
    const char *name, *help;
    /* Looks at a record before anything is written; NULL: no need. */
    int (*look)(struct export *, struct reader *, struct vms_error *);
    int (*begin)(struct export *, struct vms_error *);
    int (*add)(struct export *, const struct export_case *, struct vms_error *);
    int (*end)(struct export *, struct vms_error *); /* NULL: nothing stands behind the last entry */
    void (*done)(void *state); /* frees it, NULL too, also after a failure; NULL: no need */
};

extern const struct export_format export_bmf, export_csv, export_github, export_google, export_jsonl,
    export_openmetrics;

/* A text member; "" where it is null or absent. Borrowed. */
const char *export_text(const json_t *object, const char *key);

/* The case's summary of a metric, or NULL. Borrowed. */
const json_t *export_summary(const json_t *outcome, const char *metric);

/* The name under which a case stands, "CONFIGURATION/LABEL", each once in an export: the same case of a
 * further run gets that run's id, and a further case of that label its number. New reference; NULL without
 * memory. */
json_t *export_name(struct export *export, const struct export_case *outcome);

/* Writes a value as JSON, compact, with 17 digits. -EIO. */
int export_value(FILE *file, const json_t *value);

/* Begins an entry of a JSON array: a comma where it is not the first, and a new line. */
void export_separate(struct export *export);

#endif
