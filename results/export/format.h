/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the formats share. A format is a file, which defines `export_NAME`, and a row in meson.build. */
#ifndef VMSUITE_RESULTS_EXPORT_FORMAT_H
#define VMSUITE_RESULTS_EXPORT_FORMAT_H

#include "export/export.h"
#include "record/read/reader.h"
#include "record/text/buffer.h"

#include <errno.h>

struct export {
    FILE *file;
    struct buffer out; /* in front of the file: export_flush */
    const struct export_options *options;
    size_t left_out;
    size_t n_written; /* entries so far */
    json_t *names;    /* those that export_name gave: name -> the run of it that was last */
    void *state;      /* the format's own, until `done` */
};

/* A case and the record that it is in. Borrowed. */
struct export_case {
    const struct view_head *head;
    const struct view_case *outcome;
    const char *label; /* the group, and what is swept in it */
};

/* All functions but `add` may be NULL. -ENOMEM: the caller says so. Other failures have their sentence. */
struct export_format {
    const char *name, *help;
    /* Looks at a record before anything is written. */
    int (*look)(struct export *, struct reader *, struct vms_error *);
    int (*begin)(struct export *, struct vms_error *);
    int (*add)(struct export *, const struct export_case *, struct vms_error *);
    int (*end)(struct export *, struct vms_error *);
    void (*done)(void *state); /* frees it, NULL too, also after a failure */
};

/* The name under which a case stands, "CONFIGURATION/LABEL", each once in an export: the same case of a
 * further run gets that run's id, and a further case of that label its number. Owned; NULL without memory. */
char *export_name(struct export *export, const struct export_case *outcome);

/* Begins an entry of a JSON array or object: a comma where it is not the first, and a new line. */
void export_separate(struct export *export);

/* Writes the buffer to the file where it holds enough, or `now`. -EIO. */
int export_flush(struct export *export, bool now);

#endif
