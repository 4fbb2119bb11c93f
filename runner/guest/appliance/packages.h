/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Debian packages that are fetched and unpacked, never installed: no root needed. */
#ifndef VMSUITE_RUNNER_GUEST_APPLIANCE_PACKAGES_H
#define VMSUITE_RUNNER_GUEST_APPLIANCE_PACKAGES_H

#include <vmsuite/module.h>

/* The folder that the package's files are unpacked in: from the cache, else fetched by apt-get. Kept under
 * the digits of what is in it, which is looked at before it is used. The caller frees; NULL with a sentence. */
char *packages_unpack(const char *name, struct vms_error *error);

/* The package that a meta-package such as linux-image-amd64 stands for. The caller frees; NULL with a
 * sentence. */
char *packages_meant(const char *name, struct vms_error *error);

#endif
