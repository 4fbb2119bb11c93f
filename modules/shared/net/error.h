/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Errors of the network modules: a negative errno and a sentence. */
#ifndef VMSUITE_MODULES_SHARED_NET_ERROR_H
#define VMSUITE_MODULES_SHARED_NET_ERROR_H

#include <vmsuite/module.h>

/* Writes a printf-style sentence and returns `status`. */
int net_fail(struct vms_error *error, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "WHAT: the words for `number`"; returns -number. */
int net_fail_errno(struct vms_error *error, int number, const char *what);

/* The trial was asked to end early; returns -ECANCELED. */
int net_fail_stopped(struct vms_error *error);

#endif
