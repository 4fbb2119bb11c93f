/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/value.h"

#include "fakes/fixed_run.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_text(json_t *json, const char *expected) {
    assert_non_null(json);
    assert_string_equal(json_string_value(json), expected);
    json_decref(json);
}

static void value_number__not_finite_is_null(void **state) {
    (void)state;
    assert_true(json_is_null(value_number(NAN)));
    assert_true(json_is_null(value_number(-INFINITY)));
}

static void value_number__keeps_every_bit(void **state) {
    const double numbers[] = {0.1, 1.0 / 3, 5e-324, 1.7976931348623157e308, -0.0};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(numbers); i++) {
        json_t *json = value_number(numbers[i]), *back;
        char *text = json_dumps(json, JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));

        back = json_loads(text, JSON_DECODE_ANY, NULL);
        assert_true(json_real_value(back) == numbers[i]);
        free(text);
        json_decref(back);
        json_decref(json);
    }
}

static void value_whole__is_text_beyond_what_doubles_hold(void **state) {
    const uint64_t edge = UINT64_C(1) << 53;
    json_t *json = value_whole(edge);

    (void)state;
    assert_true(json_is_integer(json));
    json_decref(json);
    assert_text(value_whole(edge + 1), "9007199254740993");
    assert_text(value_whole(UINT64_MAX), "18446744073709551615");
}

static void value_read_whole__reads_both_forms(void **state) {
    const uint64_t numbers[] = {0, 7, UINT64_C(1) << 53, (UINT64_C(1) << 53) + 1, UINT64_MAX};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(numbers); i++) {
        json_t *json = value_whole(numbers[i]);
        uint64_t number = 1;

        assert_int_equal(value_read_whole(json, &number), 0);
        assert_true(number == numbers[i]);
        json_decref(json);
    }
}

static void value_read_whole__refuses_what_is_no_whole_number(void **state) {
    const char *const texts[] = {
        "-1", "1.5", "\"-1\"", "\" 1\"", "\"1x\"", "\"\"", "null", "true", "\"18446744073709551616\""};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(texts); i++) {
        json_t *json = json_loads(texts[i], JSON_DECODE_ANY, NULL);
        uint64_t number = 77;

        assert_int_equal(value_read_whole(json, &number), -EINVAL);
        assert_int_equal(number, 77);
        json_decref(json);
    }
}

static void value_text__replaces_what_is_not_utf8(void **state) {
    (void)state;
    assert_text(value_text("a\xff\x62"), "a\xEF\xBF\xBD"
                                         "b");
    assert_text(value_text("\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80"),
                "\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80");
    /* cut short, overlong, surrogate, beyond U+10FFFF */
    assert_text(value_text("\xE2\x82"), "\xEF\xBF\xBD\xEF\xBF\xBD");
    assert_text(value_text("\xC0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD");
    assert_text(value_text("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    assert_text(value_text("\xF4\x90\x80\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    assert_true(json_is_null(value_text(NULL)));
}

static void value_finish__lets_go_of_a_failed_object(void **state) {
    json_t *object = json_object();
    int failed = 0;

    (void)state;
    failed |= value_set(object, "a", json_integer(1));
    failed |= value_set(object, "b", NULL);
    assert_null(value_finish(object, failed));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(value_number__not_finite_is_null),
        cmocka_unit_test(value_number__keeps_every_bit),
        cmocka_unit_test(value_whole__is_text_beyond_what_doubles_hold),
        cmocka_unit_test(value_read_whole__reads_both_forms),
        cmocka_unit_test(value_read_whole__refuses_what_is_no_whole_number),
        cmocka_unit_test(value_text__replaces_what_is_not_utf8),
        cmocka_unit_test(value_finish__lets_go_of_a_failed_object),
    };
    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
