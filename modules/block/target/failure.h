/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the errors of a disk mean. */
#ifndef VMSUITE_MODULES_BLOCK_TARGET_FAILURE_H
#define VMSUITE_MODULES_BLOCK_TARGET_FAILURE_H

#include <vmsuite/module.h>

/* The sentence for a negative errno that the system gave while `doing` ("writing", "reading", ...) at a byte
 * of `path`: what it means and how to mend it. Returns `status`. */
int failure_io(struct vms_error *error, int status, const char *doing, const char *path, uint64_t offset);

#endif
