/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Refused: never comes back from its constructor, and leaves a process behind. */
#include "fakes/fake_module.h"

#include <unistd.h>

__attribute__((constructor)) static void begin(void) {
    (void)fork();
    for (;;)
        pause();
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,
    FAKE_MODULE("badhang", "Never comes back from its constructor, and leaves a process behind."),
    .measure = fake_measure,
};
