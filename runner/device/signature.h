/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a block device or an image holds, by its signatures. */
#ifndef VMSUITE_RUNNER_DEVICE_SIGNATURE_H
#define VMSUITE_RUNNER_DEVICE_SIGNATURE_H

#include <vmsuite/module.h>

/* The name of what is on it, as blkid(8) has it: a file system, a table of partitions, a member of something;
 * or "several". The caller frees; NULL where nothing known is on it, for which 0 is returned, too. -errno
 * with a sentence. */
int signature_read(int fd, const char *path, char **ret_name, struct vms_error *error);

#endif
