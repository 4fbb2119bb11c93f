/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Refused: the descriptor names another ABI major than the symbol. */
#include <vmsuite/module.h>

static const struct vms_metric metrics[] = {
    {.name = "speed", .unit = VMS_PER_SECOND, .better = VMS_HIGHER, .help = "Always 1."},
};

static int do_measure(const struct vms_host *host, const union vms_value *values, void *state,
                      struct vms_error *error) {
    (void)values;
    (void)state;
    (void)error;
    return host->sample(host->context, 0, 1);
}

const struct vms_module vms_module_v1 = {
    .abi_major = 2,
    .size = sizeof(struct vms_module),
    .name = "badabi",
    .summary = "Says another ABI major in its descriptor.",
    .resource = VMS_CPU,
    .workload_version = 1,
    .metrics = metrics,
    .n_metrics = VMS_LENGTH(metrics),
    .measure = do_measure,
};
