/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a guest's memory has to hold, from archives of made-up sizes. */
#include "guest/boot/guest_memory.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define MIB (UINT64_C(1) << 20)

static char folder[] = "/tmp/vmsuite-memory-XXXXXX";
static char base[100], payload[100];

static void make_file(char *path, const char *name, uint64_t size) {
    FILE *file;

    (void)snprintf(path, 100, "%s/%s", folder, name);
    file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(ftruncate(fileno(file), (off_t)size), 0);
    (void)fclose(file);
}

static int make_folder(void **state) {
    (void)state;
    assert_non_null(mkdtemp(folder));
    make_file(base, "base.cpio", 6 * MIB);
    make_file(payload, "payload.cpio", 19 * MIB);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    (void)unlink(base);
    (void)unlink(payload);
    return rmdir(folder);
}

static struct guest_memory find(uint64_t given, bool image_disk) {
    const struct appliance appliance = {.base = base, .payload = payload};
    struct guest_memory memory;

    guest_memory_find(&appliance, given, image_disk, &memory);
    return memory;
}

/* Archives of 25 MiB are there three times: themselves, and what is unpacked may take half of what is
 * left. */
static void guest_memory__holds_archives_and_what_is_in_them(void **state) {
    struct guest_memory memory = find(128 * MIB, false);
    struct vms_error error = {""};

    (void)state;
    assert_true(memory.least == (32 + 3 * 25) * MIB);
    assert_true(memory.advised == 160 * MIB); /* 72 + 75, in steps of 16 */
    assert_int_equal(guest_memory_check(&memory, &error), 0);
    memory = find(106 * MIB, false);
    assert_int_equal(guest_memory_check(&memory, &error), -EINVAL);
    assert_string_equal(error.text,
                        "its memory (106 MiB) does not hold its kernel and what it boots from: give it "
                        "\"memory\": \"160MiB\"");
    memory = find(107 * MIB, false);
    assert_int_equal(guest_memory_check(&memory, &error), 0);
}

static void guest_memory__a_payload_on_a_disk_is_there_once_less(void **state) {
    struct guest_memory memory = find(512 * MIB, true);

    (void)state;
    assert_true(memory.least == (32 + 6 + 2 * 25) * MIB);
}

/* An archive whose size is unknown refuses nothing. */
static void guest_memory__unknown_archives(void **state) {
    const struct appliance appliance = {.base = (char *)"/nowhere/base",
                                        .payload = (char *)"/nowhere/payload"};
    struct vms_error error = {""};
    struct guest_memory memory;

    (void)state;
    guest_memory_find(&appliance, 128 * MIB, false, &memory);
    assert_int_equal(guest_memory_check(&memory, &error), 0);
}

static void guest_memory__says_how_much_in_front_of_what_happened(void **state) {
    struct guest_memory memory = find(128 * MIB, false);
    struct vms_error error = {"kernel panic: System is deadlocked on memory; its last lines: x"};

    (void)state;
    guest_memory_explain(&memory, &error);
    assert_string_equal(error.text,
                        "its memory (128 MiB) is too small: give it \"memory\": \"160MiB\"; kernel panic: "
                        "System is deadlocked on memory; its last lines: x");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guest_memory__holds_archives_and_what_is_in_them),
        cmocka_unit_test(guest_memory__a_payload_on_a_disk_is_there_once_less),
        cmocka_unit_test(guest_memory__unknown_archives),
        cmocka_unit_test(guest_memory__says_how_much_in_front_of_what_happened),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
