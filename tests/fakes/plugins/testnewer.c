/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accepted: the descriptor of a later minor version, with a field and rows that this one does not know. */
#include <vmsuite/module.h>

struct newer_module {
    struct vms_module module;
    int (*calibrate)(void);
};

VMS_EXPORT extern const struct newer_module newer __asm__("vms_module_v1");

struct newer_metric {
    struct vms_metric metric;
    double target;
};

static const struct newer_metric metrics[] = {
    {.metric = {.name = "speed", .unit = VMS_PER_SECOND, .better = VMS_HIGHER, .help = "Always 1."},
     .target = 1},
    {.metric = {.name = "errors", .unit = VMS_RATIO, .better = VMS_LOWER, .help = "None."}},
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
            .param_size = sizeof(struct vms_param),
            .metric_size = sizeof(struct newer_metric),
            .fact_size = sizeof(struct vms_fact),
            .metrics = &metrics[0].metric,
            .n_metrics = VMS_LENGTH(metrics),
            .measure = do_measure,
        },
};
