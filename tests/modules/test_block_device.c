/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The block module on a block device: a loop device over a file of ours. */
#include <errno.h>
#include <fcntl.h>
#include <linux/blkpg.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "modules/expect.h"

#include "fakes/child.h"

#define SIZE (4 * 1024 * 1024)

#define EXPORT __attribute__((visibility("default")))

EXPORT int fake_open(const char *path, int flags, ...) __asm__("open64");
EXPORT int fake_open_2(const char *path, int flags) __asm__("__open64_2"); /* as fortified sources call it */

static const char
    *swapped; /* what stands at the device's name when it is opened to be written; NULL: the device */
static char device[32];
static char node[] = "/var/tmp/vmsuite-part-XXXXXX"; /* of a partition */

int fake_open(const char *path, int flags, ...) {
    bool is_swapped = swapped && (flags & O_EXCL) && strcmp(path, device) == 0;

    return (int)syscall(SYS_openat, AT_FDCWD, is_swapped ? swapped : path, flags, 0600);
}

int fake_open_2(const char *path, int flags) {
    return fake_open(path, flags);
}

/* A loop device over an open file, open itself; -1 where there is none. With autoclear it goes when we do. */
static int attach(int file, char name[static 32]) {
    int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), loop = -1;

    for (int attempt = 0; control >= 0 && file >= 0 && loop < 0 && attempt < 10; attempt++) {
        struct loop_config config = {.fd = (unsigned)file,
                                     .info = {.lo_flags = LO_FLAGS_AUTOCLEAR | LO_FLAGS_PARTSCAN}};
        int number = ioctl(control, LOOP_CTL_GET_FREE);

        (void)snprintf(name, 32, "/dev/loop%d", number);
        loop = number >= 0 ? open(name, O_RDWR | O_CLOEXEC) : -1;
        if (loop < 0)
            break;
        if (ioctl(loop, LOOP_CONFIGURE, &config) < 0) {
            (void)close(loop);
            loop = -1;
        }
    }
    if (control >= 0)
        (void)close(control);
    return loop;
}

/* `device` over a file that has no name any more; false with a reason on stderr. */
static bool make_device(void) {
    char backing[] = "/var/tmp/vmsuite-loop-XXXXXX";
    int file = mkstemp(backing);
    bool made = file >= 0 && ftruncate(file, SIZE) == 0 && attach(file, device) >= 0;

    if (!made)
        fprintf(stderr, "skipped: no loop device: %s\n", strerror(errno));
    if (file >= 0) {
        (void)close(file);
        (void)unlink(backing);
    }
    return made;
}

static void init_on_device(struct fake_host *fake, const char *destroys) {
    fake_host_init(fake, "block");
    fake_host_set(fake, "file_size", "1MiB");
    fake_host_set(fake, "block_size", "4KiB");
    fake_host_set(fake, "device", device);
    fake->host.destroys = destroys;
}

static void assert_fails(struct fake_host *fake, int expected, const char *words) {
    expect_failure(fake, expected, words);
    fake_host_done(fake);
}

/* The first bytes of the device's second sector. */
static uint64_t peek(void) {
    uint64_t word = 1;
    int fd = open(device, O_RDONLY | O_CLOEXEC);

    assert_int_equal(pread(fd, &word, sizeof(word), 512), sizeof(word));
    (void)close(fd);
    return word;
}

static void probe__wants_the_very_same_name(void **state) {
    struct fake_host fake;

    (void)state;
    init_on_device(&fake, NULL);
    assert_fails(&fake, -EPERM, "the configuration must say \"destroys\": \"/dev/loop");
    init_on_device(&fake, "/dev/null");
    assert_fails(&fake, -EPERM, "will not be overwritten");
    assert_int_equal(peek(), 0);
}

static void probe__refuses_links_and_files(void **state) {
    char link[] = "/var/tmp/vmsuite-link-XXXXXX";
    struct fake_host fake;
    int fd = mkstemp(link);

    (void)state;
    init_on_device(&fake, link);
    fake_host_set(&fake, "device", link);
    assert_fails(&fake, -EINVAL, "is not a block device");
    (void)close(fd);
    assert_int_equal(unlink(link), 0);
    assert_int_equal(symlink(device, link), 0);
    init_on_device(&fake, link);
    fake_host_set(&fake, "device", link);
    assert_fails(&fake, -EINVAL, "name the device itself");
    assert_int_equal(unlink(link), 0);
    assert_int_equal(peek(), 0);
}

static void probe__refuses_a_device_in_use(void **state) {
    struct fake_host fake;
    int held = open(device, O_RDONLY | O_EXCL | O_CLOEXEC);

    (void)state;
    assert_true(held >= 0);
    init_on_device(&fake, device);
    assert_fails(&fake, -EBUSY, "is in use");
    (void)close(held);
    assert_int_equal(peek(), 0);
}

/* Without O_EXCL, as a virtual machine may have it. */
static void probe__refuses_a_device_that_a_process_has_open(void **state) {
    struct fake_host fake;
    char word[32];
    pid_t child;
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    child = child_fork();
    if (child == 0) {
        int held = open(device, O_RDWR | O_CLOEXEC);

        (void)!write(ends[1], held >= 0 ? "y" : "n", 1);
        (void)pause();
        _exit(0);
    }
    assert_int_equal(read(ends[0], word, 1), 1);
    (void)snprintf(word, sizeof(word), "is open in process %d (", (int)child);
    init_on_device(&fake, device);
    assert_fails(&fake, -EBUSY, word);
    (void)kill(child, SIGKILL);
    (void)waitpid(child, NULL, 0);
    (void)close(ends[0]);
    (void)close(ends[1]);
    assert_int_equal(peek(), 0);
}

/* Between the look at the name and its opening, another disk may come to stand there, or a file. */
static void probe__refuses_what_has_taken_its_place(void **state) {
    char backing[] = "/var/tmp/vmsuite-other-XXXXXX", other[32];
    int file = mkstemp(backing), loop;
    struct fake_host fake;

    (void)state;
    assert_int_equal(ftruncate(file, SIZE), 0);
    loop = attach(file, other);
    assert_true(loop >= 0);
    init_on_device(&fake, device);
    swapped = other;
    assert_fails(&fake, -EINVAL, "has changed while it was opened");
    init_on_device(&fake, device);
    swapped = backing;
    assert_fails(&fake, -ENOTTY, device);
    swapped = NULL;
    (void)close(loop);
    (void)close(file);
    (void)unlink(backing);
    assert_int_equal(peek(), 0);
}

/* udev's names stay with the disk where the kernel's change from boot to boot. */
static void measure__takes_a_link_of_udev(void **state) {
    static const char link[] = "/dev/disk/vmsuite-test";
    struct vms_error error = {""};
    struct fake_host fake;

    (void)state;
    (void)mkdir("/dev/disk", 0755);
    (void)unlink(link);
    if (symlink(device, link) < 0)
        skip();
    init_on_device(&fake, link);
    fake_host_set(&fake, "device", link);
    assert_int_equal(fake_host_run(&fake, &error), 0);
    fake_host_done(&fake);
    assert_int_equal(unlink(link), 0);
}

static void probe__refuses_one_that_is_too_small(void **state) {
    struct fake_host fake;

    (void)state;
    init_on_device(&fake, device);
    fake_host_set(&fake, "file_size", "8MiB");
    assert_fails(&fake, -ENOSPC, "has 4194304 bytes, the job needs 8388608");
    assert_int_equal(peek(), 0);
}

/* Mounts `what` and asserts that `device` is refused, with the folder named; skips where it cannot be
 * mounted. */
static void assert_refused_while_mounted(const char *what) {
    char command[128], folder[] = "/var/tmp/vmsuite-mount-XXXXXX";
    struct fake_host fake;

    (void)snprintf(command, sizeof(command), "PATH=$PATH:/sbin:/usr/sbin mkfs.ext2 -q -F %s", what);
    if (system(command) != 0)
        skip();
    assert_non_null(mkdtemp(folder));
    if (mount(what, folder, "ext2", 0, NULL) < 0) {
        (void)rmdir(folder);
        skip();
    }
    init_on_device(&fake, device);
    assert_fails(&fake, -EBUSY, folder);
    assert_int_equal(umount(folder), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void probe__names_the_mount(void **state) {
    (void)state;
    assert_refused_while_mounted(device);
}

/* The partition's device number, or 0 where sysfs does not show it. */
static dev_t find_partition(void) {
    const char *name = strrchr(device, '/') + 1;
    unsigned first = 0, second = 0;
    char path[96];
    FILE *file;

    (void)snprintf(path, sizeof(path), "/sys/block/%s/%sp1/dev", name, name);
    file = fopen(path, "re");
    if (!file)
        return 0;
    if (fscanf(file, "%u:%u", &first, &second) != 2)
        first = second = 0;
    (void)fclose(file);
    return makedev(first, second);
}

static void probe__names_the_mount_of_a_partition(void **state) {
    struct blkpg_partition partition = {.start = 1 << 20, .length = 2 << 20, .pno = 1};
    struct blkpg_ioctl_arg change = {
        .op = BLKPG_ADD_PARTITION, .datalen = sizeof(partition), .data = &partition};
    int fd = open(device, O_RDWR | O_CLOEXEC);
    bool added = ioctl(fd, BLKPG, &change) == 0;
    dev_t number = added ? find_partition() : 0;

    (void)state;
    if (number == 0)
        skip();
    assert_true(mkdtemp(node) && rmdir(node) == 0); /* a free name */
    assert_int_equal(mknod(node, S_IFBLK | 0600, number), 0);
    assert_refused_while_mounted(node);
    change.op = BLKPG_DEL_PARTITION;
    assert_int_equal(ioctl(fd, BLKPG, &change), 0);
    (void)close(fd);
}

/* A loop device takes no hold of what it lies on, so that O_EXCL does not see it. */
static void probe__names_a_loop_device_on_top(void **state) {
    int fd = open(device, O_RDWR | O_CLOEXEC), loop;
    struct fake_host fake;
    char name[32];

    (void)state;
    loop = attach(fd, name);
    if (loop < 0)
        skip();
    init_on_device(&fake, device);
    assert_fails(&fake, -EBUSY, name + strlen("/dev/"));
    assert_int_equal(ioctl(loop, LOOP_CLR_FD, 0), 0);
    (void)close(loop);
    (void)close(fd);
}

static void probe__names_swap(void **state) {
    struct fake_host fake;
    char command[128];

    (void)state;
    (void)snprintf(command, sizeof(command), "PATH=$PATH:/sbin:/usr/sbin mkswap -f %s >/dev/null 2>&1",
                   device);
    if (system(command) != 0 || swapon(device, 0) < 0)
        skip();
    init_on_device(&fake, device);
    assert_fails(&fake, -EBUSY, "is swap");
    assert_int_equal(swapoff(device), 0);
}

/* What the kernel shows of a device that is part of a RAID or of a mapping, put over the real folder: there
 * are machines without either. */
static void probe__names_a_holder(void **state) {
    char folder[] = "/var/tmp/vmsuite-holders-XXXXXX", holder[64], real[64];
    struct fake_host fake;

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(holder, sizeof(holder), "%s/md127", folder);
    (void)snprintf(real, sizeof(real), "/sys/block/%s/holders", strrchr(device, '/') + 1);
    assert_int_equal(mkdir(holder, 0700), 0);
    assert_int_equal(mount(folder, real, NULL, MS_BIND, NULL), 0);
    init_on_device(&fake, device);
    assert_fails(&fake, -EBUSY, "is held by md127");
    assert_int_equal(umount(real), 0);
    assert_int_equal(rmdir(holder), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void measure__writes_to_the_device(void **state) {
    static const char *const operations[] = {"write", "randread", "randwrite"};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(operations); i++) {
        struct vms_error error = {""};
        struct fake_host fake;

        init_on_device(&fake, device);
        fake_host_set(&fake, "operation", operations[i]);
        if (fake_host_run(&fake, &error) < 0)
            fail_msg("%s: %s", operations[i], error.text);
        assert_int_equal(peek(), 512); /* its stamp begins with its offset */
        assert_int_equal(access(device, F_OK), 0);
        fake_host_done(&fake);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probe__wants_the_very_same_name),
        cmocka_unit_test(probe__refuses_links_and_files),
        cmocka_unit_test(probe__refuses_a_device_in_use),
        cmocka_unit_test(probe__refuses_a_device_that_a_process_has_open),
        cmocka_unit_test(probe__refuses_what_has_taken_its_place),
        cmocka_unit_test(probe__refuses_one_that_is_too_small),
        cmocka_unit_test(probe__names_the_mount),
        cmocka_unit_test(probe__names_the_mount_of_a_partition),
        cmocka_unit_test(probe__names_a_loop_device_on_top),
        cmocka_unit_test(probe__names_swap),
        cmocka_unit_test(probe__names_a_holder),
        cmocka_unit_test(measure__writes_to_the_device),
        cmocka_unit_test(measure__takes_a_link_of_udev),
    };
    int failed;

    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
        fprintf(stderr, "skipped: no mount namespace of our own: %s\n", strerror(errno));
        return 77;
    }
    if (!make_device())
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)unlink(node); /* if it was made at all */
    return failed;
}
