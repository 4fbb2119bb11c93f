/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The head of kernels: what is in it, and files that are none, or cut. */
#include "guest/appliance/bzimage.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "unit/bzimage_file.h"

static char path[] = "/tmp/vmsuite-bzimage-XXXXXX";

static int make_file(void **state) {
    int fd = mkstemp(path);

    (void)state;
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state) {
    (void)state;
    return unlink(path);
}

static void read__says_what_the_head_says(void **state) {
    struct bzimage image;
    struct vms_error error = {""};

    (void)state;
    bzimage_file_write(path, &bzimage_file_usual);
    assert_int_equal(bzimage_read(path, &image, &error), 0);
    assert_int_equal(image.version, 0x020f);
    assert_int_equal(image.setup_size, 3 * 512);
    assert_int_equal(image.size, 3 * 512 + BZIMAGE_FILE_REST);
    assert_true(image.relocatable);
    assert_int_equal(image.preferred, 16 << 20);
    assert_int_equal(image.space, 40 << 20);
    assert_int_equal(image.payload_size, 64);
    assert_memory_equal(image.payload, image.content + 3 * 512 + 16, 64);
    bzimage_done(&image);
}

static void read__old_kernels_have_less(void **state) {
    struct bzimage_file old = bzimage_file_usual;
    struct vms_error error = {""};
    struct bzimage image;

    (void)state;
    old.version = 0x0209;
    old.sectors = 0; /* means 4 */
    bzimage_file_write(path, &old);
    assert_int_equal(bzimage_read(path, &image, &error), 0);
    assert_int_equal(image.setup_size, 5 * 512);
    assert_int_equal(image.preferred, 0);
    assert_int_equal(image.space, 0);
    bzimage_done(&image);
}

static void read__what_is_not_there_is_not_pointed_to(void **state) {
    struct bzimage_file odd = bzimage_file_usual;
    struct vms_error error = {""};
    struct bzimage image;

    (void)state;
    odd.payload_length = BZIMAGE_FILE_REST;
    bzimage_file_write(path, &odd);
    assert_int_equal(bzimage_read(path, &image, &error), 0);
    assert_null(image.payload);
    assert_int_equal(image.payload_size, 0);
    bzimage_done(&image);
}

static void assert_refused(const struct bzimage_file *file, const char *words) {
    struct vms_error error = {""};
    struct bzimage image;

    bzimage_file_write(path, file);
    assert_int_equal(bzimage_read(path, &image, &error), -EINVAL);
    assert_non_null(strstr(error.text, words));
}

static void read__no_kernel(void **state) {
    struct bzimage_file odd = bzimage_file_usual;

    (void)state;
    odd.version = 0x0207;
    assert_refused(&odd, "is not a bzImage");
    odd = bzimage_file_usual;
    odd.magic = "HdrX";
    assert_refused(&odd, "is not a bzImage");
    odd = bzimage_file_usual;
    odd.sectors = 60;
    assert_refused(&odd, "it is shorter than its head says");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read__says_what_the_head_says),
        cmocka_unit_test(read__old_kernels_have_less),
        cmocka_unit_test(read__what_is_not_there_is_not_pointed_to),
        cmocka_unit_test(read__no_kernel),
    };

    return cmocka_run_group_tests_name("bzimage", tests, make_file, remove_file);
}
