/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Refused: the descriptor names another ABI major than the symbol. */
#include "fakes/fake_module.h"

const struct vms_module vms_module_v1 = {
    .abi_major = 2,
    .size = sizeof(struct vms_module),
    FAKE_MODULE("badabi", "Says another ABI major in its descriptor."),
    .measure = fake_measure,
};
