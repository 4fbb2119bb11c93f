/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a host counts of a guest, from files that are made up. */
#include "guest/exchange/host_counts.h"

#include "fakes/folder.h"
#include "guest/boot/console.h"

#include "unit/descriptors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char root[] = "/tmp/vmsuite-counts-XXXXXX";

static void put(const char *path, const char *text) {
    folder_write(root, path, text);
}

static int make_tree(void **state) {
    (void)state;
    assert_non_null(mkdtemp(root));
    put("/proc/stat",
        "cpu  100 50 200 9999 999 30 20 500 70 0\ncpu0 1 1 1 1 1 1 1 1 1 1\ncpu1 1 1 1 1 1 1 1 1 1 1\nintr "
        "1\n");
    put("/proc/77/comm", "qemu-system-x86\n");
    put("/proc/77/stat",
        "77 (qemu) x) S 1 1 1 0 -1 0 0 0 0 0 300 100 0 0 20 0 3 0 5 6 7 8 9 10 11 12 13 14 15 16 17 "
        "18 19 20 21 22 23 24 25 260 0 29 30\n");
    put("/proc/77/task/77/status",
        "Name:\tqemu\nvoluntary_ctxt_switches:\t40\nnonvoluntary_ctxt_switches:\t2\n");
    put("/proc/77/task/78/status", "voluntary_ctxt_switches:\t1000\nnonvoluntary_ctxt_switches:\t0\n");
    put("/proc/78/comm", "bash\n");
    put("/sys/kernel/debug/kvm/77-5/exits", "5000\n");
    put("/sys/kernel/debug/kvm/77-5/io_exits", "300\n");
    put("/sys/kernel/debug/kvm/77-5/mmio_exits", "20\n");
    put("/sys/kernel/debug/kvm/77-5/halt_exits", "700\n");
    put("/sys/kernel/debug/kvm/77-6/exits", "0\n");
    put("/sys/kernel/debug/kvm/77-6/io_exits", "0\n");
    put("/sys/kernel/debug/kvm/77-6/mmio_exits", "0\n");
    put("/sys/kernel/debug/kvm/77-6/halt_exits", "70\n");
    put("/sys/kernel/debug/kvm/77-6/irq_window_exits", "0\n");
    put("/sys/kernel/debug/kvm/77-5/irq_window_exits", "6\n");
    put("/sys/kernel/debug/kvm/770-5/exits", "9\n");
    put("/proc/interrupts", "           CPU0       CPU1\n"
                            " 40:         10          5   xen-dyn    -event     evtchn:qemu-system-i38\n"
                            " 41:          7          0   xen-dyn    -event     evtchn:xenstored\n"
                            " 42:        100          0   xen-dyn    -event     blkif-backend\n"
                            " 43:       1000          1   xen-dyn    -event     vif1.0-q0-tx\n"
                            "NMI:          3          3   Non-maskable interrupts\n");
    return 0;
}

static int remove_tree(void **state) {
    char command[100];

    (void)state;
    (void)snprintf(command, sizeof(command), "rm -rf %s", root);
    return system(command);
}

static void host_counts__of_a_guest_of_kvm(void **state) {
    struct host_counts counts;
    double ticks = (double)sysconf(_SC_CLK_TCK);
    struct timespec now;

    (void)state;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    assert_int_equal(host_counts_find_monitor(root), 77);
    assert_false(host_counts_is_monitor(root, 78));
    host_counts_read(root, false, 77, &counts);
    /* Two processors since the clock began, less idle, iowait and steal. */
    assert_true(fabs(counts.busy_s - (2 * (double)now.tv_sec - (9999 + 999 + 500) / ticks)) < 100);
    assert_true(counts.guest_s == 260 / ticks);
    assert_true(counts.exits == 5000);
    assert_true(counts.device_exits == 320);
    assert_true(counts.switches == 1042);
    assert_true(counts.reasons[HOST_REASON_PORT] == 300);
    assert_true(counts.reasons[HOST_REASON_HALT] == 770); /* of both */
    assert_true(counts.reasons[HOST_REASON_WINDOW] == 6);
    assert_true(isnan(counts.reasons[HOST_REASON_HYPERCALL])); /* a kernel that does not count them */
    assert_true(isnan(counts.reasons[HOST_REASON_DISK]));
}

/* A part that cannot be read is no zero. */
static void host_counts__unknown_in_part(void **state) {
    struct host_counts counts;
    char path[64];

    (void)state;
    for (int thread = 90; thread < 95; thread++) {
        (void)snprintf(path, sizeof(path), "/proc/90/task/%d/status", thread);
        put(path, thread == 92 ? "Name:\tqemu\n"
                               : "voluntary_ctxt_switches:\t40\nnonvoluntary_ctxt_switches:\t2\n");
        (void)snprintf(path, sizeof(path), "/sys/kernel/debug/kvm/90-%d/exits", thread);
        put(path, thread == 92 ? "" : "7\n");
        (void)snprintf(path, sizeof(path), "/sys/kernel/debug/kvm/90-%d/io_exits", thread);
        put(path, "3\n");
    }
    host_counts_read(root, false, 90, &counts);
    assert_true(isnan(counts.switches));
    assert_true(isnan(counts.exits));
    assert_true(counts.reasons[HOST_REASON_PORT] == 15);
}

/* All of dom0 works for the guest; exits stay in Xen, which does not count them. */
static void host_counts__of_a_domain_of_xen(void **state) {
    struct host_counts counts;

    (void)state;
    host_counts_read(root, true, 77, &counts);
    assert_true(counts.processor_s == counts.busy_s);
    assert_true(counts.guest_s == 0);
    assert_true(isnan(counts.exits));
    assert_true(counts.device_exits == 15 + 100 + 1001);
    assert_true(counts.reasons[HOST_REASON_DEVICE_MODEL] == 15);
    assert_true(counts.reasons[HOST_REASON_DISK] == 100);
    assert_true(counts.reasons[HOST_REASON_NETWORK] == 1001);
    assert_true(isnan(counts.reasons[HOST_REASON_PORT]));
    assert_true(counts.switches == 1042);
}

static void host_counts__as_a_line_and_back(void **state) {
    struct host_counts counts = {1.25, 0, 3, NAN, 12345678, NAN, {1, NAN}}, back;
    char line[HOST_COUNTS_LINE_SIZE], longer[HOST_COUNTS_LINE_SIZE + 20];

    (void)state;
    host_counts_format(&counts, line);
    (void)snprintf(longer, sizeof(longer), "[  1.5] %s", line);
    assert_true(host_counts_parse(longer, &back));
    assert_true(back.processor_s == 1.25 && back.guest_s == 0 && back.busy_s == 3 &&
                back.device_exits == 12345678);
    assert_true(isnan(back.exits) && isnan(back.switches));
    assert_true(back.reasons[HOST_REASON_PORT] == 1 && isnan(back.reasons[HOST_REASON_MMIO]));
    line[strlen(line) - 2] = '\0'; /* cut before the last */
    assert_false(host_counts_parse(line, &back));
    assert_false(host_counts_parse("vmsuite-host: counted 1 2 3 4 5", &back));
    assert_false(host_counts_parse("counted 1 2 3 4 5 6", &back));
}

/* A line of the largest counts is no longer than a console takes. */
static void host_counts__fit_a_line(void **state) {
    struct host_counts counts, back;
    char line[HOST_COUNTS_LINE_SIZE];

    (void)state;
    for (size_t i = 0; i < HOST_COUNTS; i++)
        *host_counts_member(&counts, i) = 1e12 + (double)i;
    host_counts_format(&counts, line);
    assert_true(strlen(line) < CONSOLE_LINE_SIZE);
    assert_true(host_counts_parse(line, &back));
    for (size_t i = 0; i < HOST_COUNTS; i++)
        assert_true(*host_counts_member(&back, i) == *host_counts_member(&counts, i));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(host_counts__of_a_guest_of_kvm),  cmocka_unit_test(host_counts__unknown_in_part),
        cmocka_unit_test(host_counts__of_a_domain_of_xen), cmocka_unit_test(host_counts__as_a_line_and_back),
        cmocka_unit_test(host_counts__fit_a_line),
    };

    (void)descriptors_note(NULL);
    return cmocka_run_group_tests(tests, make_tree, remove_tree) != 0 || descriptors_check(NULL) < 0;
}
