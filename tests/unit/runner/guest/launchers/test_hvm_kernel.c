/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A kernel in two parts: what leads from the one to the other and says where the archives are, and kernels
 * and memories that do not fit. */
#include "guest/launchers/emulated/hvm_kernel.h"

#include "files/tree.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#include "unit/bzimage_file.h"

#define MIB (UINT64_C(1) << 20)
#define SETUP (3 * 512)
#define BRIDGE 27
#define ARCHIVES (3 * MIB + 5)

static char folder[] = "/tmp/vmsuite-hvm-XXXXXX";
static char image[100], initrd[100];

static int make_folder(void **state) {
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    (void)snprintf(image, sizeof(image), "%s/image", folder);
    (void)snprintf(initrd, sizeof(initrd), "%s/initrd", folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    return tree_remove(folder);
}

static int split(const struct bzimage_file *file, uint64_t memory, struct hvm_kernel *ret_kernel,
                 struct vms_error *error) {
    const struct appliance appliance = {.kernel = image};
    const struct guest_settings settings = {.memory = memory};
    const struct boot boot = {.settings = &settings, .appliance = &appliance, .folder = folder};
    FILE *archives = fopen(initrd, "we");

    assert_non_null(archives);
    assert_int_equal(ftruncate(fileno(archives), ARCHIVES), 0);
    (void)fclose(archives);
    bzimage_file_write(image, file);
    return hvm_kernel_split(&boot, initrd, ret_kernel, error);
}

static size_t read_all(const char *path, char *content, size_t size) {
    FILE *file = fopen(path, "re");
    size_t n;

    assert_non_null(file);
    n = fread(content, 1, size, file);
    (void)fclose(file);
    return n;
}

static void assert_number(const char *place, uint32_t expected) {
    uint32_t number;

    memcpy(&number, place, sizeof(number));
    assert_int_equal(number, expected);
}

/* Between 16 + 40 MiB of kernel and the end less 8 MiB of firmware, 3 MiB and some: in the middle. */
static void split__the_first_part_leads_to_the_rest(void **state) {
    char content[2 * SETUP + BZIMAGE_FILE_REST];
    struct hvm_kernel kernel;
    struct vms_error error = {""};

    (void)state;
    assert_int_equal(split(&bzimage_file_usual, 128 * MIB, &kernel, &error), 0);
    assert_int_equal(kernel.rest_place, 16 * MIB);
    assert_int_equal(kernel.initrd_place, 86 * MIB);
    assert_int_equal(read_all(kernel.setup, content, sizeof(content)), SETUP + BRIDGE);
    assert_memory_equal(content + 0x202, "HdrS", 4);
    assert_number(content + 0x214, MIB); /* where the instructions behind it come to be */
    assert_memory_equal(content + SETUP, "\xc7\x86\x18\x02\0\0", 6);
    assert_number(content + SETUP + 6, 86 * MIB);
    assert_memory_equal(content + SETUP + 10, "\xc7\x86\x1c\x02\0\0", 6);
    assert_number(content + SETUP + 16, ARCHIVES);
    assert_number(content + SETUP + 21, 16 * MIB);
    assert_int_equal(read_all(kernel.rest, content, sizeof(content)), BZIMAGE_FILE_REST);
    for (size_t i = 0; i < BZIMAGE_FILE_REST; i++)
        assert_int_equal(content[i], 'R');
    hvm_kernel_done(&kernel);
}

/* Memory beyond what every kernel can find its archives in. */
static void split__large_memory(void **state) {
    struct hvm_kernel kernel;
    struct vms_error error = {""};

    (void)state;
    assert_int_equal(split(&bzimage_file_usual, UINT64_C(1) << 40, &kernel, &error), 0);
    assert_true(kernel.initrd_place >= 56 * MIB && kernel.initrd_place + ARCHIVES <= 1016 * MIB);
    hvm_kernel_done(&kernel);
}

static void assert_refused(const struct bzimage_file *file, uint64_t memory, const char *words) {
    struct hvm_kernel kernel;
    struct vms_error error = {""};

    assert_int_equal(split(file, memory, &kernel, &error), -EINVAL);
    if (!strstr(error.text, words))
        fail_msg("expected \"%s\", got: %s", words, error.text);
}

static void split__memory_that_does_not_hold_it(void **state) {
    (void)state;
    assert_refused(&bzimage_file_usual, 64 * MIB, "give it \"memory\": \"68MiB\"");
}

static void split__kernels_that_cannot_be_elsewhere(void **state) {
    struct bzimage_file odd = bzimage_file_usual;

    (void)state;
    odd.relocatable = 0;
    assert_refused(&odd, 128 * MIB, "it must be relocatable");
    odd = bzimage_file_usual;
    odd.version = 0x0209;
    assert_refused(&odd, 128 * MIB, "boot protocol 2.10 or later");
    odd = bzimage_file_usual;
    odd.preferred = 0;
    assert_refused(&odd, 128 * MIB, "it must be relocatable");
    odd.magic = "HdrX";
    assert_refused(&odd, 128 * MIB, "is not a bzImage");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(split__the_first_part_leads_to_the_rest),
        cmocka_unit_test(split__large_memory),
        cmocka_unit_test(split__memory_that_does_not_hold_it),
        cmocka_unit_test(split__kernels_that_cannot_be_elsewhere),
    };

    return cmocka_run_group_tests_name("hvm_kernel", tests, make_folder, remove_folder);
}
