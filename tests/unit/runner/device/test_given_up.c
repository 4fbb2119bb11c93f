/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A device that a configuration gives up, on a loop device with a file system, and what is found on
 * images. */
#include "device/given_up.h"
#include "device/signature.h"

#include "base/cleanup.h"

#include "unit/descriptors.h"

#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cmocka.h>

#define SIZE (4U << 20)

static char image[] = "/var/tmp/vmsuite-image-XXXXXX";
static char device[64];

static int run(const char *format, ...) __attribute__((format(printf, 1, 2)));

static int run(const char *format, ...) {
    char command[512] = "PATH=$PATH:/sbin:/usr/sbin; ";
    size_t length = strlen(command);
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(command + length, sizeof(command) - length, format, arguments);
    va_end(arguments);
    return system(command);
}

static int make_image(void **state) {
    int fd;

    (void)state;
    strcpy(image + strlen(image) - 6, "XXXXXX");
    fd = mkstemp(image);
    return fd >= 0 && ftruncate(fd, SIZE) == 0 && close(fd) == 0 ? 0 : -1;
}

static int remove_image(void **state) {
    (void)state;
    if (*device)
        (void)run("losetup -d %s", device);
    *device = '\0';
    return unlink(image);
}

/* The image as a loop device, or the test is skipped. */
static void attach(void) {
    FILE *pipe;
    char command[128];

    (void)snprintf(command, sizeof(command), "/sbin/losetup -f --show %s 2>/dev/null", image);
    pipe = popen(command, "re");
    if (!pipe || !fgets(device, sizeof(device), pipe))
        device[0] = '\0';
    if (pipe)
        (void)pclose(pipe);
    device[strcspn(device, "\n")] = '\0';
    if (!*device)
        skip();
}

static void assert_check(const struct device_claim *claim, int expected, const char *words) {
    struct vms_error error = {""};
    int status = given_up_check(device, claim, &error);

    if (status != expected || !strstr(error.text, words))
        fail_msg("%d \"%s\" instead of %d \"%s\"", status, error.text, expected, words);
}

/* An unmounted file system was overwritten without a word. */
static void check__a_file_system_has_to_be_named(void **state) {
    (void)state;
    if (run("mke2fs -q -F -t ext4 %s", image) != 0)
        skip();
    attach();
    assert_check(&(struct device_claim){0}, -EEXIST,
                 " holds something (ext4); nothing was written. If it may be lost, ");
    assert_check(
        &(struct device_claim){.holds = (char *)"xfs"}, -EEXIST,
        " holds something (ext4), and not xfs as the configuration says; nothing was written. If it may be "
        "lost, say \"device\": {\"holds\": \"ext4\"} in the configuration");
    assert_check(&(struct device_claim){.holds = (char *)"ext4"}, 0, "");
}

static void check__an_empty_one_is_free(void **state) {
    (void)state;
    attach();
    assert_check(&(struct device_claim){0}, 0, "");
    assert_check(&(struct device_claim){.holds = (char *)"ext4"}, 0, ""); /* a second run, after the first */
}

/* Where only the beginning was wiped no signature is left, and all else was overwritten without a word. */
static void check__a_file_system_without_its_beginning(void **state) {
    (void)state;
    if (run("f=%s; mke2fs -q -F -t ext4 $f && dd if=/dev/zero of=$f bs=4096 count=1 conv=notrunc status=none",
            image) != 0)
        skip();
    attach();
    assert_check(&(struct device_claim){0}, -EEXIST,
                 ", of a kind that is not recognised; nothing was written. An encrypted disk looks so, ");
    assert_check(&(struct device_claim){.holds = (char *)"ext4"}, -EEXIST,
                 ", of a kind that is not recognised, and not ext4 as the configuration says; nothing ");
    assert_check(&(struct device_claim){.holds = (char *)"data"}, 0, "");
}

/* Who names nothing in particular gives nothing away that has a name. */
static void check__data_is_no_file_system(void **state) {
    (void)state;
    if (run("mke2fs -q -F -t ext4 %s", image) != 0)
        skip();
    attach();
    assert_check(&(struct device_claim){.holds = (char *)"data"}, -EEXIST,
                 " holds something (ext4), and not data as the configuration says");
}

static void check__size_and_id(void **state) {
    (void)state;
    attach();
    assert_check(&(struct device_claim){.size = SIZE}, 0, "");
    assert_check(&(struct device_claim){.size = SIZE + 512}, -EINVAL,
                 "has 4194304 bytes, and not the 4194816");
    assert_check(&(struct device_claim){.id = (char *)"S3RIAL"}, -EINVAL, "does not have the id \"S3RIAL\"");
    assert_check(&(struct device_claim){.id = (char *)"../../null"}, -EINVAL, "does not have the id");
}

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* Mounts folders of this process's own over /dev and over what sysfs says of devices, with the loop device in
 * both. */
static void mount_own(const char *number, char *ret_disk, size_t size) {
    struct stat info;
    char path[128];

    assert_int_equal(stat(device, &info), 0);
    if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("none", "/sys/dev/block", "tmpfs", 0, NULL) < 0 || mount("none", "/dev", "tmpfs", 0, NULL) < 0)
        skip();
    assert_int_equal(mknod(device, S_IFBLK | 0600, info.st_rdev), 0);
    assert_true(mkdir("/dev/disk", 0755) == 0 && mkdir("/dev/disk/by-id", 0755) == 0);
    (void)snprintf(ret_disk, size, "/sys/dev/block/disk/%s", number);
    assert_true(mkdir("/sys/dev/block/disk", 0755) == 0 && mkdir(ret_disk, 0755) == 0);
    (void)snprintf(path, sizeof(path), "/sys/dev/block/%s", number);
    assert_int_equal(symlink(ret_disk, path), 0);
}

/* The serial number of a disk is in one of these, of a partition one folder up. */
static void assert_files_count(const char *disk) {
    static const char *const files[] = {"serial",         "wwid",         "device/serial", "device/wwid",
                                        "device/cid",     "../serial",    "../wwid",       "../device/serial",
                                        "../device/wwid", "../device/cid"};
    static const char *const folders[] = {"device", "../device"};
    char path[256];

    for (size_t i = 0; i < VMS_LENGTH(folders); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", disk, folders[i]);
        assert_int_equal(mkdir(path, 0755), 0);
    }
    for (size_t i = 0; i < VMS_LENGTH(files); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", disk, files[i]);
        write_file(path, " \tS3 RIAL \n");
        assert_check(&(struct device_claim){.id = (char *)"S3 RIAL"}, 0, "");
        assert_check(&(struct device_claim){.id = (char *)"S3 RIA"}, -EINVAL, "does not have the id");
        assert_check(&(struct device_claim){.id = (char *)"S3 RIALS"}, -EINVAL, "does not have the id");
        assert_int_equal(unlink(path), 0);
        assert_check(&(struct device_claim){.id = (char *)"S3 RIAL"}, -EINVAL, "does not have the id");
    }
}

static void check__an_id_is_in_a_file_or_a_link(void **state) {
    struct stat info;
    char number[32], disk[128];

    (void)state;
    attach();
    assert_int_equal(stat(device, &info), 0);
    (void)snprintf(number, sizeof(number), "%u:%u", major(info.st_rdev), minor(info.st_rdev));
    mount_own(number, disk, sizeof(disk));
    assert_files_count(disk);
    assert_int_equal(symlink(device, "/dev/disk/by-id/wwn-1"), 0);
    assert_int_equal(mknod("/dev/other", S_IFBLK | 0600, info.st_rdev + 1), 0);
    assert_int_equal(symlink("/dev/other", "/dev/disk/by-id/wwn-2"), 0);
    assert_int_equal(mknod("/dev/letters", S_IFCHR | 0600, info.st_rdev), 0);
    assert_int_equal(symlink("/dev/letters", "/dev/disk/by-id/wwn-3"), 0);
    assert_check(&(struct device_claim){.id = (char *)"wwn-1", .size = SIZE}, 0, "");
    assert_check(&(struct device_claim){.id = (char *)"wwn-2"}, -EINVAL, "does not have the id");
    assert_check(&(struct device_claim){.id = (char *)"wwn-3"}, -EINVAL, "does not have the id");
    assert_check(&(struct device_claim){.id = (char *)"../by-id/wwn-1"}, -EINVAL, "does not have the id");
    assert_check(&(struct device_claim){.id = (char *)"wwn-1", .size = 512}, -EINVAL,
                 "bytes, and not the 512");
}

static void check__what_is_no_device(void **state) {
    (void)state;
    strcpy(device, "/dev/null");
    assert_check(&(struct device_claim){0}, -EINVAL, "is not a block device");
    strcpy(device, "/dev/no-such-device");
    assert_check(&(struct device_claim){0}, -ENOENT, "No such file");
    *device = '\0';
}

/* Each of these had been lost. */
static void signature__of_images(void **state) {
    static const struct {
        const char *command, *name;
    } made[] = {
        {"mke2fs -q -F -t ext2 $f 2>/dev/null", "ext2"},
        {"mkswap $f >/dev/null 2>&1", "swap"},
        {"echo 'label: gpt' | sfdisk -q $f 2>/dev/null", "gpt"},
        {"echo 'label: gpt' | sfdisk -q $f 2>/dev/null && dd if=/dev/zero of=$f bs=512 count=1 conv=notrunc "
         "status=none",
         "gpt"}, /* without its protective record */
        {"echo 'label: gpt' | sfdisk -q $f 2>/dev/null && dd if=/dev/zero of=$f bs=4096 count=8 conv=notrunc "
         "status=none",
         "gpt"}, /* the copy at the end alone */
        {"echo 'label: dos' | sfdisk -q $f 2>/dev/null", "dos"},
        {"printf 'LUKS\\272\\276\\0\\001' | dd of=$f conv=notrunc status=none", "crypto_LUKS"},
        {"mke2fs -q -F -t ext2 $f 2>/dev/null && printf hsqs | dd of=$f conv=notrunc status=none && printf "
         "'\\4\\0\\0\\0' | dd of=$f conv=notrunc bs=1 seek=28 status=none",
         "several"}, /* squashfs, too */
        {":", NULL},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(made); i++) {
        cleanup_free char *name = NULL;
        struct vms_error error = {""};
        char command[256];
        cleanup_close int fd = -1;

        assert_int_equal(truncate(image, 0), 0);
        assert_int_equal(truncate(image, SIZE), 0);
        (void)snprintf(command, sizeof(command), "f=%s; %s", image, made[i].command);
        if (run("%s", command) != 0)
            continue; /* no such tool here */
        fd = open(image, O_RDONLY | O_CLOEXEC);
        assert_int_equal(signature_read(fd, image, &name, &error), 0);
        if ((name || made[i].name) && (!name || !made[i].name || strcmp(name, made[i].name) != 0))
            fail_msg("%s instead of %s", name ? name : "nothing", made[i].name ? made[i].name : "nothing");
    }
}

static void signature__of_what_cannot_be_read(void **state) {
    struct vms_error error = {""};
    char *name = NULL;

    (void)state;
    assert_int_equal(signature_read(-1, "/dev/gone", &name, &error), -EIO);
    assert_string_equal(error.text, "what is on /dev/gone cannot be read");
    assert_null(name);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_image, remove_image)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(check__a_file_system_has_to_be_named),
        TEST(check__an_empty_one_is_free),
        TEST(check__a_file_system_without_its_beginning),
        TEST(check__data_is_no_file_system),
        TEST(check__size_and_id),
        TEST(check__what_is_no_device),
        TEST(signature__of_images),
        TEST(signature__of_what_cannot_be_read),
        TEST(check__an_id_is_in_a_file_or_a_link), /* the last: it has a /dev of its own from then on */
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
