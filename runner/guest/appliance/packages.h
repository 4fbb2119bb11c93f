/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Debian packages that are fetched and unpacked, never installed: no root needed. */
#ifndef VMSUITE_RUNNER_GUEST_APPLIANCE_PACKAGES_H
#define VMSUITE_RUNNER_GUEST_APPLIANCE_PACKAGES_H

#include <vmsuite/module.h>

/* The folder that the package's files are unpacked in: from the cache, else fetched by apt-get. Kept under
 * the digits of what is in it, which is looked at before it is used. The caller frees; NULL with a
 * sentence. */
char *packages_unpack(const char *name, struct vms_error *error);

/* The first package that this one depends on and whose name begins so: "linux-image-" of linux-image-amd64
 * names the kernel itself. What apt says of the package that was asked for last is kept. The caller frees;
 * NULL with a sentence. */
char *packages_needed(const char *name, const char *beginning, struct vms_error *error);

#endif
