/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Errors that the network modules have in common; others by report_error. */
#ifndef VMSUITE_MODULES_SHARED_NET_ERROR_H
#define VMSUITE_MODULES_SHARED_NET_ERROR_H

#include "shared/case/report.h"

/* "WHAT: the words for `number`"; returns -number. */
int net_fail_errno(struct vms_error *error, int number, const char *what);

/* The trial was asked to end early; returns -ECANCELED. */
int net_fail_stopped(struct vms_error *error);

#endif
