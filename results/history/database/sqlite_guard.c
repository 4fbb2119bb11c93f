/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "history/database/sqlite_guard.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#define REFUSED (SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL)

static sqlite3_vfs guard;
static sqlite3_vfs *usual;

/* Whose the store is that "STORE-journal" lies beside; ours where there is none. */
static uid_t find_owner(const char *name) {
    char store[PATH_MAX] = "";
    const char *end = strrchr(name, '-');
    struct stat info;

    if (end && (size_t)(end - name) < sizeof(store))
        memcpy(store, name, (size_t)(end - name));
    return stat(store, &info) == 0 ? info.st_uid : geteuid();
}

/* Whether the file is one that may be believed, and written: with one name, since a neighbour may give a file
 * of ours another. One that is to be made is made here, and nobody else's: where it is not there and is not
 * to be made, it is not to appear before SQLite opens it either. */
static bool may_open(const char *name, int flags) {
    int make = flags & SQLITE_OPEN_CREATE ? O_CREAT | O_EXCL : 0;
    cleanup_close int fd = open(name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | make, 0600);
    struct stat info;

    if (fd < 0 && (errno == EEXIST || errno == EACCES || errno == EROFS))
        fd = open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    return fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_nlink == 1 &&
           (info.st_uid == geteuid() || info.st_uid == find_owner(name));
}

static int open_guarded(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret_flags) {
    (void)vfs;
    file->pMethods = NULL;
    if ((flags & REFUSED) || ((flags & SQLITE_OPEN_MAIN_JOURNAL) && name && !may_open(name, flags)))
        return SQLITE_CANTOPEN;
    return usual->xOpen(usual, name, file, flags, ret_flags);
}

const char *sqlite_guard(void) {
    if (usual)
        return guard.zName;
    usual = sqlite3_vfs_find(NULL);
    if (!usual)
        return NULL;
    guard = *usual;
    guard.zName = "vmsuite";
    guard.pNext = NULL;
    guard.xOpen = open_guarded;
    if (sqlite3_vfs_register(&guard, 0) == SQLITE_OK)
        return guard.zName;
    usual = NULL;
    return NULL;
}
