/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "block/target/entries.h"

#include <errno.h>
#include <stddef.h>

DIR *entries_open(const char *path, int *ret_status) {
    DIR *folder = opendir(path);

    *ret_status = folder || errno == ENOENT ? 0 : -errno;
    return folder;
}

const struct dirent *entries_next(DIR *folder, int *status) {
    const struct dirent *entry;

    if (!folder || *status != 0)
        return NULL;
    do {
        errno = 0;
        entry = readdir(folder);
    } while (entry && entry->d_name[0] == '.');
    if (!entry)
        *status = -errno;
    return entry;
}
