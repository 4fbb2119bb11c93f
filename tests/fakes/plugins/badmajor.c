/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Refused: a module of another ABI major, as its symbol says. */
#include <vmsuite/module.h>

VMS_EXPORT extern const struct vms_module vms_module_v2;

const struct vms_module vms_module_v2 = {
    .abi_major = 2, .size = sizeof(struct vms_module), .name = "badmajor"};
