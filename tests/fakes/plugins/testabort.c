/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Misbehaves: ends the process from within measure. */
#include "fakes/fake_module.h"

#include <stdlib.h>

static int do_measure(const struct vms_host *host, const union vms_value *values, void *state,
                      struct vms_error *error) {
    (void)values;
    (void)state;
    (void)error;
    host->log(host->context, VMS_LOG_INFO, "about to exit");
    exit(3);
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,
    FAKE_MODULE("testabort", "Leaves the process with exit(3)."),
    .measure = do_measure,
};
