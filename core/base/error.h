/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Errors: functions return 0 or a negative errno, and a sentence in a text that the caller owns. */
#ifndef VMSUITE_CORE_BASE_ERROR_H
#define VMSUITE_CORE_BASE_ERROR_H

#include <vmsuite/module.h>

/* Writes a printf-style sentence into `error` (NULL: nowhere), cut to fit and made fit for
 * terminals (texts of others may be in it: see ESCAPE_TERMINAL), and returns `status`, so that
 * a failing function can end in `return error_set(error, -EINVAL, "...", ...)`. */
int error_set(struct vms_error *error, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What every message says when memory has run out, for where there is no struct vms_error. */
#define ERROR_MEMORY "out of memory"

/* For every function that got no memory: writes that sentence into `error` and returns -ENOMEM. */
int error_memory(struct vms_error *error);

/* The sentence of what cannot be read, `status` being a negative errno, which is returned. */
int error_unread(struct vms_error *error, int status, const char *path);

#endif
