/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A guest that stands still on its way to its first process, played by a shell. */
#include "guest/boot/guest_process.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* What waiting for a guest comes to that does as the script says. */
static int wait_for(const char *script, const struct boot_limits *limits, struct vms_error *error) {
    struct argv command = {0};
    struct guest_process process = {0};
    int log = open("/dev/null", O_WRONLY | O_CLOEXEC), status;

    argv_add_all(&command, (const char *[]){"/bin/sh", "-c", NULL});
    argv_add(&command, "%s", script);
    status = guest_process_start(&command, log, &process, error);
    if (status == 0)
        status = guest_process_wait(&process, limits, error);
    guest_process_end(&process);
    argv_done(&command);
    (void)close(log);
    return status;
}

static void standing_still__ends_a_guest_of_a_kind_that_hangs(void **state) {
    const struct boot_limits limits = {.boot = 0.2, .ready = 60, .deadline = 60, .may_hang = true};
    struct vms_error error = {""};

    (void)state;
    assert_int_equal(wait_for("echo words; exec sleep 60", &limits, &error), -ETIMEDOUT);
    assert_non_null(strstr(error.text, "it hung before its first process: it had said nothing for"));
    assert_non_null(strstr(error.text, "words"));
}

/* Twice its whole way is what it has, which is not over here. */
static void standing_still__counts_from_the_start(void **state) {
    const struct boot_limits limits = {.boot = 1, .ready = 60, .deadline = 60, .may_hang = true};
    struct vms_error error = {""};

    (void)state;
    assert_int_equal(
        wait_for("sleep 1; echo 'vmsuite-init: ready'; echo 'vmsuite-init: power off'", &limits, &error), 0);
    assert_int_equal(wait_for("exec sleep 60", &limits, &error), -ETIMEDOUT);
    assert_non_null(strstr(error.text, "it had said nothing for 2 s"));
}

static void standing_still__is_no_hang_for_other_kinds(void **state) {
    const struct boot_limits limits = {.boot = 0.2, .ready = 3, .deadline = 60};
    struct vms_error error = {""};

    (void)state;
    assert_int_equal(wait_for("echo words; exec sleep 60", &limits, &error), -ETIMEDOUT);
    assert_non_null(strstr(error.text, "it had not reached its first process after 3 s"));
}

/* Each of its silences is longer than the limit for the way to the first process. */
static void standing_still__may_last_longer_in_the_job(void **state) {
    const struct boot_limits limits = {.boot = 0.2, .job = 5, .ready = 60, .deadline = 60, .may_hang = true};
    struct vms_error error = {""};

    (void)state;
    assert_int_equal(wait_for("echo 'vmsuite-init: ready'; sleep 2; echo 'vmsuite-init: measuring'; sleep 2; "
                              "echo 'vmsuite-init: measured, exit status 0'; echo 'vmsuite-init: power off'",
                              &limits, &error),
                     0);
}

/* Words that come faster than they can be heard. */
static void talking_without_end__is_ended_by_the_deadline(void **state) {
    const struct boot_limits limits = {.boot = 1, .ready = 2, .deadline = 2};
    struct vms_error error = {""};

    (void)state;
    assert_int_equal(wait_for("yes & yes & exec yes", &limits, &error), -ETIMEDOUT);
    assert_non_null(strstr(error.text, "it had not reached its first process after 2 s"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(standing_still__ends_a_guest_of_a_kind_that_hangs),
        cmocka_unit_test(standing_still__counts_from_the_start),
        cmocka_unit_test(standing_still__is_no_hang_for_other_kinds),
        cmocka_unit_test(standing_still__may_last_longer_in_the_job),
        cmocka_unit_test(talking_without_end__is_ended_by_the_deadline),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
