/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims to hold memory, and tells how many trials its process has made. */
#include <errno.h>
#include <stdlib.h>
#include <vmsuite/module.h>

static const struct vms_param params[] = {
    {.name = "memory", .kind = VMS_BYTES, .fallback = "0", .help = "What the estimate says."},
};

static const struct vms_metric metrics[] = {
    {.name = "trials", .unit = VMS_RATIO, .better = VMS_HIGHER, .help = "Trials of this process so far."},
};

static int do_prepare(const struct vms_host *host, const union vms_value *values, void **ret_state,
                      struct vms_error *error) {
    (void)host;
    (void)values;
    (void)error;
    *ret_state = calloc(1, sizeof(unsigned));
    return *ret_state ? 0 : -ENOMEM;
}

static int do_measure(const struct vms_host *host, const union vms_value *values, void *state,
                      struct vms_error *error) {
    unsigned *trials = state;

    (void)values;
    (void)error;
    return host->sample(host->context, 0, ++*trials);
}

static void do_estimate(const union vms_value *values, struct vms_estimate *ret) {
    ret->memory = values[0].bytes;
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,
    .name = "testhold",
    .summary = "Claims to hold memory",
    .resource = VMS_CPU,
    .workload_version = 1,
    .params = params,
    .n_params = VMS_LENGTH(params),
    .metrics = metrics,
    .n_metrics = VMS_LENGTH(metrics),
    .prepare = do_prepare,
    .measure = do_measure,
    .cleanup = free,
    .estimate = do_estimate,
};
