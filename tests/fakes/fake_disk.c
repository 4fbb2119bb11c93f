/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A disk that fails on purpose: stands before the C library's pwrite and fdatasync, linked into a test (with
 * its symbols exported, so that modules see it) or preloaded as a library.
 *
 * VMSUITE_FAKE_DISK=FAULT:N lets the N-th pwrite (from 0) of the process go wrong: `damage` flips a bit on
 * the way, `stale` loses the write, `torn` loses its second half, `misplaced` puts it one length too early;
 * `short` moves only half and says so; `eio`, `enospc`, `edquot`, `erofs` fail. `flush:0` lets every flush
 * fail with EIO.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT ssize_t fake_pwrite(int fd, const void *bytes, size_t length, off_t offset) __asm__("pwrite");
EXPORT ssize_t fake_pwrite64(int fd, const void *bytes, size_t length, off_t offset) __asm__("pwrite64");
EXPORT int fake_fdatasync(int fd) __asm__("fdatasync");

static const struct {
    const char *name;
    int number;
} errors[] = {{"eio", EIO}, {"enospc", ENOSPC}, {"edquot", EDQUOT}, {"erofs", EROFS}};

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

int fake_fdatasync(int fd) {
    const char *setting = getenv("VMSUITE_FAKE_DISK");

    if (setting && strcmp(setting, "flush:0") == 0) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, fd);
}
