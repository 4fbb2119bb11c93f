/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is left of a file system whose beginning was wiped, in files as large as disks. */
#include "device/content.h"

#include "base/cleanup.h"

#include "unit/descriptors.h"

#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define KIB (UINT64_C(1) << 10)
#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

static int make_file(uint64_t size) {
    char path[] = "/var/tmp/vmsuite-content-XXXXXX";
    int fd = mkstemp(path);

    assert_true(fd >= 0 && unlink(path) == 0 && ftruncate(fd, (off_t)size) == 0);
    return fd;
}

static void put(int fd, uint64_t at, const void *bytes, size_t length) {
    assert_int_equal(pwrite(fd, bytes, length, (off_t)at), length);
}

static void assert_blank(int fd, uint64_t size) {
    struct vms_error error = {""};
    uint64_t at = 0;
    int status = content_find(fd, "/dev/x", size, &at, &error);

    if (status != 0)
        fail_msg("%d at %" PRIu64 " of %" PRIu64 " bytes: %s", status, at, size, error.text);
}

static void assert_found(int fd, uint64_t size, uint64_t expected) {
    struct vms_error error = {""};
    uint64_t at = 0;
    int status = content_find(fd, "/dev/x", size, &at, &error);

    if (status != 1 || at != expected)
        fail_msg("%d at %" PRIu64 " instead of %" PRIu64 " of %" PRIu64 " bytes", status, at, expected, size);
}

static void find__nothing_on_a_blank_one(void **state) {
    static const uint64_t sizes[] = {
        0, 1, 511, 512, 4096, 8 * MIB - 512, 8 * MIB, 8 * MIB + 512, 5 * GIB + 1, 9000 * GIB};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(sizes); i++) {
        cleanup_close int fd = make_file(sizes[i]);

        assert_blank(fd, sizes[i]);
    }
}

/* Erased flash reads as ones, wherever its pages end. */
static void find__nothing_where_flash_was_erased(void **state) {
    cleanup_close int fd = make_file(2 * MIB);
    unsigned char ones[1024];

    (void)state;
    memset(ones, 0xff, sizeof(ones));
    put(fd, 0, ones, sizeof(ones));
    put(fd, 64 * KIB, ones, 512);
    assert_blank(fd, 2 * MIB);
    put(fd, 64 * KIB, ones, 511);
    put(fd, 64 * KIB + 511, "", 1);
    assert_found(fd, 2 * MIB, 64 * KIB);
    memset(ones, 0x55, sizeof(ones));
    put(fd, 0, ones, sizeof(ones));
    assert_found(fd, 2 * MIB, 0);
}

/* The copies of ext4's superblock, btrfs's mirrors, and what is at ends: ZFS's labels, md's superblock, GPT's
 * copy. */
static void find__where_copies_are(void **state) {
    static const uint64_t size = 300 * GIB + 512;
    static const uint64_t places[] = {
        0,           512,        8 * MIB - 512,    8193 * KIB,       24577 * KIB,   40961 * KIB,
        57345 * KIB, 32 * MIB,   96 * MIB,         160 * MIB,        224 * MIB,     128 * MIB,
        384 * MIB,   640 * MIB,  896 * MIB,        32 * GIB,         96 * GIB,      64 * MIB,
        256 * GIB,   size - 512, size - 512 * KIB, size - 256 * KIB, size - 8 * MIB};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(places); i++) {
        cleanup_close int fd = make_file(size);

        put(fd, places[i] + 0x40, "\x01", 1);
        assert_found(fd, size, places[i]);
    }
}

/* mkfs.xfs divides the blocks by 4, 8, 16 or 32, and rounds up. A group's header has four sectors. */
static void find__groups_of_xfs(void **state) {
    static const uint64_t sizes[] = {320 * MIB, 10 * GIB + 4096, 100 * GIB + 12288, 931 * GIB + 20480};
    static const uint64_t divisors[] = {4, 32};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(sizes) * VMS_LENGTH(divisors); i++) {
        uint64_t size = sizes[i / 2], divisor = divisors[i % 2];
        uint64_t group = (size / 4096 + divisor - 1) / divisor * 4096;

        for (uint64_t k = 1; k<divisor; k += divisor> 4 ? 15 : 1) {
            cleanup_close int fd = make_file(size);

            put(fd, k * group, "XFSB", 4);
            put(fd, k * group + 512, "XAGF", 4);
            assert_found(fd, size, k * group);
        }
    }
}

/* What file systems look like of which the first 8 MiB are gone. */
static void find__what_mkfs_made(void **state) {
    static const char *const commands[] = {"mke2fs -q -F -t ext4", "mke2fs -q -F -t ext2 -b 1024",
                                           "mke2fs -q -F -t ext4 -b 2048 -O sparse_super2", "mkfs.xfs -q -f",
                                           "mkfs.btrfs -q -f"};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(commands); i++) {
        static const unsigned char zeros[8 << 20];
        cleanup_close int fd = make_file(2 * GIB);
        struct vms_error error = {""};
        char command[256];
        uint64_t at = 0;

        (void)snprintf(command, sizeof(command),
                       "PATH=$PATH:/sbin:/usr/sbin; %s /proc/%d/fd/%d >/dev/null 2>&1", commands[i], getpid(),
                       fd);
        if (system(command) != 0)
            continue; /* no such tool here */
        put(fd, 0, zeros, sizeof(zeros));
        if (content_find(fd, "/dev/x", 2 * GIB, &at, &error) != 1 || at < sizeof(zeros))
            fail_msg("%s: nothing found but at %" PRIu64, commands[i], at);
    }
}

/* A device that was given up before may be given up again, whatever is left behind what was written. */
static void find__nothing_behind_our_own(void **state) {
    cleanup_close int fd = make_file(64 * MIB);

    (void)state;
    put(fd, 40 * MIB, "left", 4);
    for (uint64_t at = 0; at < 4096; at += 512) {
        assert_found(fd, 64 * MIB, at > 512 ? 512 : 40 * MIB);
        put(fd, at, &at, sizeof(at));
    }
    assert_blank(fd, 64 * MIB);
    assert_found(fd, 4095, 512); /* too small to tell */
    put(fd, 3584, "\x01", 1);
    assert_found(fd, 64 * MIB, 512);
}

static void assert_unreadable(int fd, uint64_t size, int expected, const char *words) {
    struct vms_error error = {""};
    uint64_t at = 7;

    assert_int_equal(content_find(fd, "/dev/x", size, &at, &error), expected);
    assert_string_equal(error.text, words);
    assert_int_equal(at, 7);
}

static void find__what_cannot_be_read(void **state) {
    cleanup_close int fd = make_file(9 * MIB), closed = open("/dev/null", O_WRONLY | O_CLOEXEC);

    (void)state;
    assert_unreadable(closed, 512, -EBADF,
                      "what is on /dev/x cannot be read at byte 0: Bad file descriptor; nothing was written");
    assert_unreadable(closed, 4096, -EBADF,
                      "what is on /dev/x cannot be read at byte 0: Bad file descriptor; nothing was written");
    assert_unreadable(fd, 10 * MIB, -EIO,
                      "what is on /dev/x cannot be read at byte 9437184: it ends there; nothing was written");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(find__nothing_on_a_blank_one),
        cmocka_unit_test(find__nothing_where_flash_was_erased),
        cmocka_unit_test(find__where_copies_are),
        cmocka_unit_test(find__groups_of_xfs),
        cmocka_unit_test(find__what_mkfs_made),
        cmocka_unit_test(find__nothing_behind_our_own),
        cmocka_unit_test(find__what_cannot_be_read),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
