/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The appliance in the shapes that other machines take: a folder of plain files, and a CD that boots
 * (VirtualBox, VMware, clouds). The same appliance gives the same bytes. */
#ifndef VMSUITE_RUNNER_GUEST_APPLIANCE_IMAGE_H
#define VMSUITE_RUNNER_GUEST_APPLIANCE_IMAGE_H

#include "guest/appliance/appliance.h"

/* Writes kernel, initrd, their checksums and a README to the folder, which is made where it is missing. */
int image_write_folder(const struct appliance *appliance, const char *folder, struct vms_error *error);

/* The CD, from the cache, else made there: booted by a BIOS (isolinux), also when it is copied to a disk.
 * Its guest takes its job from a disk that holds the job's archive. The caller frees the path; NULL with a
 * sentence. */
char *image_iso(const struct appliance *appliance, struct vms_error *error);

#endif
