/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accepted, beside those that are not. */
#include "fakes/fake_module.h"

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,
    FAKE_MODULE("goodquiet", "Is loaded like any other."),
    .measure = fake_measure,
};
