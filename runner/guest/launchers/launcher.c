/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/launchers/launcher.h"

#include <string.h>

const struct launcher *const launchers[] = {
    &launcher_qemu_tcg,   &launcher_kvm, &launcher_emulated_host, &launcher_xen, &launcher_libvirt,
    &launcher_virtualbox, NULL};

const struct launcher *launcher_find(const char *name) {
    for (size_t i = 0; launchers[i]; i++)
        if (strcmp(launchers[i]->name, name) == 0)
            return launchers[i];
    return NULL;
}

bool launcher_emulates(const struct launcher *launcher, const char *kind) {
    return launcher->emulated || (launcher->emulated_kind && strcmp(launcher->emulated_kind, kind) == 0);
}

const char *boot_name(const struct boot *boot) {
    return strrchr(boot->folder, '/') + 1;
}
