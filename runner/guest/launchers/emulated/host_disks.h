/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The disks of the emulated host, in the order in which they are given to it, and its own RAM disk. */
#ifndef VMSUITE_RUNNER_GUEST_LAUNCHERS_EMULATED_HOST_DISKS_H
#define VMSUITE_RUNNER_GUEST_LAUNCHERS_EMULATED_HOST_DISKS_H

#include "guest/launchers/launcher.h"

#define HOST_DISK_RECORD "/dev/vda"

/* The disk of the emulated host that is the guest's scratch disk; NULL: it has none. */
const char *host_disk_scratch(const struct boot *boot);
#endif
