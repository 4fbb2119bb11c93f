/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON files. */
#ifndef VMSUITE_RESULTS_RECORD_FILE_STORE_H
#define VMSUITE_RESULTS_RECORD_FILE_STORE_H

#include <jansson.h>
#include <vmsuite/module.h>

/* Reads a JSON file of at most 1 GiB, which may be packed (record_file.h). NULL with a sentence "PATH:LINE:
 * ...", also where a key appears twice in an object; errno says the kind of failure, EINVAL where it is not
 * JSON. */
json_t *store_read(const char *path, struct vms_error *error);

/* Writes `json` (indented, 17 digits, newline at the end) as output_open() and output_commit() do; packed
 * where the name ends in ".zst". */
int store_write(const char *path, const json_t *json, struct vms_error *error);

#endif
