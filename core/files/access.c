/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "files/access.h"

#include "base/cleanup.h"
#include "base/text.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/xattr.h>

#define LIST "system.posix_acl_access"
#define SIZE_MOST 65536 /* of any attribute */

static bool has_none(int code) {
    return code == ENODATA || code == ENOTSUP || code == ENOSYS;
}

int access_copy(int folder, const char *name, int fd) {
    cleanup_free char *path = text_new("/proc/self/fd/%d/%s", folder, name), *list = malloc(SIZE_MOST);
    ssize_t length = path && list ? lgetxattr(path, LIST, list, SIZE_MOST) : -1;

    if (!path || !list)
        return -ENOMEM;
    if (length >= 0)
        return fsetxattr(fd, LIST, list, (size_t)length, 0) < 0 ? -errno : 0;
    if (!has_none(errno))
        return -errno;
    return fremovexattr(fd, LIST) < 0 && !has_none(errno) ? -errno : 0;
}
