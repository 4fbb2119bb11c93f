/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Works: reports what its parameter says, at once. */
#include <vmsuite/module.h>

static const struct vms_metric metrics[] = {
    {.name = "speed", .unit = VMS_PER_SECOND, .better = VMS_HIGHER, .help = "The parameter value."},
};

static const struct vms_param params[] = {
    {.name = "value",
     .kind = VMS_COUNT,
     .fallback = "1000",
     .max = "1000000",
     .help = "What each trial reports."},
};

static int do_measure(const struct vms_host *host, const union vms_value *values, void *state,
                      struct vms_error *error) {
    (void)state;
    (void)error;
    host->fact(host->context, "kind", "fake");
    return host->sample(host->context, 0, (double)values[0].count);
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,
    .name = "testgood",
    .summary = "Reports the value it is told.",
    .resource = VMS_CPU,
    .workload_version = 1,
    .metrics = metrics,
    .n_metrics = VMS_LENGTH(metrics),
    .params = params,
    .n_params = VMS_LENGTH(params),
    .measure = do_measure,
};
