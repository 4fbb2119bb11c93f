/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails with -EIO in every Nth call of measure (warm-ups count). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <vmsuite/module.h>

static const struct vms_metric metrics[] = {
    {.name = "speed", .unit = VMS_PER_SECOND, .better = VMS_HIGHER, .help = "Always 1."},
};

static const struct vms_param params[] = {
    {.name = "every",
     .kind = VMS_COUNT,
     .fallback = "2",
     .min = "1",
     .help = "Each of these calls of measure fails."},
};

static int do_prepare(const struct vms_host *host, const union vms_value *values, void **ret_state,
                      struct vms_error *error) {
    uint64_t *calls = calloc(1, sizeof(*calls));

    (void)host;
    (void)values;
    (void)error;
    if (!calls)
        return -ENOMEM;
    *ret_state = calls;
    return 0;
}

static int do_measure(const struct vms_host *host, const union vms_value *values, void *state,
                      struct vms_error *error) {
    uint64_t *calls = state;

    host->sample(host->context, 0, 1); /* dropped by the host where the trial fails */
    if (++*calls % values[0].count != 0)
        return 0;
    (void)snprintf(error->text, sizeof(error->text), "call %llu failed as it was told to",
                   (unsigned long long)*calls);
    return -EIO;
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,
    .name = "testfail",
    .summary = "Fails now and then.",
    .resource = VMS_CPU,
    .workload_version = 1,
    .metrics = metrics,
    .n_metrics = VMS_LENGTH(metrics),
    .params = params,
    .n_params = VMS_LENGTH(params),
    .prepare = do_prepare,
    .measure = do_measure,
    .cleanup = free,
};
