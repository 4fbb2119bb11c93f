/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Refused: ends the process while it is loaded. */
#include "fakes/fake_module.h"

#include <stdlib.h>

__attribute__((constructor)) static void begin(void) {
    exit(0);
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,
    FAKE_MODULE("badexit", "Ends the process while it is loaded."),
    .measure = fake_measure,
};
