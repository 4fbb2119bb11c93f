/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is asked of this machine itself: its kernel's log, by scripted calls, its processor, and where this
 * process may run. */
#include "machine/machine.h"
#include "source/cpuid.h"
#include "source/kernel_log.h"
#include "unit/descriptors.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <cmocka.h>

#include "fakes/leaks.h"

#define EXPORT __attribute__((visibility("default")))

static struct {
    int size, length; /* what the kernel answers; below 0: refused */
    const char *text;
} klog;

EXPORT int fake_klogctl(int type, char *buffer, int length) __asm__("klogctl");

int fake_klogctl(int type, char *buffer, int length) {
    if (type == 10)
        return klog.size;
    assert_int_equal(type, 3);
    assert_int_equal(length, klog.size);
    if (klog.length > 0)
        memcpy(buffer, klog.text, (size_t)klog.length);
    errno = klog.length < 0 ? EPERM : 0;
    return klog.length;
}

static void expect_log(int size, int length, const char *text, const char *expected) {
    struct machine_source here = machine_source_here();
    char *found;

    klog.size = size;
    klog.length = length;
    klog.text = text;
    found = kernel_log_read(&here);
    if (expected)
        assert_string_equal(found, expected);
    else
        assert_null(found);
    free(found);
}

static void log__as_the_kernel_gives_it(void **state) {
    (void)state;
    expect_log(8, 8, "12345678", "12345678");
    expect_log(8, 3, "123", "123");
    expect_log(8, 0, "", "");
    expect_log(8, -1, "", NULL);
    expect_log(0, 0, "", NULL);
    expect_log(-1, 0, "", NULL);
}

static void log__messages_and_encryption(void **state) {
    static const struct {
        const char *message, *says;
    } rows[] = {{"Memory Encryption Features active: AMD SEV", "AMD SEV"},
                {"AMD Memory Encryption Features active: SEV SEV-ES", "AMD SEV SEV-ES"},
                {"AMD Secure Encrypted Virtualization (SEV) active", "AMD SEV"},
                {"AMD Secure Memory Encryption (SME) active", "AMD SME"},
                {"tdx: Guest detected", "Intel TDX"},
                {"systemd: tdx: Guest detected", NULL}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *text = NULL;

        assert_int_equal(kernel_log_encryption(rows[i].message, &text), rows[i].says != NULL);
        if (rows[i].says)
            assert_string_equal(text, rows[i].says);
        free(text);
    }
    assert_string_equal(kernel_log_message("<6>[    0.000000]  Linux"), "Linux");
    assert_string_equal(kernel_log_message("[    0.5] Linux"), "Linux");
    assert_string_equal(kernel_log_message("Linux"), "Linux");
    assert_string_equal(kernel_log_message("<6 Linux"), "<6 Linux");
    assert_string_equal(kernel_log_message("<6>[0.5 Linux"), "[0.5 Linux");
}

static void log__finds_the_first_that_says_so(void **state) {
    static const char text[] =
        "<6>[    0.0] Linux\n<6>[    0.1] tdx: Guest detected\n<6>[    0.2] AMD Secure "
        "Memory Encryption (SME) active\n";
    struct machine_source here = machine_source_here();
    char *found;

    (void)state;
    klog.size = klog.length = sizeof(text) - 1;
    klog.text = text;
    found = kernel_log_find_encryption(&here);
    assert_string_equal(found, "Intel TDX");
    free(found);
    klog.length = 20;
    assert_null(kernel_log_find_encryption(&here));
    klog.length = -1;
    assert_null(kernel_log_find_encryption(&here));
}

static void find_again(void *here) {
    free(kernel_log_find_encryption(here));
}

static void log__keeps_nothing(void **state) {
    struct machine_source here = machine_source_here();

    (void)state;
    klog.size = 100;
    klog.text = "tdx: Guest detected\n";
    for (klog.length = -1; klog.length <= 20; klog.length += 21)
        leaks_expect_none(find_again, &here);
}

/* The last leaf of either range is answered, the one behind it is not. */
static void cpuid__ends_of_ranges(void **state) {
#if defined(__x86_64__)
    static const uint32_t bases[] = {0, 0x80000000};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct cpuid_registers registers, expected;
        uint32_t last = (uint32_t)__get_cpuid_max(bases[i], NULL);

        assert_true(cpuid_execute(NULL, bases[i], 0, &registers));
        assert_int_equal(registers.eax, last);
        assert_true(cpuid_execute(NULL, last, 0, &registers));
        __cpuid_count(last, 0, expected.eax, expected.ebx, expected.ecx, expected.edx);
        assert_int_equal(registers.eax, expected.eax);
        assert_false(cpuid_execute(NULL, last + 1, 0, &registers));
    }
#else
    (void)state;
    skip();
#endif
}

static void affinity__of_this_process(void **state) {
    struct machine_source here = machine_source_here();
    const struct machine_fact *fact;
    cpu_set_t before, one;
    struct machine machine;
    char expected[16];
    int cpu = sched_getcpu();

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
    CPU_ZERO(&one);
    CPU_SET((size_t)cpu, &one);
    assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
    klog.size = -1;
    assert_int_equal(machine_read(&here, NULL, &machine), 0);
    assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
    fact = machine_find(&machine, "cpu.affinity");
    (void)snprintf(expected, sizeof(expected), "%d", cpu);
    assert_int_equal(fact->status, FACT_VALUE);
    assert_string_equal(fact->text, expected);
    assert_string_equal(fact->source, "sched_getaffinity");
    machine_done(&machine);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log__as_the_kernel_gives_it),
        cmocka_unit_test(log__messages_and_encryption),
        cmocka_unit_test(log__finds_the_first_that_says_so),
        cmocka_unit_test(log__keeps_nothing),
        cmocka_unit_test(cpuid__ends_of_ranges),
        cmocka_unit_test(affinity__of_this_process),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
