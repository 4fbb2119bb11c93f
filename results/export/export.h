/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records in the forms that other programs read. */
#ifndef VMSUITE_RESULTS_EXPORT_EXPORT_H
#define VMSUITE_RESULTS_EXPORT_EXPORT_H

#include <stdbool.h>
#include <stdio.h>
#include <vmsuite/module.h>

struct export_options {
    const char *format;     /* one of export_format_name */
    enum vms_better better; /* "github" only, which holds metrics of one direction */
    bool spreadsheet;       /* "csv" only: as tidy_spreadsheet has it (export/tidy.h) */
};

/* The name of format `index` and a sentence on it, or NULL beyond the last. Static. */
const char *export_format_name(size_t index);
const char *export_format_help(size_t index);

/* Writes the records to `file`, one file and one case in memory at a time: each is read twice, at first for
 * what must be known of all. Figures that the format cannot hold (null where it wants a number, or the
 * other direction) are counted in *ret_left_out. -ENOENT: no such format. -EINVAL: a broken record, the same
 * run twice, or more than one configuration where the format holds one; nothing is written then but by a
 * record that breaks in between. -EIO: `file` could not be written. */
int export_write(FILE *file, const struct export_options *options, char *const *paths, size_t n_paths,
                 size_t *ret_left_out, struct vms_error *error);

#endif
