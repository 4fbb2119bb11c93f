/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user calls a run: names with values, such as the commit that was built. */
#ifndef VMSUITE_RUNNER_RUN_FILES_RUN_LABELS_H
#define VMSUITE_RUNNER_RUN_FILES_RUN_LABELS_H

#include <jansson.h>
#include <stddef.h>
#include <vmsuite/module.h>

#define RUN_LABEL_VALUE_MAX 256

/* Reads texts "NAME=VALUE" into {"NAME": "VALUE", ...}; of none, NULL. -EINVAL with a sentence. A new
 * reference. */
int run_labels_parse(char *const *texts, size_t n_texts, json_t **ret_labels, struct vms_error *error);

/* Whether an object from a document is a valid set of labels. -EINVAL with a sentence. */
int run_labels_check(const json_t *labels, struct vms_error *error);

#endif
