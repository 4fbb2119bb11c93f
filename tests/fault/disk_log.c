/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Logs what reaches the files below a folder and in which order, preloaded into the program: from it
 * power_cut.py makes what a power failure may leave.
 *
 * VMSUITE_DISK_LOG is the file that is appended to, VMSUITE_DISK_ROOT the folder. Each event is a line, a
 * write's bytes follow it: "write INODE OFFSET LENGTH", "cut INODE LENGTH", "sync INODE", "name FOLDER INODE
 * NAME", "gone FOLDER NAME". Names that change their place are "name" and "gone".
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

static int events = -1;
static const char *root;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("VMSUITE_DISK_LOG");

    root = getenv("VMSUITE_DISK_ROOT");
    if (path && root)
        events = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    /* Not where the program closes what it was started with. */
    if (events >= 0) {
        int high = fcntl(events, F_DUPFD_CLOEXEC, 500);

        (void)close(events);
        events = high;
    }
}

/* Whether what the descriptor stands for is below the folder. */
static bool is_below(int fd, struct stat *ret_info) {
    char own[64], path[PATH_MAX];
    ssize_t length;

    if (events < 0)
        return false;
    (void)snprintf(own, sizeof(own), "/proc/self/fd/%d", fd);
    length = readlink(own, path, sizeof(path) - 1);
    if (length < 0 || fstat(fd, ret_info) < 0)
        return false;
    path[length] = '\0';
    return strncmp(path, root, strlen(root)) == 0;
}

static void log_event(const char *event, const void *bytes, size_t size) {
    const struct iovec parts[] = {{(char *)event, strlen(event)}, {(void *)bytes, size}};
    int saved = errno;

    if (writev(events, parts, 2) != (ssize_t)(strlen(event) + size))
        abort();
    errno = saved;
}

#define LOG(bytes, size, ...)                                                                                \
    do {                                                                                                     \
        char line[PATH_MAX];                                                                                 \
                                                                                                             \
        (void)snprintf(line, sizeof(line), __VA_ARGS__);                                                     \
        log_event(line, bytes, size);                                                                        \
    } while (0)

static void log_write(int fd, const void *bytes, ssize_t written, off_t at) {
    struct stat info;

    if (written > 0 && is_below(fd, &info) && S_ISREG(info.st_mode))
        LOG(bytes, (size_t)written, "write %lu %lld %zd\n", (unsigned long)info.st_ino, (long long)at,
            written);
}

/* Opens the folder of a name, and finds the name's last part. */
static int open_folder(int at, const char *path, const char **ret_name) {
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX] = ".";

    *ret_name = slash ? slash + 1 : path;
    if (slash)
        (void)snprintf(folder, sizeof(folder), "%.*s", slash == path ? 1 : (int)(slash - path), path);
    return openat(at, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void log_name(int at, const char *path, bool is_there) {
    const char *name;
    struct stat folder, info;
    int saved = errno, fd = open_folder(at, path, &name);

    if (fd >= 0 && is_below(fd, &folder)) {
        if (is_there && fstatat(fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0)
            LOG("", 0, "name %lu %lu %s\n", (unsigned long)folder.st_ino, (unsigned long)info.st_ino, name);
        else if (!is_there)
            LOG("", 0, "gone %lu %s\n", (unsigned long)folder.st_ino, name);
    }
    if (fd >= 0)
        (void)close(fd);
    errno = saved;
}

/* Defines NAME before the C library's, which has run, with its answer in `status`, when `report` is
 * reached. */
#define LOGGED(type, name, parameters, arguments, report)                                                    \
    EXPORT type logged_##name parameters __asm__(#name);                                                     \
    EXPORT type logged_##name parameters {                                                                   \
        static type(*next) parameters;                                                                       \
        type status;                                                                                         \
                                                                                                             \
        if (!next)                                                                                           \
            *(void **)&next = dlsym(RTLD_NEXT, #name);                                                       \
        status = next arguments;                                                                             \
        report;                                                                                              \
        return status;                                                                                       \
    }

#define REPORT_WRITE log_write(fd, bytes, status, lseek(fd, 0, SEEK_CUR) - status)
#define REPORT_PWRITE log_write(fd, bytes, status, at)
LOGGED(ssize_t, write, (int fd, const void *bytes, size_t size), (fd, bytes, size), REPORT_WRITE)
LOGGED(ssize_t, pwrite, (int fd, const void *bytes, size_t size, off_t at), (fd, bytes, size, at),
       REPORT_PWRITE)
LOGGED(ssize_t, pwrite64, (int fd, const void *bytes, size_t size, off_t at), (fd, bytes, size, at),
       REPORT_PWRITE)

static void log_descriptor(const char *event, int fd, long long length) {
    struct stat info;

    if (!is_below(fd, &info))
        return;
    if (length < 0)
        LOG("", 0, "%s %lu\n", event, (unsigned long)info.st_ino);
    else
        LOG("", 0, "%s %lu %lld\n", event, (unsigned long)info.st_ino, length);
}

#define REPORT_SYNC                                                                                          \
    if (status == 0)                                                                                         \
    log_descriptor("sync", fd, -1)
#define REPORT_CUT                                                                                           \
    if (status == 0)                                                                                         \
    log_descriptor("cut", fd, size)
LOGGED(int, fsync, (int fd), (fd), REPORT_SYNC)
LOGGED(int, fdatasync, (int fd), (fd), REPORT_SYNC)
LOGGED(int, ftruncate, (int fd, off_t size), (fd, size), REPORT_CUT)
LOGGED(int, ftruncate64, (int fd, off_t size), (fd, size), REPORT_CUT)

/* O_TMPFILE makes no name. */
static void log_opened(int at, const char *path, int flags, int fd) {
    if (fd < 0)
        return;
    if ((flags & O_CREAT) && (flags & O_TMPFILE) != O_TMPFILE)
        log_name(at, path, true);
    if (flags & O_TRUNC)
        log_descriptor("cut", fd, 0);
}

LOGGED(int, open, (const char *path, int flags, unsigned mode), (path, flags, mode),
       log_opened(AT_FDCWD, path, flags, status))
LOGGED(int, open64, (const char *path, int flags, unsigned mode), (path, flags, mode),
       log_opened(AT_FDCWD, path, flags, status))
LOGGED(int, openat, (int at, const char *path, int flags, unsigned mode), (at, path, flags, mode),
       log_opened(at, path, flags, status))
LOGGED(int, openat64, (int at, const char *path, int flags, unsigned mode), (at, path, flags, mode),
       log_opened(at, path, flags, status))

#define REPORT_NAME(at, path, is_there)                                                                      \
    if (status == 0)                                                                                         \
    log_name(at, path, is_there)
#define REPORT_MOVED(from_at, from, to_at, to)                                                               \
    if (status == 0) {                                                                                       \
        log_name(to_at, to, true);                                                                           \
        log_name(from_at, from, false);                                                                      \
    }
LOGGED(int, mkdir, (const char *path, mode_t mode), (path, mode), REPORT_NAME(AT_FDCWD, path, true))
LOGGED(int, mkdirat, (int at, const char *path, mode_t mode), (at, path, mode), REPORT_NAME(at, path, true))
LOGGED(int, linkat, (int from_at, const char *from, int at, const char *path, int flags),
       (from_at, from, at, path, flags), REPORT_NAME(at, path, true))
LOGGED(int, unlink, (const char *path), (path), REPORT_NAME(AT_FDCWD, path, false))
LOGGED(int, rmdir, (const char *path), (path), REPORT_NAME(AT_FDCWD, path, false))
LOGGED(int, unlinkat, (int at, const char *path, int flags), (at, path, flags), REPORT_NAME(at, path, false))
LOGGED(int, rename, (const char *from, const char *to), (from, to),
       REPORT_MOVED(AT_FDCWD, from, AT_FDCWD, to))
LOGGED(int, renameat, (int from_at, const char *from, int at, const char *to), (from_at, from, at, to),
       REPORT_MOVED(from_at, from, at, to))
