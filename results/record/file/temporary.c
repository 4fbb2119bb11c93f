/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/file/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <vmsuite/module.h>

#define PATH_SIZE 4096

static int open_in(const char *folder) {
    char path[PATH_SIZE];
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (fd >= 0)
        return fd;
    /* Not every file system knows files without a name. */
    if (snprintf(path, sizeof(path), "%s/vmsuite-XXXXXX", folder) >= (int)sizeof(path))
        return -ENAMETOOLONG;
    fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return -errno;
    (void)unlink(path);
    return fd;
}

int temporary_open(void) {
    const char *const folders[] = {getenv("TMPDIR"), "/var/tmp", "/tmp"};
    int fd = -ENOENT;

    for (size_t i = 0; fd < 0 && i < VMS_LENGTH(folders); i++)
        if (folders[i] && *folders[i])
            fd = open_in(folders[i]);
    return fd;
}
