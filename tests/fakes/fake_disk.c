/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A disk that fails on purpose: stands before the C library's pwrite and fdatasync, linked into a test (with
 * its symbols exported, so that modules see it) or preloaded as a library.
 *
 * VMSUITE_FAKE_DISK=FAULT:N lets the N-th pwrite (from 0) of the process go wrong: `damage` flips a bit on
 * the way, `stale` loses the write, `torn` loses its second half, `misplaced` puts it one length too early;
 * `short` moves only half and says so; `eio`, `enospc`, `edquot`, `erofs`, `einval` fail. `flush:0` lets
 * every flush fail with EIO. What else it can do for a test that it is linked into stands in fake_disk.h.
 */
#include "fakes/fake_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/vfs.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT ssize_t fake_pwrite(int fd, const void *bytes, size_t length, off_t offset) __asm__("pwrite");
EXPORT ssize_t fake_pwrite64(int fd, const void *bytes, size_t length, off_t offset) __asm__("pwrite64");
EXPORT ssize_t fake_pread(int fd, void *bytes, size_t length, off_t offset) __asm__("pread");
EXPORT ssize_t fake_pread64(int fd, void *bytes, size_t length, off_t offset) __asm__("pread64");
EXPORT int fake_fdatasync(int fd) __asm__("fdatasync");
EXPORT int fake_fsync(int fd) __asm__("fsync");
EXPORT int fake_open(const char *path, int flags, ...) __asm__("open");
EXPORT int fake_open64(const char *path, int flags, ...) __asm__("open64");
EXPORT int fake_mincore(void *address, size_t length, unsigned char *marks) __asm__("mincore");
EXPORT int fake_getrusage(int who, struct rusage *usage) __asm__("getrusage");

EXPORT int fake_statvfs(const char *path, struct statvfs *space) __asm__("statvfs");
EXPORT int fake_statvfs64(const char *path, struct statvfs *space) __asm__("statvfs64");
EXPORT int fake_fstatvfs(int fd, struct statvfs *space) __asm__("fstatvfs");
EXPORT int fake_fstatvfs64(int fd, struct statvfs *space) __asm__("fstatvfs64");

EXPORT struct fake_disk fake_disk;

/* Notes a call, and lets its time pass. */
static void pass(char call, uint64_t ns) {
    if (fake_disk.n_calls < sizeof(fake_disk.calls) - 1)
        fake_disk.calls[fake_disk.n_calls++] = call;
    fake_disk.now_ns += ns;
    if (call == 'w' || call == 'r')
        fake_disk.cpu_ns += FAKE_DISK_CPU_NS;
}

static const struct {
    const char *name;
    int number;
} errors[] = {{"eio", EIO}, {"enospc", ENOSPC}, {"edquot", EDQUOT}, {"erofs", EROFS}, {"einval", EINVAL}};

/* Whether the fault in the environment falls on this write; writes are counted anew when it changes. */
static bool is_struck(char ret_fault[static 32]) {
    static char last[32];
    static unsigned long n;
    const char *setting = getenv("VMSUITE_FAKE_DISK");
    char *colon;

    if (!setting)
        last[0] = '\0';
    if (!setting || strlen(setting) >= sizeof(last))
        return false;
    if (strcmp(setting, last) != 0) {
        strcpy(last, setting);
        n = 0;
    }
    strcpy(ret_fault, setting);
    colon = strchr(ret_fault, ':');
    if (!colon)
        return false;
    *colon = '\0';
    return n++ == strtoul(colon + 1, NULL, 10);
}

static ssize_t real_pwrite(int fd, const void *bytes, size_t length, off_t offset) {
    return syscall(SYS_pwrite64, fd, bytes, length, offset);
}

static ssize_t write_damaged(int fd, const void *bytes, size_t length, off_t offset) {
    unsigned char *copy = NULL;
    ssize_t put;

    if (posix_memalign((void **)&copy, 4096, length) != 0)
        return -1;
    memcpy(copy, bytes, length);
    copy[length / 2 + 100] ^= 1;
    put = real_pwrite(fd, copy, length, offset);
    free(copy);
    return put;
}

ssize_t fake_pwrite64(int fd, const void *bytes, size_t length, off_t offset) {
    char fault[32];

    pass('w', FAKE_DISK_WRITE_NS);
    if (!is_struck(fault))
        return real_pwrite(fd, bytes, length, offset);
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if (strcmp(fault, errors[i].name) == 0) {
            errno = errors[i].number;
            return -1;
        }
    if (strcmp(fault, "damage") == 0)
        return write_damaged(fd, bytes, length, offset);
    if (strcmp(fault, "misplaced") == 0)
        return real_pwrite(fd, bytes, length, offset - (off_t)length);
    if (strcmp(fault, "short") == 0)
        return real_pwrite(fd, bytes, length / 2, offset);
    if (strcmp(fault, "torn") == 0)
        (void)real_pwrite(fd, bytes, length / 2, offset);
    return (ssize_t)length; /* torn and stale */
}

ssize_t fake_pwrite(int fd, const void *bytes, size_t length, off_t offset) {
    return fake_pwrite64(fd, bytes, length, offset);
}

ssize_t fake_pread64(int fd, void *bytes, size_t length, off_t offset) {
    pass('r', FAKE_DISK_READ_NS);
    return syscall(SYS_pread64, fd, bytes, length, offset);
}

ssize_t fake_pread(int fd, void *bytes, size_t length, off_t offset) {
    return fake_pread64(fd, bytes, length, offset);
}

int fake_mincore(void *address, size_t length, unsigned char *marks) {
    size_t n_pages = length / (size_t)sysconf(_SC_PAGESIZE);

    if (!fake_disk.counts_pages)
        return (int)syscall(SYS_mincore, address, length, marks);
    for (size_t i = 0; i < n_pages; i++)
        marks[i] = i < fake_disk.resident;
    return 0;
}

int fake_fsync(int fd) {
    pass('s', FAKE_DISK_FSYNC_NS);
    return (int)syscall(SYS_fsync, fd);
}

static int open_by(const char *path, int flags, mode_t mode) {
    if (flags & O_CREAT)
        fake_disk.open_flags = flags;
    return (int)syscall(SYS_openat, AT_FDCWD, path, fake_disk.drops_direct ? flags & ~O_DIRECT : flags, mode);
}

int fake_open64(const char *path, int flags, ...) {
    va_list arguments;
    mode_t mode = 0;

    va_start(arguments, flags);
    if (flags & O_CREAT)
        mode = va_arg(arguments, mode_t);
    va_end(arguments);
    return open_by(path, flags, mode);
}

int fake_open(const char *path, int flags, ...) {
    va_list arguments;
    mode_t mode = 0;

    va_start(arguments, flags);
    if (flags & O_CREAT)
        mode = va_arg(arguments, mode_t);
    va_end(arguments);
    return open_by(path, flags, mode);
}

int fake_getrusage(int who, struct rusage *usage) {
    if (!fake_disk.is_scripted)
        return (int)syscall(SYS_getrusage, who, usage);
    *usage = (struct rusage){.ru_utime = {.tv_sec = (time_t)(fake_disk.cpu_ns / 2 / 1000000000),
                                          .tv_usec = (suseconds_t)(fake_disk.cpu_ns / 2 / 1000 % 1000000)},
                             .ru_stime = {.tv_sec = (time_t)(fake_disk.cpu_ns / 2 / 1000000000),
                                          .tv_usec = (suseconds_t)(fake_disk.cpu_ns / 2 / 1000 % 1000000)}};
    return 0;
}

int fake_fdatasync(int fd) {
    const char *setting = getenv("VMSUITE_FAKE_DISK");

    pass('d', FAKE_DISK_FDATASYNC_NS);
    if (setting && strcmp(setting, "flush:0") == 0) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, fd);
}

static int tell_space(int status, const struct statfs *system, struct statvfs *space) {
    if (status == 0)
        *space = (struct statvfs){.f_bsize = (unsigned long)system->f_bsize,
                                  .f_frsize = (unsigned long)system->f_frsize,
                                  .f_blocks = system->f_blocks,
                                  .f_bfree = system->f_bfree,
                                  .f_bavail = system->f_bavail};
    if (status == 0 && fake_disk.is_endless) {
        space->f_frsize = 4096;
        space->f_blocks = space->f_bfree = space->f_bavail = UINT64_C(1) << 52;
    }
    return status;
}

int fake_statvfs(const char *path, struct statvfs *space) {
    struct statfs system;

    return tell_space(statfs(path, &system), &system, space);
}

int fake_statvfs64(const char *path, struct statvfs *space) {
    return fake_statvfs(path, space);
}

int fake_fstatvfs(int fd, struct statvfs *space) {
    struct statfs system;

    return tell_space(fstatfs(fd, &system), &system, space);
}

int fake_fstatvfs64(int fd, struct statvfs *space) {
    return fake_fstatvfs(fd, space);
}
