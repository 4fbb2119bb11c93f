/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The host's bill: this process stands for the monitor, and its files are made up. */
#include "guest/boot/bill.h"

#include "fakes/fixture.h"
#include "fakes/folder.h"
#include "record/write/record.h"
#include "run/notice/progress.h"

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

/* Of all reasons. */
#define UNKNOWN " nan nan nan nan nan nan nan nan nan nan"

static char root[] = "/tmp/vmsuite-bill-XXXXXX";

static void put(const char *path, const char *text) {
    folder_write(root, path, text);
}

/* A file whose name holds our process's number between `before` and `after`. */
static void put_of(const char *before, const char *after, const char *text) {
    char path[200];

    (void)snprintf(path, sizeof(path), "%s%d%s", before, (int)getpid(), after);
    put(path, text);
}

static int make_tree(void **state) {
    (void)state;
    assert_non_null(mkdtemp(root));
    put_of("/proc/", "/comm", "qemu-system-x86\n");
    return 0;
}

static int remove_tree(void **state) {
    char command[100];

    (void)state;
    (void)snprintf(command, sizeof(command), "rm -rf %s", root);
    return system(command);
}

static void use_processor(void) {
    clock_t begin = clock();

    while (clock() - begin < CLOCKS_PER_SEC / 50)
        continue;
}

/* A record with a case of two trials. The first claims what no guest can know. */
static json_t *new_record(void) {
    return fixture_read("bill_record.json");
}

static const char *fact_of(const json_t *record, size_t trial, const char *key) {
    const json_t *trials = json_object_get(json_array_get(json_object_get(record, "cases"), 0), "trials");
    const json_t *facts = json_object_get(json_array_get(trials, trial), "facts"), *fact;
    const char *found = NULL;
    size_t i;

    json_array_foreach (facts, i, fact)
        if (strcmp(json_string_value(json_object_get(fact, "key")), key) == 0) {
            assert_null(found); /* once */
            found = json_string_value(json_object_get(fact, "value"));
        }
    return found;
}

/* From begin to end of trial 1: the processor time of the process, and the exits of all its guests
 * together. */
static void bill__of_a_trial(void **state) {
    json_t *record = new_record();
    struct bill bill;

    (void)state;
    put_of("/sys/kernel/debug/kvm/", "-11/exits", "1000\n");
    put_of("/sys/kernel/debug/kvm/", "-12/exits", "50\n");
    put("/sys/kernel/debug/kvm/1-11/exits", "77777\n"); /* another's */
    bill_init(&bill, root, getpid(), false);
    assert_true(bill_take_line(&bill, PROGRESS_TRIAL_BEGINS "7 1"));
    use_processor();
    put_of("/sys/kernel/debug/kvm/", "-11/exits", "11000\n");
    put_of("/sys/kernel/debug/kvm/", "-12/exits", "51\n");
    assert_true(bill_take_line(&bill, PROGRESS_TRIAL_ENDS "7 1"));
    assert_true(bill_take_line(&bill, PROGRESS_TRIAL_BEGINS "7 2")); /* whose end never comes */
    assert_int_equal(bill_add(&bill, record), 0);
    assert_true(strtod(fact_of(record, 0, RECORD_FACT_HOST_CPU), NULL) >= 0.0199);
    assert_true(strtod(fact_of(record, 0, RECORD_FACT_HOST_CPU), NULL) < 99);
    assert_string_equal(fact_of(record, 0, RECORD_FACT_HOST_EXITS), "10001");
    assert_string_equal(fact_of(record, 0, "mine"), "kept");
    assert_null(fact_of(record, 1, RECORD_FACT_HOST_CPU));
    json_decref(record);
    bill_done(&bill);
}

static void say(struct bill *bill, const char *words, const char *counts) {
    char line[200];

    assert_true(bill_take_line(bill, words));
    (void)snprintf(line, sizeof(line), "%s%s", HOST_COUNTS_LINE, counts);
    assert_true(bill_take_line(bill, line));
}

/* What a machine between says, of the trial whose line it follows; a count that is unknown there is no
 * fact. */
static void bill__what_is_relayed(void **state) {
    json_t *record = new_record();
    struct bill bill;

    (void)state;
    bill_init(&bill, root, 0, true);
    assert_true(bill_take_line(&bill, HOST_COUNTS_LINE "9 9 9 9 9 9" UNKNOWN)); /* of no trial */
    say(&bill, PROGRESS_TRIAL_BEGINS "7 1", "1.5 1.25 3 1000 nan 20 5 nan nan nan nan nan nan nan nan nan");
    assert_true(bill_take_line(&bill, HOST_COUNTS_LINE "9 9 9 9 9 9" UNKNOWN)); /* once more */
    say(&bill, PROGRESS_TRIAL_ENDS "7 1", "2.5 1.75 4.5 11000 nan 25 47 nan nan nan nan nan nan nan nan 3");
    say(&bill, PROGRESS_TRIAL_BEGINS "7 2", "3 2 5 12000 nan 30" UNKNOWN);
    assert_false(bill_take_line(&bill, HOST_COUNTS_LINE "9 9"));
    assert_int_equal(bill_add(&bill, record), 0);
    assert_string_equal(fact_of(record, 0, RECORD_FACT_HOST_CPU), "1.000000");
    assert_string_equal(fact_of(record, 0, RECORD_FACT_HOST_GUEST), "0.500000");
    assert_string_equal(fact_of(record, 0, RECORD_FACT_HOST_BUSY), "1.50");
    assert_string_equal(fact_of(record, 0, RECORD_FACT_HOST_EXITS), "10000");
    assert_null(fact_of(record, 0, RECORD_FACT_DEVICE_EXITS));
    assert_string_equal(fact_of(record, 0, RECORD_FACT_HOST_SWITCHES), "5");
    assert_string_equal(fact_of(record, 0, "host_exits_port"), "42");
    assert_null(fact_of(record, 0, "host_exits_mmio"));
    assert_null(fact_of(record, 0, "host_events_network")); /* unknown at its beginning */
    assert_null(fact_of(record, 1, RECORD_FACT_HOST_CPU));
    json_decref(record);
    bill_done(&bill);
}

/* Hundredths of a second that are cut off are no time that was set back; more is. */
static void bill__a_host_that_did_nothing(void **state) {
    static const struct {
        const char *end, *busy;
    } rows[] = {{"3.00", "0.00"}, {"2.98", "0.00"}, {"3.02", "0.02"}, {"2.9", NULL}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        json_t *record = new_record();
        struct bill bill;
        char counts[100];

        bill_init(&bill, root, 0, true);
        say(&bill, PROGRESS_TRIAL_BEGINS "7 1", "3 0 3 nan 30 30" UNKNOWN);
        (void)snprintf(counts, sizeof(counts), "%s 0 %s nan 29 30%s", rows[i].end, rows[i].end, UNKNOWN);
        say(&bill, PROGRESS_TRIAL_ENDS "7 1", counts);
        assert_int_equal(bill_add(&bill, record), 0);
        if (rows[i].busy)
            assert_string_equal(fact_of(record, 0, RECORD_FACT_HOST_BUSY), rows[i].busy);
        else
            assert_null(fact_of(record, 0, RECORD_FACT_HOST_BUSY));
        assert_true(!fact_of(record, 0, RECORD_FACT_HOST_CPU) == !rows[i].busy);
        assert_null(fact_of(record, 0, RECORD_FACT_DEVICE_EXITS)); /* a count, whatever it fell by */
        assert_string_equal(fact_of(record, 0, RECORD_FACT_HOST_SWITCHES), "0");
        json_decref(record);
        bill_done(&bill);
    }
}

/* Where nothing is between, a guest may not say such things. */
static void bill__a_guest_relays_nothing(void **state) {
    json_t *record = new_record();
    struct bill bill;

    (void)state;
    bill_init(&bill, root, 0, false);
    assert_true(bill_take_line(&bill, PROGRESS_TRIAL_BEGINS "7 1"));
    assert_false(bill_take_line(&bill, HOST_COUNTS_LINE "1 1 1 1 1 1" UNKNOWN));
    assert_true(bill_take_line(&bill, PROGRESS_TRIAL_ENDS "7 1"));
    assert_false(bill_take_line(&bill, HOST_COUNTS_LINE "2 2 2 2 2 2" UNKNOWN));
    assert_int_equal(bill_add(&bill, record), 0);
    assert_null(fact_of(record, 0, RECORD_FACT_HOST_CPU));
    json_decref(record);
    bill_done(&bill);
}

/* Ends without beginnings, lines of anybody, and a process that is no monitor: nothing is billed, and what
 * the guest claims is dropped. */
static void bill__nothing_to_bill(void **state) {
    static const char *const others[] = {"", "case 1 of 2", "@", PROGRESS_TRIAL_BEGINS "x",
                                         PROGRESS_TRIAL_ENDS "7"};
    json_t *record = new_record();
    struct bill bill;

    (void)state;
    bill_init(&bill, root, getpid(), false);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_false(bill_take_line(&bill, others[i]));
    assert_true(bill_take_line(&bill, PROGRESS_TRIAL_ENDS "7 1"));
    put_of("/proc/", "/comm", "xl\n");
    assert_true(bill_take_line(&bill, PROGRESS_TRIAL_BEGINS "7 2"));
    assert_true(bill_take_line(&bill, PROGRESS_TRIAL_ENDS "7 2"));
    bill_read_memory(&bill);
    put_of("/proc/", "/comm", "qemu-system-x86\n");
    assert_true(isnan(bill.memory));
    assert_int_equal(bill_add(&bill, record), 0);
    assert_null(fact_of(record, 0, RECORD_FACT_HOST_CPU));
    assert_null(fact_of(record, 1, RECORD_FACT_HOST_CPU));
    json_decref(record);
    bill_done(&bill);
}

/* A guest that names trials without end takes no memory without end. */
static void bill__more_trials_than_there_are(void **state) {
    struct bill bill;
    char line[80];

    (void)state;
    bill_init(&bill, root, getpid(), false);
    bill.trials = calloc(BILL_TRIALS_MAX, sizeof(*bill.trials));
    assert_non_null(bill.trials);
    bill.n_trials = BILL_TRIALS_MAX;
    (void)snprintf(line, sizeof(line), PROGRESS_TRIAL_BEGINS "%u 1", 5);
    assert_true(bill_take_line(&bill, line));
    assert_int_equal(bill.n_trials, BILL_TRIALS_MAX);
    bill_done(&bill);
}

/* 300 KiB in all; the guest's memory is the largest mapping, whose share is 200 KiB. */
static void bill__memory_beside_the_guest(void **state) {
    struct bill bill;

    (void)state;
    put_of(
        "/proc/", "/smaps",
        "55d0-55d1 r-xp 00000000 00:1f 1 /usr/bin/qemu-system-x86_64\nSize:  1024 kB\nRss: 90 kB\nPss:  60 "
        "kB\n"
        "Pss_Dirty: 5 kB\n7f00-7f80 rw-p 00000000 00:00 0 \nSize:  524288 kB\nPss:  200 kB\n"
        "7f90-7f91 rw-p 00000000 00:00 0 \nSize:  64 kB\nPss:  40 kB\n");
    bill_init(&bill, root, getpid(), false);
    bill_read_memory(&bill);
    assert_true(bill.memory == 100 * 1024);
    bill_done(&bill);
}

/* An emulator's buffer is larger than the guest's memory, which lies beside something small. */
static void bill__memory_of_a_guest_that_is_not_the_largest(void **state) {
    struct bill bill;

    (void)state;
    put_of(
        "/proc/", "/smaps",
        "1-2 rw-p 0 00:00 0 \nSize:  1048576 kB\nPss:  50 kB\n3-4 rw-p 0 00:00 0 \nSize:  131076 kB\nPss:  "
        "1000 kB\n"
        "5-6 rw-p 0 00:00 0 \nSize:  64 kB\nPss:  40 kB\n");
    bill_init(&bill, root, getpid(), false);
    bill.guest_memory = 128 << 20;
    bill_read_memory(&bill);
    assert_true(bill.memory == 90 * 1024);
    bill.guest_memory = UINT64_C(4) << 30; /* none holds it: the largest */
    bill_read_memory(&bill);
    assert_true(bill.memory == 1040 * 1024);
    bill_done(&bill);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bill__of_a_trial),
        cmocka_unit_test(bill__what_is_relayed),
        cmocka_unit_test(bill__a_host_that_did_nothing),
        cmocka_unit_test(bill__a_guest_relays_nothing),
        cmocka_unit_test(bill__nothing_to_bill),
        cmocka_unit_test(bill__more_trials_than_there_are),
        cmocka_unit_test(bill__memory_beside_the_guest),
        cmocka_unit_test(bill__memory_of_a_guest_that_is_not_the_largest),
    };

    (void)descriptors_note(NULL);
    return cmocka_run_group_tests(tests, make_tree, remove_tree) != 0 || descriptors_check(NULL) < 0;
}
