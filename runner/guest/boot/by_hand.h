/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A guest that somebody boots by hand, under whatever there is: its job goes there on a disk, its record
 * comes back on another. */
#ifndef VMSUITE_RUNNER_GUEST_BOOT_BY_HAND_H
#define VMSUITE_RUNNER_GUEST_BOOT_BY_HAND_H

#include "documents/configuration.h"

/* Writes job.img and record.img to the folder, which is made where it is missing. */
int by_hand_prepare(const struct configuration *configuration, const char *folder, struct vms_error *error);

/* Reads the record from a disk (a raw image, or a block device) and stores it in `output` under its run's
 * name, which the caller frees. -ENODATA, -EBADMSG as handout_read. */
int by_hand_collect(const char *disk, const char *output, char **ret_path, struct vms_error *error);

#endif
