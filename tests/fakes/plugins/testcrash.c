/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Misbehaves: crashes in the call of measure that its parameter names (warm-ups count). */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <vmsuite/module.h>

static const struct vms_metric metrics[] = {
    {.name = "speed", .unit = VMS_PER_SECOND, .better = VMS_HIGHER, .help = "Always 1."},
};

static const struct vms_param params[] = {
    {.name = "at", .kind = VMS_COUNT, .fallback = "1", .min = "1", .help = "Call of measure that crashes."},
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

    (void)error;
    if (++*calls == values[0].count) {
        host->log(host->context, VMS_LOG_WARNING, "about to crash");
        (void)signal(SIGSEGV, SIG_DFL); /* a sanitizer would exit instead */
        (void)raise(SIGSEGV);
    }
    return host->sample(host->context, 0, 1);
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,
    .name = "testcrash",
    .summary = "Dies of a segmentation fault.",
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
