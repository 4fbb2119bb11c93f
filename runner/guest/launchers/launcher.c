/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/launchers/launcher.h"

#include <string.h>

/* VMSUITE_LAUNCHERS is LAUNCHER(name) for each name in meson.build. */
#define LAUNCHER(name) extern const struct launcher launcher_##name;
VMSUITE_LAUNCHERS
#undef LAUNCHER

#define LAUNCHER(name) &launcher_##name,
const struct launcher *const launchers[] = {VMSUITE_LAUNCHERS NULL};
#undef LAUNCHER

const struct launcher *launcher_find(const char *name) {
    for (size_t i = 0; launchers[i]; i++)
        if (strcmp(launchers[i]->name, name) == 0)
            return launchers[i];
    return NULL;
}

const struct launcher_kind *launcher_kind(const struct launcher *launcher, const char *name) {
    for (size_t i = 0; launcher->kinds[i].name; i++)
        if (strcmp(launcher->kinds[i].name, name) == 0)
            return &launcher->kinds[i];
    return NULL;
}

bool launcher_has_choice(const struct launcher *launcher) {
    return *launcher->kinds[0].name != '\0';
}

void launcher_kind_names(const struct launcher *launcher,
                         const char *ret_names[static LAUNCHER_KINDS_MAX + 1]) {
    size_t n = 0;

    for (; n < LAUNCHER_KINDS_MAX && launcher->kinds[n].name; n++)
        ret_names[n] = launcher->kinds[n].name;
    ret_names[n] = NULL;
}

const char *boot_name(const struct boot *boot) {
    return strrchr(boot->folder, '/') + 1;
}
