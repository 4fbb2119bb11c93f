/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Misbehaves: sleeps for ever and never asks should_stop. */
#include "fakes/fake_module.h"

#include <unistd.h>

static int do_measure(const struct vms_host *host, const union vms_value *values, void *state,
                      struct vms_error *error) {
    (void)values;
    (void)state;
    (void)error;
    host->log(host->context, VMS_LOG_INFO, "about to hang");
    while (pause() < 0) /* it never returns anything else */
        continue;
    return 0;
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,
    FAKE_MODULE("testhang", "Never comes back."),
    .measure = do_measure,
};
