/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the fake modules have in common: one metric, which is always 1, and the rows of a descriptor that say
 * so. */
#ifndef VMSUITE_TESTS_FAKES_FAKE_MODULE_H
#define VMSUITE_TESTS_FAKES_FAKE_MODULE_H

#include <errno.h>
#include <stdlib.h>
#include <vmsuite/module.h>

static const struct vms_metric fake_metrics[] = {
    {.name = "speed", .unit = VMS_PER_SECOND, .better = VMS_HIGHER, .help = "Always 1."},
};

/* A descriptor but for its ABI (VMS_MODULE_ABI, where it is not the fault) and its functions. */
#define FAKE_MODULE(module_name, sentence)                                                                   \
    .name = (module_name), .summary = (sentence), .resource = VMS_CPU, .workload_version = 1,                \
    .metrics = fake_metrics, .n_metrics = VMS_LENGTH(fake_metrics)
#define FAKE_PARAMS(rows) .params = (rows), .n_params = VMS_LENGTH(rows)

static inline int fake_measure(const struct vms_host *host, const union vms_value *values, void *state,
                               struct vms_error *error) {
    (void)values;
    (void)state;
    (void)error;
    return host->sample(host->context, 0, 1);
}

/* The state is a count of calls (uint64_t), which is freed by free(). */
static inline int fake_prepare_count(const struct vms_host *host, const union vms_value *values,
                                     void **ret_state, struct vms_error *error) {
    uint64_t *calls = calloc(1, sizeof(*calls));

    (void)host;
    (void)values;
    (void)error;
    if (!calls)
        return -ENOMEM;
    *ret_state = calls;
    return 0;
}

#endif
