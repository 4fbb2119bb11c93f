/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that are whole or not there. */
#ifndef VMSUITE_RESULTS_STORE_H
#define VMSUITE_RESULTS_STORE_H

#include <jansson.h>
#include <vmsuite/module.h>

/* Writes `json` (indented, 17 digits, newline at the end) to a temporary file beside `path`, fsyncs it,
 * renames it to `path` and fsyncs the folder. On failure `path` is as it was, the temporary file is gone, and
 * the sentence names file, cause and mend (disk full, read-only, quota). */
int store_write(const char *path, const json_t *json, struct vms_error *error);

/* Creates a folder and the folders above it, mode 0777 less umask. 0 where it is there already. */
int store_make_folder(const char *path, struct vms_error *error);

/* Checks before a run that files can be made in `folder` (creates and removes one). */
int store_check_writable(const char *folder, struct vms_error *error);

#endif
