/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notes the calls that durability, privacy and clean-up depend on, preloaded as a library: a line each in the
 * file that VMSUITE_CALL_LOG names, which must be there: the process, the call, and what it was about,
 * tab-separated; of files the path, at the time of the call, of writes with a place in the file that, too.
 * Calls that fail are not noted. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define NAMED(type, name, ...) EXPORT type call_##name(__VA_ARGS__) __asm__(#name)

NAMED(int, open, const char *path, int flags, ...);
NAMED(int, open64, const char *path, int flags, ...);
NAMED(int, __open_2, const char *path, int flags);
NAMED(int, __open64_2, const char *path, int flags);
NAMED(int, openat, int folder, const char *path, int flags, ...);
NAMED(int, openat64, int folder, const char *path, int flags, ...);
NAMED(int, __openat_2, int folder, const char *path, int flags);
NAMED(int, __openat64_2, int folder, const char *path, int flags);
NAMED(ssize_t, write, int fd, const void *bytes, size_t length);
NAMED(ssize_t, pwrite, int fd, const void *bytes, size_t length, off_t offset);
NAMED(ssize_t, pwrite64, int fd, const void *bytes, size_t length, off_t offset);
NAMED(int, fsync, int fd);
NAMED(int, fdatasync, int fd);
NAMED(int, ftruncate, int fd, off_t length);
NAMED(int, ftruncate64, int fd, off_t length);
NAMED(int, fchmod, int fd, mode_t mode);
NAMED(int, mkdir, const char *path, mode_t mode);
NAMED(int, mkdirat, int folder, const char *path, mode_t mode);
NAMED(int, rename, const char *from, const char *to);
NAMED(int, renameat, int from_folder, const char *from, int to_folder, const char *to);
NAMED(int, linkat, int from_folder, const char *from, int to_folder, const char *to, int flags);
NAMED(int, unlink, const char *path);
NAMED(int, unlinkat, int folder, const char *path, int flags);
NAMED(int, rmdir, const char *path);

/* The path of a descriptor, or of a path below one. */
static void resolve(int folder, const char *path, char ret[static PATH_MAX]) {
    char link[64], above[PATH_MAX];
    ssize_t length;

    if (path && *path == '/') {
        (void)snprintf(ret, PATH_MAX, "%s", path);
        return;
    }
    if (folder == AT_FDCWD)
        (void)snprintf(link, sizeof(link), "/proc/self/cwd");
    else
        (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", folder);
    length = readlink(link, above, sizeof(above) - 1);
    above[length > 0 ? length : 0] = '\0';
    if (snprintf(ret, PATH_MAX, path ? "%s/%s" : "%s", above, path) >= PATH_MAX)
        ret[PATH_MAX - 1] = '\0';
}

static void note(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void note(const char *format, ...) {
    const char *log = getenv("VMSUITE_CALL_LOG");
    char line[3 * PATH_MAX];
    int kept = errno, used = snprintf(line, sizeof(line), "%d\t", (int)getpid()), fd;
    va_list arguments;

    va_start(arguments, format);
    used += vsnprintf(line + used, sizeof(line) - (size_t)used - 1, format, arguments);
    va_end(arguments);
    line[used++] = '\n';
    fd = log ? (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CLOEXEC, 0) : -1;
    if (fd >= 0) {
        (void)!syscall(SYS_write, fd, line, (size_t)used);
        (void)syscall(SYS_close, fd);
    }
    errno = kept;
}

/* Only what may write or make a file. VMSUITE_NO_TMPFILE: no file system has files without a name. */
static int open_at(int folder, const char *path, int flags, mode_t mode) {
    bool is_refused = (flags & O_TMPFILE) == O_TMPFILE && getenv("VMSUITE_NO_TMPFILE");
    int fd = is_refused ? -1 : (int)syscall(SYS_openat, folder, path, flags, mode);
    char whole[PATH_MAX];

    if (is_refused)
        errno = EOPNOTSUPP;
    if (fd < 0 || !(flags & (O_WRONLY | O_RDWR)))
        return fd;
    resolve(folder, path, whole);
    note("open\t%s\t%s%s%s%s%s\t%o", whole, flags & O_CREAT ? "creat," : "", flags & O_EXCL ? "excl," : "",
         (flags & O_TMPFILE) == O_TMPFILE ? "tmpfile," : "", flags & O_NOFOLLOW ? "nofollow," : "",
         (flags & O_DSYNC) ? "dsync," : "", (unsigned)mode);
    return fd;
}

static mode_t mode_of(int flags, va_list arguments) {
    return flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)) ? va_arg(arguments, mode_t) : 0;
}

#define DEFINE_OPEN(name)                                                                                    \
    int call_##name(const char *path, int flags, ...) {                                                      \
        va_list arguments;                                                                                   \
        mode_t mode;                                                                                         \
                                                                                                             \
        va_start(arguments, flags);                                                                          \
        mode = mode_of(flags, arguments);                                                                    \
        va_end(arguments);                                                                                   \
        return open_at(AT_FDCWD, path, flags, mode);                                                         \
    }
#define DEFINE_OPENAT(name)                                                                                  \
    int call_##name(int folder, const char *path, int flags, ...) {                                          \
        va_list arguments;                                                                                   \
        mode_t mode;                                                                                         \
                                                                                                             \
        va_start(arguments, flags);                                                                          \
        mode = mode_of(flags, arguments);                                                                    \
        va_end(arguments);                                                                                   \
        return open_at(folder, path, flags, mode);                                                           \
    }
DEFINE_OPEN(open)
DEFINE_OPEN(open64)
DEFINE_OPENAT(openat)
DEFINE_OPENAT(openat64)

int call___open_2(const char *path, int flags) {
    return open_at(AT_FDCWD, path, flags, 0);
}

int call___open64_2(const char *path, int flags) {
    return open_at(AT_FDCWD, path, flags, 0);
}

int call___openat_2(int folder, const char *path, int flags) {
    return open_at(folder, path, flags, 0);
}

int call___openat64_2(int folder, const char *path, int flags) {
    return open_at(folder, path, flags, 0);
}

/* Of a call about a descriptor. */
static long done(long status, const char *call, int fd) {
    char path[PATH_MAX];

    if (status < 0)
        return status;
    resolve(fd, NULL, path);
    note("%s\t%s", call, path);
    return status;
}

ssize_t call_write(int fd, const void *bytes, size_t length) {
    return done(syscall(SYS_write, fd, bytes, length), "write", fd);
}

ssize_t call_pwrite64(int fd, const void *bytes, size_t length, off_t offset) {
    ssize_t written = syscall(SYS_pwrite64, fd, bytes, length, offset);
    char path[PATH_MAX];

    resolve(fd, NULL, path);
    if (written >= 0)
        note("write\t%s\t%lld", path, (long long)offset);
    return written;
}

ssize_t call_pwrite(int fd, const void *bytes, size_t length, off_t offset) {
    return call_pwrite64(fd, bytes, length, offset);
}

int call_fsync(int fd) {
    return (int)done(syscall(SYS_fsync, fd), "fsync", fd);
}

int call_fdatasync(int fd) {
    return (int)done(syscall(SYS_fdatasync, fd), "fdatasync", fd);
}

int call_ftruncate64(int fd, off_t length) {
    return (int)done(syscall(SYS_ftruncate, fd, length), "ftruncate", fd);
}

int call_ftruncate(int fd, off_t length) {
    return call_ftruncate64(fd, length);
}

int call_fchmod(int fd, mode_t mode) {
    int status = (int)syscall(SYS_fchmod, fd, mode);
    char path[PATH_MAX];

    resolve(fd, NULL, path);
    if (status == 0)
        note("fchmod\t%s\t%o", path, (unsigned)mode);
    return status;
}

int call_mkdirat(int folder, const char *path, mode_t mode) {
    int status = (int)syscall(SYS_mkdirat, folder, path, mode);
    char whole[PATH_MAX];

    resolve(folder, path, whole);
    if (status == 0)
        note("mkdir\t%s\t%o", whole, (unsigned)mode);
    return status;
}

int call_mkdir(const char *path, mode_t mode) {
    return call_mkdirat(AT_FDCWD, path, mode);
}

/* Of a call about two paths, of which the first may be a descriptor's in /proc. */
static int done_with_two(int status, const char *call, const char *from, int folder, const char *to) {
    char whole[PATH_MAX];

    resolve(folder, to, whole);
    if (status == 0)
        note("%s\t%s\t%s", call, from, whole);
    return status;
}

int call_renameat(int from_folder, const char *from, int to_folder, const char *to) {
    char whole[PATH_MAX];

    resolve(from_folder, from, whole);
    return done_with_two((int)syscall(SYS_renameat, from_folder, from, to_folder, to), "rename", whole,
                         to_folder, to);
}

int call_rename(const char *from, const char *to) {
    return call_renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int call_linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
    char whole[PATH_MAX];

    resolve(from_folder, from, whole);
    return done_with_two((int)syscall(SYS_linkat, from_folder, from, to_folder, to, flags), "link", whole,
                         to_folder, to);
}

int call_unlinkat(int folder, const char *path, int flags) {
    char whole[PATH_MAX];
    int status;

    resolve(folder, path, whole);
    status = (int)syscall(SYS_unlinkat, folder, path, flags);
    if (status == 0)
        note("%s\t%s", flags & AT_REMOVEDIR ? "rmdir" : "unlink", whole);
    return status;
}

int call_unlink(const char *path) {
    return call_unlinkat(AT_FDCWD, path, 0);
}

int call_rmdir(const char *path) {
    return call_unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}
