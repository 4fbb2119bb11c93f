/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sentences for what went wrong. */
#ifndef VMSUITE_BLOCK_FAILURE_H
#define VMSUITE_BLOCK_FAILURE_H

#include <vmsuite/module.h>

/* Writes a printf-style sentence into `error`, cut to fit, and returns `status`. */
int failure_set(struct vms_error *error, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The sentence for a negative errno that the system gave while `doing` ("writing", "reading", ...) at a byte
 * of `path`: what it means and how to mend it. Returns `status`. */
int failure_io(struct vms_error *error, int status, const char *doing, const char *path, uint64_t offset);

#endif
