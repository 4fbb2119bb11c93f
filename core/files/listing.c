/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "files/listing.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <string.h>

int listing_open(const char *path, DIR **ret_directory) {
    DIR *directory = opendir(path);

    if (!directory)
        return -errno;
    *ret_directory = directory;
    return 0;
}

int listing_open_at(int folder, DIR **ret_directory) {
    cleanup_close int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);

    if (!directory)
        return -errno;
    (void)TAKE_FD(fd); /* the directory's now */
    *ret_directory = directory;
    return 0;
}

const char *listing_next(DIR *directory, int *status) {
    const struct dirent *entry;

    if (*status != 0)
        return NULL;
    do {
        errno = 0;
        entry = readdir(directory);
    } while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
    if (!entry)
        *status = -errno;
    return entry ? entry->d_name : NULL;
}
