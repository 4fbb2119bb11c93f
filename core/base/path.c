/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/path.h"

#include <stdio.h>

char *path_join(const char *folder, const char *name) {
    char *path;

    return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}
