/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Refused: its name is not that of its file. */
#include "fakes/fake_module.h"

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,
    FAKE_MODULE("another", "Goes by another name."),
    .measure = fake_measure,
};
