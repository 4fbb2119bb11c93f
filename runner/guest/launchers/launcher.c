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

/* A kind that may be named alone; those of emulated hardware also with that before it. */
static const struct launcher_kind *find_alone(const struct launcher *launcher, const char *word) {
    bool is_emulated = strncmp(word, LAUNCHER_EMULATED, strlen(LAUNCHER_EMULATED)) == 0;
    const struct launcher_kind *kind =
        launcher_kind(launcher, is_emulated ? word + strlen(LAUNCHER_EMULATED) : word);

    return launcher->named_by_kind && kind && (kind->emulated || !is_emulated) ? kind : NULL;
}

/* Where it boots one thing only, that is called as the launcher is. */
static const struct launcher_kind *find_of(const struct launcher *launcher, const char *name) {
    if (launcher_has_choice(launcher))
        return launcher_kind(launcher, name);
    return strcmp(launcher->name, name) == 0 ? &launcher->kinds[0] : NULL;
}

bool launcher_named(const char *word, const struct launcher **ret_launcher,
                    const struct launcher_kind **ret_kind) {
    const char *slash = strchr(word, '/');
    size_t length = slash ? (size_t)(slash - word) : strlen(word);

    for (size_t i = 0; !slash && launchers[i]; i++)
        if ((*ret_kind = find_alone(launchers[i], word))) {
            *ret_launcher = launchers[i];
            return true;
        }
    for (size_t i = 0; launchers[i]; i++) {
        if (strlen(launchers[i]->name) != length || strncmp(launchers[i]->name, word, length) != 0)
            continue;
        *ret_launcher = launchers[i];
        *ret_kind = find_of(launchers[i], slash ? slash + 1 : word);
        return *ret_kind || !slash;
    }
    return false;
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

bool launcher_may_hang(const struct guest_settings *settings) {
    const struct launcher *launcher = settings->present ? launcher_find(settings->launcher) : NULL;

    return launcher && launcher->shape && launcher->shape(settings).unreliable;
}

const char *boot_name(const struct boot *boot) {
    return strrchr(boot->folder, '/') + 1;
}
