/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a driver's name says about its device. */
#ifndef VMSUITE_CORE_VIRTUALIZATION_DRIVER_FAMILY_H
#define VMSUITE_CORE_VIRTUALIZATION_DRIVER_FAMILY_H

#include <stdbool.h>

/* "virtio", "xen", "hyper-v", "vmware", "virtualbox", "cloud": a device that hypervisors alone make, by its
 * protocol. "emulated": a real device that hypervisors imitate register by register; on hardware it is the
 * real one. NULL: neither. Static. */
const char *driver_family(const char *driver);

/* Whether the family is one of hypervisors' own protocols. */
bool driver_is_paravirtual(const char *driver);

#endif
