/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/recorder.h"

#include "base/cleanup.h"
#include "files/transfer.h"
#include "source/scrub.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

/* `path` without its root, with ".." taken lexically, as a plain tree shows it; and without private names. */
static int clean_path(const struct recorder *recorder, const char *path, char ret_path[static PATH_MAX]) {
    /* Only control groups are named after hosts; elsewhere the word may be the kernel's own ("vm"). */
    bool group = strncmp(path, "/sys/fs/cgroup/", 15) == 0;
    cleanup_free char *clean = scrub_text(path, group ? recorder->host : NULL);
    char *part, *rest = clean;
    size_t length = 0;

    if (!clean)
        return -ENOMEM;
    while ((part = strsep(&rest, "/"))) {
        if (!*part || strcmp(part, ".") == 0)
            continue;
        if (strcmp(part, "..") == 0) {
            while (length > 0 && ret_path[--length] != '/')
                continue;
            continue;
        }
        if (length + strlen(part) + 2 > PATH_MAX)
            return -ENAMETOOLONG;
        length += (size_t)sprintf(ret_path + length, "%s%s", length ? "/" : "", part);
    }
    ret_path[length] = '\0';
    return length ? 0 : -EINVAL;
}

/* A folder where an empty file may stand for something that was only seen. */
static int make_folder(int root, const char *path) {
    struct stat status;

    if (mkdirat(root, path, 0777) == 0)
        return 0;
    if (errno != EEXIST || fstatat(root, path, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    if (S_ISDIR(status.st_mode))
        return 0;
    if (!S_ISREG(status.st_mode) || status.st_size > 0)
        return -ENOTDIR;
    if (unlinkat(root, path, 0) < 0 || mkdirat(root, path, 0777) < 0)
        return -errno;
    return 0;
}

/* Makes the folders above `path`. */
static int make_place(int root, char *path) {
    int status = 0;

    for (char *slash = strchr(path, '/'); slash && status == 0; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        status = make_folder(root, path);
        *slash = '/';
    }
    return status;
}

static int write_file(int root, const char *path, const char *bytes, size_t size) {
    cleanup_close int fd = openat(root, path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);

    return fd < 0 ? -errno : transfer_write(fd, bytes, size);
}

/* Cleans the path and makes its place; false where recording has failed. */
static bool begin(struct recorder *recorder, const char *path, char ret_path[static PATH_MAX]) {
    if (!recorder || recorder->status < 0)
        return false;
    recorder->status = clean_path(recorder, path, ret_path);
    if (recorder->status == 0)
        recorder->status = make_place(recorder->folder, ret_path);
    return recorder->status == 0;
}

void recorder_bytes(struct recorder *recorder, const char *path, const char *bytes, size_t size) {
    cleanup_free char *kept = NULL;
    char place[PATH_MAX];
    size_t kept_size;

    if (!begin(recorder, path, place))
        return;
    recorder->status = scrub_file(path, recorder->host, bytes, size, &kept, &kept_size);
    if (recorder->status == 0)
        recorder->status = write_file(recorder->folder, place, kept, kept_size);
}

void recorder_link(struct recorder *recorder, const char *path, const char *name) {
    char place[PATH_MAX];

    if (!begin(recorder, path, place))
        return;
    (void)unlinkat(recorder->folder, place, 0);
    if (symlinkat(name, recorder->folder, place) < 0)
        recorder->status = -errno;
}

void recorder_presence(struct recorder *recorder, const char *path) {
    struct stat status;
    char place[PATH_MAX];

    if (begin(recorder, path, place) && fstatat(recorder->folder, place, &status, AT_SYMLINK_NOFOLLOW) < 0)
        recorder->status = write_file(recorder->folder, place, "", 0);
}

void recorder_init(struct recorder *recorder, int folder, bool live) {
    struct utsname name;

    *recorder = (struct recorder){.folder = folder};
    if (live && uname(&name) == 0)
        (void)snprintf(recorder->host, sizeof(recorder->host), "%s", name.nodename);
}
