/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The block module on a disk that is small, filled by somebody else, or in memory (a tmpfs of its own). */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cmocka.h>

#include "modules/expect.h"

static char disk[] = "/var/tmp/vmsuite-disk-XXXXXX";
static char filler[sizeof(disk) + 8];

static void init_on_disk(struct fake_host *fake) {
    fake_host_init(fake, "block");
    fake->host.scratch = disk;
}

static void done_on_disk(struct fake_host *fake) {
    fake->host.scratch = fake->scratch;
    fake_host_done(fake);
}

static fsblkcnt_t free_blocks(void) {
    struct statvfs space;

    assert_int_equal(statvfs(disk, &space), 0);
    return space.f_bavail;
}

static void assert_fails(struct fake_host *fake, int expected, const char *words) {
    struct vms_error error = {""};
    fsblkcnt_t before = free_blocks();

    assert_int_equal(fake_host_run(fake, &error), expected);
    if (!strstr(error.text, words))
        fail_msg("\"%s\" is not in \"%s\"", words, error.text);
    (void)unlink(filler);
    assert_int_equal(free_blocks(), before);
}

/* Fills the disk but for `left` bytes. */
static void fill(uint64_t left) {
    struct statvfs space;
    int fd = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    if (fstatvfs(fd, &space) == 0 && space.f_bavail * space.f_frsize > left)
        (void)posix_fallocate(fd, 0, (off_t)(space.f_bavail * space.f_frsize - left));
    (void)close(fd);
}

static bool fill_all(void *context) {
    (void)context;
    fill(0);
    return false;
}

/* Leaves room for the file, but eats into the reserve; the pass must last until the space is looked at. */
static bool fill_reserve(void *context) {
    (void)context;
    fill(100 * 1024);
    (void)usleep(110 * 1000);
    return false;
}

static void probe__refuses_what_does_not_fit_with_the_reserve(void **state) {
    struct fake_host fake;

    (void)state;
    init_on_disk(&fake);
    fake_host_set(&fake, "file_size", "9MiB");
    assert_fails(&fake, -ENOSPC, "free some space or choose a smaller file_size");
    fake_host_set(&fake, "file_size", "7900KiB");
    assert_fails(&fake, -ENOSPC, "stay in reserve");
    done_on_disk(&fake);
}

static void write__disk_that_fills_up_fails_the_trial(void **state) {
    static const char *const engines[] = {"sync", "io_uring"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct fake_host fake;

        init_on_disk(&fake);
        fake_host_set(&fake, "file_size", "4MiB");
        fake_host_set(&fake, "engine", engines[i]);
        fake.host.should_stop = fill_all;
        assert_fails(&fake, -ENOSPC, "the disk is full");
        done_on_disk(&fake);
    }
}

static void write__reserve_is_watched(void **state) {
    struct fake_host fake;

    (void)state;
    init_on_disk(&fake);
    fake_host_set(&fake, "file_size", "64KiB");
    fake.host.should_stop = fill_reserve;
    assert_fails(&fake, -ENOSPC, "something else is filling the disk");
    done_on_disk(&fake);
}

static void read__in_memory_is_never_cold(void **state) {
    struct fake_host fake;

    (void)state;
    init_on_disk(&fake);
    fake_host_set(&fake, "file_size", "1MiB");
    fake_host_set(&fake, "cache", "cold");
    assert_fails(&fake, -ENOTSUP, "256 of 256 pages of ");
    done_on_disk(&fake);
}

static void verify__says_that_it_saw_no_device(void **state) {
    struct vms_error error = {""};
    struct fake_host fake;

    (void)state;
    init_on_disk(&fake);
    fake_host_set(&fake, "file_size", "1MiB");
    assert_int_equal(fake_host_run(&fake, &error), 0);
    assert_non_null(strstr(fake_host_fact(&fake, "verified"), "from memory"));
    done_on_disk(&fake);
}

/* A file system without a device is memory, whatever is asked of it. */
static void figures__of_memory_are_memory_s(void **state) {
    static const struct {
        const char *sync, *direct, *operation;
    } rows[] = {{"none", "false", "write"},     {"fdatasync", "false", "write"},
                {"fsync", "false", "rewrite"},  {"dsync", "false", "write"},
                {"none", "true", "write"},      {"none", "true", "randread"},
                {"fdatasync", "true", "write"}, {"none", "false", "read"}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct vms_error error = {""};
        struct fake_host fake;
        const char *write, *read;

        init_on_disk(&fake);
        fake_host_set(&fake, "file_size", "1MiB");
        fake_host_set(&fake, "block_size", "4KiB");
        fake_host_set(&fake, "sync", rows[i].sync);
        fake_host_set(&fake, "direct", rows[i].direct);
        fake_host_set(&fake, "operation", rows[i].operation);
        if (fake_host_run(&fake, &error) == -ENOTSUP && strstr(error.text, "O_DIRECT")) {
            done_on_disk(&fake); /* a tmpfs of Linux before 6.6 */
            continue;
        }
        assert_string_equal(error.text, "");
        write = fake_host_fact(&fake, "write_figure");
        read = fake_host_fact(&fake, "read_figure");
        assert_true(write || read);
        assert_string_equal(write ? write : "memory (tmpfs)", "memory (tmpfs)");
        assert_string_equal(read ? read : "memory (tmpfs)", "memory (tmpfs)");
        assert_string_equal(fake_host_fact(&fake, "verified"), "every sector, from memory");
        done_on_disk(&fake);
    }
}

/* Mounts over the disk and runs a flushed write there; the caller frees nothing. */
static void assert_medium(const char *type, const char *options, const char *folder, const char *figure) {
    struct vms_error error = {""};
    struct fake_host fake;

    if (mount(type, folder, type, 0, options) < 0) {
        print_message("no %s here: %s\n", type, strerror(errno));
        return;
    }
    fake_host_init(&fake, "block");
    fake.host.scratch = folder;
    fake_host_set(&fake, "file_size", "1MiB");
    fake_host_set(&fake, "sync", "fdatasync");
    if (fake_host_run(&fake, &error) < 0)
        fail_msg("%s", error.text);
    assert_string_equal(fake_host_fact(&fake, "write_figure"), figure);
    done_on_disk(&fake);
    assert_int_equal(umount2(folder, MNT_DETACH), 0);
}

/* An overlay says nothing of what is under it, but knows no place on a device where that is memory. */
static void figures__of_an_overlay_on_memory_are_no_device_s(void **state) {
    char folders[3][sizeof(disk) + 16], options[256];
    static const char *const names[] = {"lower", "upper", "work"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(folders[i], sizeof(folders[i]), "%s/%s", disk, names[i]);
        assert_int_equal(mkdir(folders[i], 0700), 0);
    }
    (void)snprintf(options, sizeof(options), "lowerdir=%s,upperdir=%s,workdir=%s", folders[0], folders[1],
                   folders[2]);
    assert_medium("overlay", options, folders[0], "unknown (overlay; flushed inside the time)");
    assert_medium("ramfs", NULL, folders[0], "memory (ramfs)");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probe__refuses_what_does_not_fit_with_the_reserve),
        cmocka_unit_test(write__disk_that_fills_up_fails_the_trial),
        cmocka_unit_test(write__reserve_is_watched),
        cmocka_unit_test(read__in_memory_is_never_cold),
        cmocka_unit_test(verify__says_that_it_saw_no_device),
        cmocka_unit_test(figures__of_memory_are_memory_s),
        cmocka_unit_test(figures__of_an_overlay_on_memory_are_no_device_s),
    };
    int failed;

    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || !mkdtemp(disk)) {
        fprintf(stderr, "skipped: no mount namespace of our own: %s\n", strerror(errno));
        return 77;
    }
    if (mount("tmpfs", disk, "tmpfs", 0, "size=8m") < 0) {
        fprintf(stderr, "skipped: no tmpfs: %s\n", strerror(errno));
        (void)rmdir(disk);
        return 77;
    }
    (void)snprintf(filler, sizeof(filler), "%s/filler", disk);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)umount2(disk, MNT_DETACH);
    (void)rmdir(disk);
    return failed;
}
