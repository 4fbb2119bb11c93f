/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long a guest may take to its first process: what its launcher needs, more with a longer deadline. */
#include "guest/boot/boot_limits.h"

#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static unsigned ready_of(const char *launcher, bool icount, unsigned deadline_s) {
    const struct configuration configuration = {.guest = {.present = true,
                                                          .launcher = (char *)launcher,
                                                          .kind = (char *)"native",
                                                          .icount = icount,
                                                          .deadline_s = deadline_s}};

    return boot_limits_of(&configuration).ready;
}

static void ready__is_what_the_launcher_needs(void **state) {
    (void)state;
    assert_int_equal(ready_of("kvm", false, GUEST_DEADLINE_S), 120);
    assert_int_equal(ready_of("qemu-tcg", false, GUEST_DEADLINE_S), 300);
    assert_int_equal(ready_of("emulated-host", false, GUEST_DEADLINE_S), 600);
}

static void ready__counting_instructions_takes_longer(void **state) {
    (void)state;
    assert_int_equal(ready_of("qemu-tcg", true, GUEST_DEADLINE_S), 450);
}

static void ready__grows_with_the_deadline(void **state) {
    (void)state;
    assert_int_equal(ready_of("emulated-host", false, 2 * GUEST_DEADLINE_S), 1200);
    assert_int_equal(ready_of("emulated-host", true, 2 * GUEST_DEADLINE_S), 1800);
    assert_int_equal(ready_of("qemu-tcg", false, 3 * GUEST_DEADLINE_S), 900);
}

static void ready__is_within_the_deadline(void **state) {
    (void)state;
    assert_int_equal(ready_of("emulated-host", false, 60), 60);
    assert_int_equal(ready_of("kvm", false, 20), 20);
}

/* Xen's domains with a PC's devices are not as fast as bare Linux on the same host. */
static void boot__depends_on_the_kind(void **state) {
    const struct configuration
        native = {.guest = {.present = true, .launcher = (char *)"emulated-host", .kind = (char *)"native"}},
        hvm = {.guest = {.present = true, .launcher = (char *)"emulated-host", .kind = (char *)"xen-hvm"}};

    (void)state;
    assert_true(boot_limits_of(&hvm).boot > 2 * boot_limits_of(&native).boot);
}

/* A guest of KVM on an emulated host whose clock counts instructions, and no other. */
static void may_hang__depends_on_kind_and_clock(void **state) {
    struct configuration configuration = {
        .guest = {
            .present = true, .launcher = (char *)"emulated-host", .kind = (char *)"kvm", .icount = true}};

    (void)state;
    assert_true(boot_limits_of(&configuration).may_hang);
    configuration.guest.icount = false;
    assert_false(boot_limits_of(&configuration).may_hang);
    configuration.guest.icount = true;
    configuration.guest.kind = (char *)"xen-pv";
    assert_false(boot_limits_of(&configuration).may_hang);
    configuration.guest.launcher = (char *)"qemu-tcg";
    assert_false(boot_limits_of(&configuration).may_hang);
}

/* Less is waited for where it may hang: two boots and the job; as much more as the boot took longer. */
static void silence__of_one_that_may_hang(void **state) {
    const struct boot_limits may = {.boot = 30, .job = 40, .deadline = 900, .may_hang = true},
                             other = {.boot = 30, .job = 40, .deadline = 900};

    (void)state;
    assert_int_equal(boot_limits_silence(&may, 20), 100);
    assert_int_equal(boot_limits_silence(&may, 60), 200);
    assert_int_equal(boot_limits_silence(&may, 900), 900);
    assert_int_equal(boot_limits_silence(&other, 20), 380);
}

/* Twice the whole way, or on a slow machine twice what it took so far; never more than the deadline. */
static void standstill__is_twice_the_way(void **state) {
    const struct boot_limits limits = {.boot = 28.5, .deadline = 900};

    (void)state;
    assert_int_equal(boot_limits_standstill(&limits, 20), 57);
    assert_int_equal(boot_limits_standstill(&limits, 200), 400);
    assert_int_equal(boot_limits_standstill(&limits, 800), 900);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ready__is_what_the_launcher_needs),
        cmocka_unit_test(ready__counting_instructions_takes_longer),
        cmocka_unit_test(ready__grows_with_the_deadline),
        cmocka_unit_test(ready__is_within_the_deadline),
        cmocka_unit_test(boot__depends_on_the_kind),
        cmocka_unit_test(may_hang__depends_on_kind_and_clock),
        cmocka_unit_test(silence__of_one_that_may_hang),
        cmocka_unit_test(standstill__is_twice_the_way),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
