/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "files/file.h"

#include "base/cleanup.h"
#include "base/error.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define FIRST_SIZE 65536 /* of what is read from a pipe */

bool file_is_descriptor(const char *path) {
    return strcmp(path, "/dev/stdin") == 0 || strncmp(path, "/dev/fd/", strlen("/dev/fd/")) == 0 ||
           strncmp(path, "/proc/self/fd/", strlen("/proc/self/fd/")) == 0;
}

bool file_is_same(const char *a, const char *b) {
    struct stat of_a, of_b;

    return stat(a, &of_a) == 0 && stat(b, &of_b) == 0 && of_a.st_dev == of_b.st_dev &&
           of_a.st_ino == of_b.st_ino;
}

static int check_kind(const char *path, const struct stat *info, struct vms_error *error) {
    const char *kind = S_ISDIR(info->st_mode)    ? "a folder"
                       : S_ISFIFO(info->st_mode) ? "a pipe"
                       : S_ISSOCK(info->st_mode) ? "a socket"
                                                 : "a device";

    if (S_ISREG(info->st_mode) || (file_is_descriptor(path) && !S_ISDIR(info->st_mode)))
        return 0;
    return error_set(error, -EINVAL, "%s: is %s; name %s", path, kind,
                     S_ISDIR(info->st_mode) ? "a file in it" : "a regular file");
}

static int failed(const char *path, struct vms_error *error) {
    return error_set(error, -errno, "%s: cannot be read: %s", path, strerror(errno));
}

/* Opens what a path leads to without its doing anything, and looks at its kind. */
static int look(const char *path, struct stat *ret_info, struct vms_error *error) {
    cleanup_close int seen = open(path, O_PATH | O_CLOEXEC);
    int status;

    if (seen < 0 || fstat(seen, ret_info) < 0)
        return failed(path, error);
    status = check_kind(path, ret_info, error);
    return status < 0 ? status : TAKE_FD(seen);
}

int file_open(const char *path, struct vms_error *error) {
    /* Looked at first: the mere opening of a device may do something. What was looked at is what is opened,
     * whatever its name leads to by then. */
    struct stat info;
    cleanup_close int seen = look(path, &info, error), fd = -1;
    char own[64];
    int status;

    if (seen < 0)
        return seen;
    (void)snprintf(own, sizeof(own), "/proc/self/fd/%d", seen);
    fd = open(access(own, F_OK) == 0 ? own : path,
              O_RDONLY | O_CLOEXEC | O_NOCTTY | (file_is_descriptor(path) ? 0 : O_NONBLOCK));
    if (fd < 0 || fstat(fd, &info) < 0)
        return failed(path, error);
    status = check_kind(path, &info, error);
    return status < 0 ? status : TAKE_FD(fd);
}

static int too_large(const char *path, size_t max, struct vms_error *error) {
    return error_set(error, -EFBIG, "%s: has more than %zu bytes", path, max);
}

/* Room for one byte more than has been read and for the NUL. */
static int grow(char **text, size_t *size, size_t max) {
    size_t grown = *size == 0 ? FIRST_SIZE : *size * 2;
    char *larger;

    if (grown > max + 2)
        grown = max + 2;
    larger = realloc(*text, grown);
    if (!larger)
        return -ENOMEM;
    *text = larger;
    *size = grown;
    return 0;
}

/* Reads to the end, or to one byte more than `max`. */
static int read_all(int fd, size_t max, char **text, size_t *length) {
    size_t size = 0;

    for (;;) {
        ssize_t got;

        if (size - *length < 2 && grow(text, &size, max) < 0)
            return -ENOMEM;
        got = read(fd, *text + *length, size - *length - 1);
        if (got < 0 && errno != EINTR)
            return -errno;
        *length += got > 0 ? (size_t)got : 0;
        (*text)[*length] = '\0';
        if (got == 0 || *length > max)
            return 0;
    }
}

int file_read(const char *path, size_t max, char **ret_text, size_t *ret_length, struct vms_error *error) {
    cleanup_close int fd = file_open(path, error);
    cleanup_free char *text = NULL;
    struct stat info;
    size_t length = 0;
    int status;

    if (fd < 0)
        return fd;
    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && (uintmax_t)info.st_size > max)
        return too_large(path, max, error);
    status = read_all(fd, max, &text, &length);
    if (status == -ENOMEM)
        return error_memory(error);
    if (status < 0) {
        errno = -status;
        return failed(path, error);
    }
    if (length > max)
        return too_large(path, max, error);
    *ret_text = TAKE(text);
    *ret_length = length;
    return 0;
}

int file_pieces(const char *path, file_take *take, void *user, struct vms_error *error) {
    cleanup_close int fd = file_open(path, error);
    unsigned char piece[65536];
    ssize_t got;

    if (fd < 0)
        return fd;
    while ((got = read(fd, piece, sizeof(piece))) != 0) {
        if (got > 0)
            take(user, piece, (size_t)got);
        else if (errno != EINTR)
            return failed(path, error);
    }
    return 0;
}
