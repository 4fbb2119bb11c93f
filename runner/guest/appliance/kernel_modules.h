/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drivers of the guest's kernel, in the order in which they are loaded. */
#ifndef VMSUITE_RUNNER_GUEST_APPLIANCE_KERNEL_MODULES_H
#define VMSUITE_RUNNER_GUEST_APPLIANCE_KERNEL_MODULES_H

#include "guest/appliance/archive.h"

/* Adds drivers, by name, and those they need, to the archive, from a tree /lib/modules/RELEASE, as
 * "modules/NAME.ko"; and "modules/LIST.order", one name a line, in the order of loading. A driver that is not
 * in the tree is taken to be built in. -ENOTSUP where drivers are compressed. */
int kernel_modules_add(struct archive *archive, const char *tree, const char *list, const char *const *names,
                       struct vms_error *error);

/* The tree of a kernel package: PACKAGE/lib/modules/RELEASE. The caller frees; NULL with a sentence. */
char *kernel_modules_tree(const char *package, struct vms_error *error);

#endif
