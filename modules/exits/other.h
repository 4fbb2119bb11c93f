/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thread that is busy on the second processor, in our memory. */
#ifndef VMSUITE_MODULES_EXITS_OTHER_H
#define VMSUITE_MODULES_EXITS_OTHER_H

#include "shared/memory/place.h"

struct other;

/* Starts it on the second processor of the place and returns when it runs there. It reads from `page` over
 * and over, unless that is NULL. 0 or a negative errno with a sentence; the caller ends it by other_stop. */
int other_start(const struct place *place, const volatile char *page, struct other **ret_other,
                struct vms_error *error);

/* Ends and frees it, and writes in which part of the time since its start it ran, 0 to 1. */
void other_stop(struct other *other, double *ret_share);

#endif
