/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Refused: it has no function to measure with. */
#include <vmsuite/module.h>

static const struct vms_metric metrics[] = {
    {.name = "speed", .unit = VMS_PER_SECOND, .better = VMS_HIGHER, .help = "Always 1."},
};

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,        .name = "badmeasure", .summary = "Cannot measure.",     .resource = VMS_CPU,
    .workload_version = 1, .metrics = metrics,   .n_metrics = VMS_LENGTH(metrics),

};
