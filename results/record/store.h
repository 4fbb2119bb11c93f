/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON files. */
#ifndef VMSUITE_RESULTS_RECORD_STORE_H
#define VMSUITE_RESULTS_RECORD_STORE_H

#include <jansson.h>
#include <vmsuite/module.h>

/* Writes `json` (indented, 17 digits, newline at the end) as output_open() and output_commit() do. */
int store_write(const char *path, const json_t *json, struct vms_error *error);

#endif
