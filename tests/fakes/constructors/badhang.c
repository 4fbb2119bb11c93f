/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Refused: never comes back from its constructor, and leaves a process behind. */
#include <unistd.h>
#include <vmsuite/module.h>

static const struct vms_metric metrics[] = {
    {.name = "speed", .unit = VMS_PER_SECOND, .better = VMS_HIGHER, .help = "Always 1."},
};

__attribute__((constructor)) static void begin(void) {
    (void)fork();
    for (;;)
        pause();
}

static int do_measure(const struct vms_host *host, const union vms_value *values, void *state,
                      struct vms_error *error) {
    (void)values;
    (void)state;
    (void)error;
    return host->sample(host->context, 0, 1);
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,
    .name = "badhang",
    .summary = "Never comes back from its constructor, and leaves a process behind.",
    .resource = VMS_CPU,
    .workload_version = 1,
    .metrics = metrics,
    .n_metrics = VMS_LENGTH(metrics),
    .measure = do_measure,
};
