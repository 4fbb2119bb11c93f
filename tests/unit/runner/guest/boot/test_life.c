/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is made of the memory of restored guests, and what cannot be saved; that guests are saved and restored is seen where
 * some are booted. */
#include "guest/boot/life.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void life__guests_by_what_the_second_and_third_took(void **state) {
    struct life life;

    (void)state;
    life_init(&life);
    assert_true(isnan(life_guests_per_gigabyte(&life)));
    life.memory[0] = 150e6; /* of it 50 MB that all share */
    life.memory[1] = 250e6;
    life.memory[2] = 350e6;
    assert_true(fabs(life_guests_per_gigabyte(&life) - 10) < 1e-9);
    life.memory[2] = 150e6; /* no more for three than for one: nothing is known */
    assert_true(isnan(life_guests_per_gigabyte(&life)));
}

static void life__what_cannot_be_saved(void **state) {
    struct vms_error error = {""};
    struct qmp none = {NULL};
    struct life life;

    (void)state;
    life_init(&life);
    assert_int_equal(life_save(&life, &none, "/tmp/it's", &error), -ENOTSUP);
    assert_non_null(strstr(error.text, "/tmp/it's: a state is not saved below"));
    assert_int_equal(life_save(&life, &none, "/tmp", &error), -EIO);
    assert_string_equal(error.text, "QEMU's monitor is not open");
    assert_true(isnan(life.save_s));
}

/* It is not waited for: a test would take minutes. */
static void life__monitor_that_ends_at_once(void **state) {
    struct vms_error error = {""};
    struct argv command = {0};
    struct life life;

    (void)state;
    life_init(&life);
    argv_add(&command, "false");
    assert_int_equal(life_restore(&life, &command, "/nowhere", &error), -EIO);
    assert_string_equal(error.text, "QEMU ended before a guest was there from the saved state");
    assert_true(isnan(life.restore_s) && isnan(life.memory[0]));
    argv_done(&command);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(life__guests_by_what_the_second_and_third_took),
        cmocka_unit_test(life__what_cannot_be_saved),
        cmocka_unit_test(life__monitor_that_ends_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
