/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A device that a configuration gives up, on a loop device with a file system, and what is found on
 * images. */
#include "device/given_up.h"
#include "device/signature.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

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
    assert_check(&(struct device_claim){0}, -EEXIST, "holds something (ext4)");
    assert_check(&(struct device_claim){.holds = (char *)"xfs"}, -EEXIST, "and not xfs");
    assert_check(&(struct device_claim){.holds = (char *)"ext4"}, 0, "");
}

static void check__an_empty_one_is_free(void **state) {
    (void)state;
    attach();
    assert_check(&(struct device_claim){0}, 0, "");
    assert_check(&(struct device_claim){.holds = (char *)"ext4"}, 0, ""); /* a second run, after the first */
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
        {"echo 'label: dos' | sfdisk -q $f 2>/dev/null", "dos"},
        {"printf 'LUKS\\272\\276\\0\\001' | dd of=$f conv=notrunc status=none", "crypto_LUKS"},
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
        if (!name || strcmp(name, made[i].name) != 0)
            fail_msg("%s instead of %s", name ? name : "nothing", made[i].name);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_image, remove_image)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(check__a_file_system_has_to_be_named),
        TEST(check__an_empty_one_is_free),
        TEST(check__size_and_id),
        TEST(check__what_is_no_device),
        TEST(signature__of_images),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
