/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accepted: the descriptor of a later minor version, with a field that this one does not know. */
#include <vmsuite/module.h>

struct newer_module {
    struct vms_module module;
    int (*calibrate)(void);
};

VMS_EXPORT extern const struct newer_module newer __asm__("vms_module_v1");

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

const struct newer_module newer = {
    .module =
        {
            .abi_major = VMS_ABI_MAJOR,
            .abi_minor = VMS_ABI_MINOR + 7,
            .size = sizeof(struct newer_module),
            .name = "testnewer",
            .summary = "Was built against a later minor version of the ABI.",
            .resource = VMS_CPU,
            .workload_version = 1,
            .metrics = metrics,
            .n_metrics = VMS_LENGTH(metrics),
            .measure = do_measure,
        },
};
