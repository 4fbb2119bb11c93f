/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Refused: it has no function to measure with. */
#include "fakes/fake_module.h"

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,
    FAKE_MODULE("badmeasure", "Cannot measure."),
};
