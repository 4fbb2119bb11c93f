/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file that a Linux kernel for PCs is shipped in, by its head (Linux: Documentation/arch/x86/
 * boot.rst). */
#ifndef VMSUITE_RUNNER_GUEST_APPLIANCE_BZIMAGE_H
#define VMSUITE_RUNNER_GUEST_APPLIANCE_BZIMAGE_H

#include <vmsuite/module.h>

struct bzimage {
    char *content;       /* owned: the whole file */
    size_t size;         /* of it */
    size_t setup_size;   /* of what begins the kernel in real mode, the head included; no more than `size` */
    const char *payload; /* the compressed kernel, in `content`; NULL: none */
    size_t payload_size;
    unsigned version;   /* of the boot protocol: 0x020f is 2.15 */
    bool relocatable;   /* the rest may begin elsewhere than at 1 MiB */
    uint64_t preferred; /* from protocol 2.10 on: where it is best put, */
    uint32_t space;     /* and how much it needs there before it looks for memory */
};

/* -EINVAL where the file is not a bzImage of protocol 2.08 or later. The caller frees with bzimage_done. */
int bzimage_read(const char *path, struct bzimage *ret_image, struct vms_error *error);
void bzimage_done(struct bzimage *image);

#endif
