/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Says in probe that the case cannot run here. */
#include "fakes/fake_module.h"

#include <errno.h>
#include <stdio.h>

static int do_probe(const struct vms_host *host, const union vms_value *values, struct vms_error *error) {
    (void)host;
    (void)values;
    (void)snprintf(error->text, sizeof(error->text), "this machine has no flux capacitor");
    return -ENOTSUP;
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,
    FAKE_MODULE("testunsupported", "Cannot run anywhere."),
    .probe = do_probe,
    .measure = fake_measure,
};
