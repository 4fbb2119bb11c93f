/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hypervisors' tools for the emulated host, from Debian's packages or from here. */
#ifndef VMSUITE_RUNNER_GUEST_LAUNCHERS_EMULATED_HOST_TOOLS_H
#define VMSUITE_RUNNER_GUEST_LAUNCHERS_EMULATED_HOST_TOOLS_H

#include "guest/appliance/archive.h"
#include "guest/launchers/launcher.h"

/* Adds the hypervisor's tools, their libraries and drivers to the host's archive. */
int host_tools_add_xen(struct archive *archive, const char *drivers, struct vms_error *error);
/* What Xen needs beside for HVM domains. */
int host_tools_add_device_model(struct archive *archive, struct vms_error *error);
int host_tools_add_kvm(struct archive *archive, const char *drivers, struct vms_error *error);

/* The hypervisor Xen, decompressed into the boot's folder; the caller frees its path, NULL with a
 * sentence. */
char *host_tools_xen(const struct boot *boot, struct vms_error *error);

#endif
