/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Refused: a default outside the limits. */
#include "fakes/fake_module.h"

static const struct vms_param params[] = {
    {.name = "size", .kind = VMS_BYTES, .fallback = "8MiB", .min = "1", .max = "4MiB", .help = "Bytes."},
};

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,
    FAKE_MODULE("badtable", "Has a default outside its limits."),
    FAKE_PARAMS(params),
    .measure = fake_measure,
};
