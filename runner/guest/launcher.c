/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "launcher.h"

#include <string.h>

const struct launcher *const launchers[] = {&launcher_qemu_tcg, &launcher_kvm, &launcher_emulated_host, NULL};

const struct launcher *launcher_find(const char *name) {
    for (size_t i = 0; launchers[i]; i++)
        if (strcmp(launchers[i]->name, name) == 0)
            return launchers[i];
    return NULL;
}
