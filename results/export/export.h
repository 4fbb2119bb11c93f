/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records in the forms that other programs read. */
#ifndef VMSUITE_RESULTS_EXPORT_H
#define VMSUITE_RESULTS_EXPORT_H

#include "reader.h"

#include <stdio.h>

struct export_options {
    const char *format;     /* one of export_format_name */
    enum vms_better better; /* "github" only, which holds metrics of one direction */
};

/* The name of format `index` and a sentence on it, or NULL beyond the last. Static. */
const char *export_format_name(size_t index);
const char *export_format_help(size_t index);

/* Writes the records to `file`, case by case. Figures that the format cannot hold (null where it wants a
 * number, or the other direction) are counted in *ret_left_out. -ENOENT: no such format. -EINVAL: a broken
 * record, or more than one configuration where the format holds one. -EIO: `file` could not be written. */
int export_write(FILE *file, const struct export_options *options, struct reader *const *readers,
                 size_t n_readers, size_t *ret_left_out, struct vms_error *error);

#endif
