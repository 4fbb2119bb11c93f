/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver that times what only a kernel may do (modules/exits/kernel), built for the appliance's
 * kernel. */
#ifndef VMSUITE_RUNNER_GUEST_APPLIANCE_EXITS_DRIVER_H
#define VMSUITE_RUNNER_GUEST_APPLIANCE_EXITS_DRIVER_H

#include "guest/appliance/archive.h"

/* Adds it to the archive, with the kernel's own drivers for the module exits, as "modules/NAME.ko", and the
 * order of loading, "modules/exits.order". `tree` is the kernel's /lib/modules/RELEASE. The driver is built
 * from Debian's headers of that release, with gcc and make, and kept in the cache. It is left out where it
 * cannot be built, which is said on stderr: cases of the module exits leave out what needs it, and say so. */
int exits_driver_add(struct archive *archive, const char *tree, struct vms_error *error);

#endif
