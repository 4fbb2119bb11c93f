/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Giving up root's rights, for good. */
#ifndef VMSUITE_RUNNER_COMMON_PRIVILEGES_H
#define VMSUITE_RUNNER_COMMON_PRIVILEGES_H

#include <vmsuite/module.h>

#define PRIVILEGES_USER "nobody"

/* Becomes `user` (NULL: PRIVILEGES_USER) with its group and no others, where this process is root's; where
 * that is not possible (a container that maps no such user) and no user was named, it stays root without any
 * capability. Does nothing for users other than root. -EINVAL: there is no such user; -EPERM with a
 * sentence. */
int privileges_drop(const char *user, struct vms_error *error);

#endif
