/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/cut.h"
#include "unit/descriptors.h"

#include "base/error.h"
#include "base/escape.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void assert_copy(size_t size, const char *text, const char *expected) {
    char target[32];

    memset(target, '#', sizeof(target));
    cut_copy(target, size, text);
    assert_string_equal(target, expected);
    assert_int_equal(target[size], '#');
}

static void copy__says_that_it_is_cut(void **state) {
    (void)state;
    assert_copy(8, "", "");
    assert_copy(8, "1234567", "1234567");
    assert_copy(8, "12345678", "1234...");
    assert_copy(8, "123456789012345", "1234...");
    assert_copy(4, "12345", "...");
}

/* Characters of two, three and four bytes, at each place. */
static void copy__cuts_no_character(void **state) {
    (void)state;
    assert_copy(8, "123\xc3\xa9 67890", "123...");
    assert_copy(8, "12\xc3\xa9 567890", "12\xc3\xa9...");
    assert_copy(9, "123\xe2\x82\xac 67890", "123...");
    assert_copy(10, "123\xe2\x82\xac 67890", "123\xe2\x82\xac...");
    assert_copy(9, "12\xf0\x9f\x98\x80 7890", "12...");
}

/* A sentence whose characters are two bytes keeps its mark, wherever the end falls. */
static void error__keeps_its_mark(void **state) {
    char text[1400] = "";

    (void)state;
    for (size_t shift = 0; shift < 3; shift++) {
        struct vms_error error;

        (void)memset(text, 'x', shift);
        for (size_t i = shift; i + 2 < sizeof(text); i += 2)
            (void)memcpy(text + i, "\xc3\xa9", 3);
        assert_int_equal(error_set(&error, -EINVAL, "%s", text), -EINVAL);
        assert_true(strlen(error.text) >= sizeof(error.text) - 3);
        assert_string_equal(error.text + strlen(error.text) - 3, "...");
        assert_null(strstr(error.text, "\\x"));
    }
}

/* The last that fits is whole; one byte more is not. */
static void error__fits_to_the_last_byte(void **state) {
    struct vms_error error;
    char text[sizeof(error.text) + 1];

    (void)state;
    for (size_t length = sizeof(error.text) - 1; length <= sizeof(error.text); length++) {
        (void)memset(text, 'x', length);
        text[length] = '\0';
        assert_int_equal(error_set(&error, -EINVAL, "%s", text), -EINVAL);
        assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
        assert_int_equal(strstr(error.text, "...") != NULL, length == sizeof(error.text));
    }
}

/* What is longer once it is made harmless is cut with the mark, too. */
static void sentence__keeps_its_mark(void **state) {
    char text[32];

    (void)state;
    (void)strcpy(text, "\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b");
    escape_sentence(text, 16);
    assert_string_equal(text, "\\x1b\\x1b\\x1b...");
    (void)strcpy(text, "twelve bytes");
    escape_sentence(text, 13);
    assert_string_equal(text, "twelve bytes");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copy__says_that_it_is_cut), cmocka_unit_test(copy__cuts_no_character),
        cmocka_unit_test(error__keeps_its_mark),     cmocka_unit_test(error__fits_to_the_last_byte),
        cmocka_unit_test(sentence__keeps_its_mark),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
