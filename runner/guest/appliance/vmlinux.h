/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel itself, out of the self-extracting file that it is shipped in. */
#ifndef VMSUITE_RUNNER_GUEST_APPLIANCE_VMLINUX_H
#define VMSUITE_RUNNER_GUEST_APPLIANCE_VMLINUX_H

#include <vmsuite/module.h>

/* Decompresses the kernel in a bzImage (Linux: Documentation/arch/x86/boot.rst) to `path`, an ELF file that
 * emulators start 2.5 s sooner. -EINVAL where it is not a bzImage of protocol 2.08 or its compression is not
 * known. */
int vmlinux_extract(const char *image, const char *path, struct vms_error *error);

#endif
