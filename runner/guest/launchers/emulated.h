/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The emulated host: one PC of QEMU's on which the same kernel and appliance are booted bare, in a guest of
 * its KVM, or in a domain of Xen. What is between that PC and a nested guest is described here: an archive
 * ("host.cpio") with the tools of the hypervisor, what boots the guest, and the guest itself. */
#ifndef VMSUITE_RUNNER_GUEST_LAUNCHERS_EMULATED_H
#define VMSUITE_RUNNER_GUEST_LAUNCHERS_EMULATED_H

#include "guest/appliance/archive.h"
#include "guest/launchers/launcher.h"

struct guest_kind {
    const char *name;
    const char *domain;  /* Xen's type of domain; NULL: no domain of Xen */
    bool nested;         /* a guest of the emulated host; otherwise the host itself */
    bool emulated_disks; /* Xen: IDE and e1000 rather than its own devices */
    bool slow_loader;    /* its kernel and archives come in byte by byte: the payload is on a disk */
    const char *console;
};

/* The disks of the emulated host, in the order in which they are given to it, and its own RAM disk. */
#define EMULATED_RECORD "/dev/vda"
#define EMULATED_SCRATCH "/dev/vdb"
#define EMULATED_IMAGE "/dev/vdc"
#define EMULATED_RAMDISK "/dev/ram0"

/* The kind's row, or NULL. */
const struct guest_kind *guest_kind_find(const char *name);

/* The disk of the emulated host that is the guest's scratch disk; NULL: it has none. */
const char *emulated_scratch(const struct boot *boot);
/* The same for the disk with the payload: it comes after the scratch disk, if there is one. */
const char *emulated_image(const struct boot *boot);

/* Adds the hypervisor's tools, their libraries and drivers to the host's archive. */
int host_tools_add_xen(struct archive *archive, const char *drivers, struct vms_error *error);
/* What Xen needs beside for HVM domains. */
int host_tools_add_device_model(struct archive *archive, struct vms_error *error);
int host_tools_add_kvm(struct archive *archive, const char *drivers, struct vms_error *error);

/* The hypervisor Xen, decompressed into the boot's folder; the caller frees its path, NULL with a sentence.
 */
char *host_tools_xen(const struct boot *boot, struct vms_error *error);

/* Adds what the host is told to do: its scripts, and how the guest is started. The guest's kernel and
 * archives are in the host's archive at HOST_KERNEL and HOST_INITRD. */
#define HOST_KERNEL "guest/kernel"
#define HOST_INITRD "guest/initrd"
int host_job_add(struct archive *archive, const struct boot *boot, const struct guest_kind *kind,
                 struct vms_error *error);

#endif
