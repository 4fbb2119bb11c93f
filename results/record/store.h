/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that are whole or not there. */
#ifndef VMSUITE_RESULTS_RECORD_STORE_H
#define VMSUITE_RESULTS_RECORD_STORE_H

#include <jansson.h>
#include <stdio.h>
#include <vmsuite/module.h>

/* A file that is being made: it bears its name only once it is whole. */
struct store_file {
    FILE *file;             /* write here */
    char *path, *temporary; /* owned; `temporary` is empty where the file has no name yet */
};

/* Begins a file that will be `path`, in a temporary file beside it. The sentence of a failure names file,
 * cause and mend (disk full, read-only, quota). */
int store_open(const char *path, struct store_file *ret_file, struct vms_error *error);
/* Flushes, fsyncs, renames to `path` and fsyncs the folder. On failure, also of an earlier write, `path` is
 * as it was and the temporary file is gone. Frees what the structure owns. */
int store_commit(struct store_file *file, struct vms_error *error);
/* Gives up: removes the temporary file and frees. */
void store_abort(struct store_file *file);

/* Writes `json` (indented, 17 digits, newline at the end) by way of store_open and store_commit. */
int store_write(const char *path, const json_t *json, struct vms_error *error);

/* Creates a folder and the folders above it, mode 0777 less umask. 0 where it is there already. */
int store_make_folder(const char *path, struct vms_error *error);

/* Checks before a run that files can be made in `folder` (creates and removes one). */
int store_check_writable(const char *folder, struct vms_error *error);

#endif
