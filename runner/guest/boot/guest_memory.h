/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a guest's memory holds what it boots: the kernel, its first archives, and the same unpacked, which
 * may take half of what the kernel leaves. */
#ifndef VMSUITE_RUNNER_GUEST_BOOT_GUEST_MEMORY_H
#define VMSUITE_RUNNER_GUEST_BOOT_GUEST_MEMORY_H

#include "guest/appliance/appliance.h"

struct guest_memory {
    uint64_t given, /* bytes that it has */
        least,      /* with less it surely does not boot */
        advised;    /* with so much it does with Debian's kernel, and has some left to measure in */
};

/* `image_disk`: the payload is on a disk, and not among the first archives. */
void guest_memory_find(const struct appliance *appliance, uint64_t given, bool image_disk,
                       struct guest_memory *ret_memory);

/* 0, or -EINVAL with a sentence where it has less than the least. */
int guest_memory_check(const struct guest_memory *memory, struct vms_error *error);

/* Adds to the sentence on a guest that ran out of memory how much it has, and how much is advised. */
void guest_memory_explain(const struct guest_memory *memory, struct vms_error *error);

#endif
