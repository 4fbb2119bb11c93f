/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Refused: its descriptor is smaller than that of ABI 1.0. */
#include "fakes/fake_module.h"

const struct vms_module vms_module_v1 = {
    .abi_major = VMS_ABI_MAJOR,
    .abi_minor = VMS_ABI_MINOR,
    .size = sizeof(struct vms_module) - sizeof(void *),
    FAKE_MODULE("badsize", "Has a descriptor that is too small."),
    .measure = fake_measure,
};
