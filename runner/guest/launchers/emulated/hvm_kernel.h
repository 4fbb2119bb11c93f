/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel of an HVM domain on the emulated host. What its device model is given to boot comes in byte by
 * byte through a port, which takes a minute there: under Xen, QEMU has no DMA for it. So only the part that
 * begins in real mode goes that way, with a few instructions behind it that lead to the rest and say where
 * the archives are. Those the device model puts into the domain's memory before it runs (QEMU's device
 * "loader"). The domain, and what it boots, are the same. */
#ifndef VMSUITE_RUNNER_GUEST_LAUNCHERS_EMULATED_HVM_KERNEL_H
#define VMSUITE_RUNNER_GUEST_LAUNCHERS_EMULATED_HVM_KERNEL_H

#include "guest/launchers/launcher.h"

struct hvm_kernel {
    char *setup, *rest;                /* owned: files in the boot's folder */
    uint32_t rest_place, initrd_place; /* in the domain's memory */
};

/* Makes both of the appliance's kernel, for the file with the archives. -EINVAL where the kernel cannot be
 * booted so, or the memory does not hold it. The caller frees. */
int hvm_kernel_split(const struct boot *boot, const char *initrd, struct hvm_kernel *ret_kernel,
                     struct vms_error *error);
void hvm_kernel_done(struct hvm_kernel *kernel);

#endif
