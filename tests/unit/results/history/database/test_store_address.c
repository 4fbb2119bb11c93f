/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passwords in addresses of stores, and what is none. */
#include "history/database/address.h"

#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <vmsuite/module.h>

#include <cmocka.h>

static unsigned count(const char *text, char letter) {
    unsigned n = 0;

    for (; *text; text++)
        n += *text == letter;
    return n;
}

static void address_hide__hides_passwords_and_nothing_else(void **state) {
    static const char *const rows[][2] = {
        {"postgresql://u:secret@h/db", "postgresql://u:******@h/db"},
        {"--store=postgresql://u:secret@h", "--store=postgresql://u:******@h"},
        {"postgresql://u:s@cret@h/db", "postgresql://u:******@h/db"},
        {"postgresql://u:secret", "postgresql://u:******"},
        {"postgresql://u:secret@h/db?password=secret", "postgresql://u:******@h/db?password=******"},
        {"postgresql://h/db?password=secret&sslpassword=secret",
         "postgresql://h/db?password=******&sslpassword=******"},
        {"postgresql://h/db?password=&sslpassword=secret", "postgresql://h/db?password=&sslpassword=******"},
        {"postgresql://u:@h/db?password=secret", "postgresql://u:@h/db?password=******"},
        {"postgresql://h:5432/db", "postgresql://h:5432/db"},
        {"postgresql://[::1]:5432/db", "postgresql://[::1]:5432/db"},
        {"postgresql://u:secret@[::1]:5432/db", "postgresql://u:******@[::1]:5432/db"},
        {"postgresql://h:5432,5433/db", "postgresql://h:5432,5433/db"},
        {"postgresql://h:5432,secret/db", "postgresql://h:***********/db"},
        {"password=5", "password=5"},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        char text[128];

        (void)snprintf(text, sizeof(text), "%s", rows[i][0]);
        assert_int_equal(address_hide(text), count(rows[i][1], '*'));
        assert_string_equal(text, rows[i][1]);
    }
}

static void address_hide_in__hides_each_part_that_is_quoted(void **state) {
    char text[] = "port 5432, part \"ret\" of \"se@ret\" and of \"sec\", at h";

    (void)state;
    address_hide_in(text, "postgresql://u:se@ret@[::1]:5432/db?password=&sslpassword=sec");
    assert_string_equal(text, "port 5432, part \"***\" of \"**@***\" and of \"**c\", at h");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(address_hide__hides_passwords_and_nothing_else),
        cmocka_unit_test(address_hide_in__hides_each_part_that_is_quoted),
    };
    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
