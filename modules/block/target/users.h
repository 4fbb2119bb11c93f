/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who uses a block device. */
#ifndef VMSUITE_MODULES_BLOCK_TARGET_USERS_H
#define VMSUITE_MODULES_BLOCK_TARGET_USERS_H

#include <sys/types.h>
#include <vmsuite/module.h>

/* Looks for users of the device `number` and of its partitions: mounts (proc(5)), swap, the devices that are
 * made of it (`holders` in sysfs) and loop devices that lie on it, and processes that have it open, none of
 * which O_EXCL would see. -EBUSY names the user; `device` is what the device is called in the sentence. */
int users_check(const char *device, dev_t number, struct vms_error *error);

#endif
