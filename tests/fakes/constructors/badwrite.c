/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Refused: writes to every descriptor while it is loaded, then crashes. */
#include "fakes/fake_module.h"

#include <stdlib.h>
#include <unistd.h>

__attribute__((constructor)) static void begin(void) {
    for (int fd = 0; fd < 64; fd++)
        (void)!write(fd, "stray", 5);
    abort();
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,
    FAKE_MODULE("badwrite", "Writes to every descriptor while it is loaded, then crashes."),
    .measure = fake_measure,
};
