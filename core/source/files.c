/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/files.h"

#include "base/cleanup.h"
#include "files/listing.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* Opens the root of a capture and resolves `path` inside it. */
static int open_in_root(const char *root, int flags, const char *path) {
    struct open_how how = {.flags = (uint64_t)(unsigned)flags, .resolve = RESOLVE_IN_ROOT};
    cleanup_close int folder = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    long fd;

    if (folder < 0)
        return -errno;
    fd = syscall(SYS_openat2, folder, path, &how, sizeof(how));
    return fd < 0 ? -errno : (int)fd;
}

static int open_below(const struct machine_source *source, int flags, const char *path) {
    int fd;

    flags |= O_CLOEXEC;
    if (source_is_live(source)) {
        fd = open(path, flags);
        fd = fd < 0 ? -errno : fd;
    } else {
        fd = open_in_root(source->root, flags, path);
    }
    return fd == -ENOTDIR && !(flags & O_DIRECTORY) ? -ENOENT : fd;
}

/* Reads up to `limit` bytes; some files of /proc and /sys give only a part at a time. */
static int read_up_to(int fd, size_t limit, char **ret_bytes, size_t *ret_size) {
    size_t capacity = limit < 4096 ? limit : 4096, size = 0;
    cleanup_free char *bytes = malloc(capacity + 1);

    if (!bytes)
        return -ENOMEM;
    for (;;) {
        ssize_t got;

        if (size == capacity) {
            size_t larger = capacity < limit / 2 ? capacity * 2 : limit;
            char *grown = size == limit ? NULL : realloc(bytes, larger + 1);

            if (size == limit)
                break;
            if (!grown)
                return -ENOMEM;
            bytes = grown;
            capacity = larger;
        }
        got = read(fd, bytes + size, capacity - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        size += (size_t)got;
    }
    bytes[size] = '\0';
    *ret_bytes = TAKE(bytes);
    *ret_size = size;
    return 0;
}

/* Opens a regular file. Without O_NONBLOCK a FIFO in a capture would hold us for ever. */
static int open_regular(const struct machine_source *source, const char *path) {
    cleanup_close int fd = open_below(source, O_RDONLY | O_NONBLOCK | O_NOCTTY, path);
    struct stat status;

    if (fd < 0)
        return fd;
    if (fstat(fd, &status) < 0)
        return -errno;
    return S_ISREG(status.st_mode) ? TAKE_FD(fd) : -EINVAL;
}

int files_bytes(const struct machine_source *source, const char *path, size_t limit, char **ret_bytes,
                size_t *ret_size) {
    cleanup_close int fd = open_regular(source, path);

    return fd < 0 ? fd : read_up_to(fd, limit, ret_bytes, ret_size);
}

int files_stream(const struct machine_source *source, const char *path, FILE **ret_file) {
    cleanup_close int fd = open_regular(source, path);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "r");

    if (fd < 0)
        return fd;
    if (!file)
        return -errno;
    (void)TAKE_FD(fd); /* the stream's now */
    *ret_file = file;
    return 0;
}

int files_link(const struct machine_source *source, const char *path, char ret_target[static PATH_MAX]) {
    cleanup_close int fd = open_below(source, O_PATH | O_NOFOLLOW, path);
    ssize_t length;

    if (fd < 0)
        return fd;
    length = readlinkat(fd, "", ret_target, PATH_MAX - 1);
    if (length < 0)
        return -errno;
    ret_target[length] = '\0';
    return 0;
}

int files_exists(const struct machine_source *source, const char *path) {
    cleanup_close int fd = open_below(source, O_PATH, path);

    return fd < 0 ? fd : 0;
}

int files_inode(const struct machine_source *source, const char *path, uint64_t *ret_inode) {
    cleanup_close int fd = open_below(source, O_PATH, path);
    struct stat info;

    if (fd < 0)
        return fd;
    if (fstat(fd, &info) < 0)
        return -errno;
    *ret_inode = info.st_ino;
    return 0;
}

static int read_names(DIR *folder, struct source_names *names) {
    const char *name;
    int status = 0;

    while (names->n_names < SOURCE_NAMES_MAX && (name = listing_next(folder, &status))) {
        char **grown = realloc(names->names, (names->n_names + 1) * sizeof(*grown));

        if (!grown)
            return -ENOMEM;
        names->names = grown;
        names->names[names->n_names] = strdup(name);
        if (!names->names[names->n_names])
            return -ENOMEM;
        names->n_names++;
    }
    return status;
}

int files_names(const struct machine_source *source, const char *path, struct source_names *names) {
    cleanup_close int fd = open_below(source, O_RDONLY | O_DIRECTORY, path);
    cleanup_closedir DIR *folder = fd < 0 ? NULL : fdopendir(fd);

    if (fd < 0)
        return fd;
    if (!folder)
        return -errno;
    (void)TAKE_FD(fd); /* the folder's now */
    return read_names(folder, names);
}
