/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/recorder.h"

#include "base/cleanup.h"
#include "files/transfer.h"
#include "files/tree.h"
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

/* A folder, in the place of an empty file that stands for something that was only seen. */
static int make_folder(int parent, const char *name) {
    struct stat status;

    if (mkdirat(parent, name, 0777) == 0)
        return 0;
    if (errno != EEXIST || fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    if (S_ISDIR(status.st_mode))
        return 0;
    if (!S_ISREG(status.st_mode) || status.st_size > 0)
        return -ENOTDIR;
    if (unlinkat(parent, name, 0) < 0 || mkdirat(parent, name, 0777) < 0)
        return -errno;
    return 0;
}

/* Makes the folders above `path` and opens the last of them, step by step: where others may write in one of
 * them, a link of theirs is not followed. *ret_name: the path's last part. */
static int open_place(int root, char *path, const char **ret_name) {
    cleanup_close int folder = fcntl(root, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    char *name = path, *slash;

    for (; folder >= 0 && (slash = strchr(name, '/')); name = slash + 1) {
        int status, below;

        *slash = '\0';
        status = make_folder(folder, name);
        below = status < 0 ? status : tree_open(folder, name);
        if (below < 0)
            return below;
        (void)close(folder);
        folder = below;
    }
    *ret_name = name;
    return folder < 0 ? -errno : TAKE_FD(folder);
}

static int write_file(int folder, const char *name, const char *bytes, size_t size) {
    cleanup_close int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);

    return fd < 0 ? -errno : transfer_write(fd, bytes, size);
}

/* Where something is recorded. */
struct place {
    char path[PATH_MAX];
    const char *name; /* its last part, in the open `folder` */
    int folder;
};

/* Cleans the path and opens its place; false where recording has failed. */
static bool begin(struct recorder *recorder, const char *path, struct place *place) {
    if (!recorder || recorder->status < 0)
        return false;
    recorder->status = clean_path(recorder, path, place->path);
    if (recorder->status < 0)
        return false;
    place->folder = open_place(recorder->folder, place->path, &place->name);
    if (place->folder < 0)
        recorder->status = place->folder;
    return place->folder >= 0;
}

void recorder_bytes(struct recorder *recorder, const char *path, const char *bytes, size_t size) {
    cleanup_free char *kept = NULL;
    struct place place;
    size_t kept_size;

    if (!begin(recorder, path, &place))
        return;
    recorder->status = scrub_file(path, recorder->host, bytes, size, &kept, &kept_size);
    if (recorder->status == 0)
        recorder->status = write_file(place.folder, place.name, kept, kept_size);
    (void)close(place.folder);
}

void recorder_link(struct recorder *recorder, const char *path, const char *name) {
    struct place place;

    if (!begin(recorder, path, &place))
        return;
    (void)unlinkat(place.folder, place.name, 0);
    if (symlinkat(name, place.folder, place.name) < 0)
        recorder->status = -errno;
    (void)close(place.folder);
}

void recorder_presence(struct recorder *recorder, const char *path) {
    struct stat status;
    struct place place;

    if (!begin(recorder, path, &place))
        return;
    if (fstatat(place.folder, place.name, &status, AT_SYMLINK_NOFOLLOW) < 0)
        recorder->status = write_file(place.folder, place.name, "", 0);
    (void)close(place.folder);
}

void recorder_init(struct recorder *recorder, int folder, bool live) {
    struct utsname name;

    *recorder = (struct recorder){.folder = folder};
    if (live && uname(&name) == 0)
        (void)snprintf(recorder->host, sizeof(recorder->host), "%s", name.nodename);
}
