/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/boot/console.h"

#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void feed(struct console *console, const char *text) {
    for (; *text; text++)
        console_feed(console, text, 1);
}

static void console_feed__stages_and_exit_status(void **state) {
    struct console console = {.exit_status = -1};

    (void)state;
    feed(&console, "[    1.0] Linux\r\nvmsuite-init: ready\r\n");
    assert_int_equal(console.stage, CONSOLE_READY);
    assert_true(console.up_s == 0);
    feed(&console, "vmsuite-host: up 9 s\nvmsuite-init: up 1.250000 s\n");
    assert_true(console.up_s == 1.25);
    feed(&console,
         "vmsuite-init: measuring\nvmsuite-init: measured, exit status 3\nvmsuite-init: power off\n");
    assert_int_equal(console.stage, CONSOLE_OFF);
    assert_int_equal(console.exit_status, 3);
    assert_string_equal(console.reason, "");
}

static void console_feed__a_panic_is_told(void **state) {
    struct console console = {0};

    (void)state;
    feed(&console,
         "vmsuite-init: failed: no disk\n[2.1] Kernel panic - not syncing: No working init found.\nmore\n");
    assert_true(console.panicked);
    assert_string_equal(console.reason, "kernel panic: No working init found.");
}

static void console_feed__what_fails_below_the_guest_is_told(void **state) {
    struct console console = {0}, other = {0}, kvm = {0};

    (void)state;
    feed(&console, "vmsuite-host: ready\nvmsuite-host: failed: xl create: exit status 3: no memory\n");
    assert_int_equal(console.stage, CONSOLE_STARTED);
    assert_false(console.panicked);
    assert_string_equal(console.reason, "on the emulated host: xl create: exit status 3: no memory");
    feed(&other, "(XEN) Panic on CPU 0:\n(XEN) Could not construct domain 0\n(XEN) ***\n");
    assert_true(other.panicked);
    assert_string_equal(other.reason, "Xen panic: CPU 0: Could not construct domain 0");
    feed(&kvm, "KVM internal error. Suberror: 1\n");
    assert_true(kvm.panicked);
    assert_string_equal(kvm.reason, "KVM is present but unusable: internal error: Suberror: 1");
}

/* Before its first process is there; what a program says later is nothing of the kernel's. */
static void console_feed__too_little_memory(void **state) {
    static const char *const lines[] = {"[0.9] Initramfs unpacking failed: write error\n",
                                        "[7.5] Kernel panic - not syncing: System is deadlocked on memory\n"};
    struct console other = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct console console = {0};

        feed(&console, lines[i]);
        assert_true(console.short_of_memory && console.panicked);
        assert_string_equal(console.reason, i == 0 ? "its first archives could not be unpacked: write error"
                                                   : "kernel panic: System is deadlocked on memory");
    }
    feed(&other,
         "Initramfs unpacking failed: invalid magic at start of compressed archive\nvmsuite-init: ready\n");
    feed(&other, "System is deadlocked on memory\n");
    assert_false(other.short_of_memory);
    assert_false(other.panicked);
}

static void console_tail__the_newest_lines_in_order(void **state) {
    struct console console = {0};
    char tail[100], cut[8];

    (void)state;
    feed(&console, "1\n2\n3\n4\n5\n6\n7\n\x1b"
                   "8\nunfinished");
    console_tail(&console, tail, sizeof(tail));
    assert_string_equal(tail, "3 | 4 | 5 | 6 | 7 | 8");
    console_tail(&console, cut, sizeof(cut));
    assert_string_equal(cut, "3 | 4 |");
}

static void console_feed__a_long_line_is_cut(void **state) {
    struct console console = {0};

    (void)state;
    for (int i = 0; i < 1000; i++)
        console_feed(&console, "x", 1);
    feed(&console, "\n");
    assert_int_equal(strlen(console.last[0]), CONSOLE_LINE_SIZE - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(console_feed__stages_and_exit_status),
        cmocka_unit_test(console_feed__a_panic_is_told),
        cmocka_unit_test(console_feed__what_fails_below_the_guest_is_told),
        cmocka_unit_test(console_feed__too_little_memory),
        cmocka_unit_test(console_tail__the_newest_lines_in_order),
        cmocka_unit_test(console_feed__a_long_line_is_cut),
    };
    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
