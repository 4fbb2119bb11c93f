/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is made of the memory of restored guests, and what cannot be saved; that guests are saved and restored
 * is seen where some are booted. */
#include "guest/boot/life.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

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
    assert_non_null(strstr(error.text, "/tmp/it's: a guest's state cannot be saved below"));
    assert_int_equal(life_save(&life, &none, "/tmp", &error), -EIO);
    assert_string_equal(error.text, "QEMU's monitor is not open");
    assert_true(isnan(life.save_s));
}

/* What QEMU answers lies ready; what it was asked is read at the end. */
static void life__saves_without_a_limit_and_lets_the_guest_go_on(void **state) {
    static const char answers[] = "{\"return\": {}}\n{\"return\": {}}\n{\"return\": {}}\n"
                                  "{\"return\": {\"status\": \"active\"}}\n"
                                  "{\"return\": {\"status\": \"completed\"}}\n{\"return\": {}}\n";
    static const char *const commands[] = {"\"migrate-set-parameters\"", "\"stop\"",          "\"migrate\"",
                                           "\"query-migrate\"",          "\"query-migrate\"", "\"cont\""};
    struct vms_error error = {""};
    struct qmp qmp = {NULL};
    struct life life;
    char line[512];
    FILE *asked;
    int ends[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(write(ends[1], answers, strlen(answers)), strlen(answers));
    qmp.stream = fdopen(ends[0], "re");
    life_init(&life);
    assert_int_equal(life_save(&life, &qmp, "/nowhere", &error), 0);
    assert_true(life.save_s > 0);
    qmp_close(&qmp);
    asked = fdopen(ends[1], "re");
    for (size_t i = 0; i < VMS_LENGTH(commands); i++) {
        assert_non_null(fgets(line, sizeof(line), asked));
        assert_non_null(strstr(line, commands[i]));
        assert_true(i > 0 || strstr(line, "\"max-bandwidth\":1000000000000"));
    }
    assert_null(fgets(line, sizeof(line), asked));
    (void)fclose(asked);
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
    assert_string_equal(error.text, "QEMU ended before it had started a guest from the saved state");
    assert_true(isnan(life.restore_s) && isnan(life.memory[0]));
    argv_done(&command);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(life__guests_by_what_the_second_and_third_took),
        cmocka_unit_test(life__what_cannot_be_saved),
        cmocka_unit_test(life__saves_without_a_limit_and_lets_the_guest_go_on),
        cmocka_unit_test(life__monitor_that_ends_at_once),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
