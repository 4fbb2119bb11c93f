/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a guest's settings ask of this host beyond a hypervisor: certain processors, its kernel's vhost, a
 * tool. */
#ifndef VMSUITE_RUNNER_GUEST_LAUNCHERS_TUNING_H
#define VMSUITE_RUNNER_GUEST_LAUNCHERS_TUNING_H

#include "guest/launchers/guest_settings.h"

#include <vmsuite/module.h>

#define TUNING_VHOST "/dev/vhost-net"
#define TUNING_IMAGE_TOOL "qemu-img"

/* 0, or -ENOTSUP with a sentence where this host does not have it. */
int tuning_check(const struct guest_settings *settings, struct vms_error *error);

#endif
