/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/number.h"
#include "unit/descriptors.h"

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <vmsuite/module.h>

static uint64_t draw(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static double from_bits(uint64_t bits) {
    double number;

    memcpy(&number, &bits, sizeof(number));
    return number;
}

static void check_read(const char *text) {
    const char *end = text + strlen(text);
    struct number number;

    assert_ptr_equal(number_read(text, &number), end);
    if (number.value != strtod(text, NULL) || signbit(number.value) != signbit(strtod(text, NULL)))
        fail_msg("%s is read as %.17g", text, number.value);
}

static void number_read__is_exact(void **state) {
    static const char *const texts[] = {"0",
                                        "-0",
                                        "0.0",
                                        "1",
                                        "-1",
                                        "9007199254740993",
                                        "9007199254740993.0",
                                        "9007199254740992.5",
                                        "0.1",
                                        "1e22",
                                        "1e23",
                                        "8.5e22",
                                        "123456789012345678",
                                        "12345678901234567890123",
                                        "1.7976931348623157e308",
                                        "5e-324",
                                        "2e-324",
                                        "0.000001",
                                        "1e-27",
                                        "1e-28",
                                        "9223372036854775807",
                                        "9223372036854775808",
                                        "9999999999999999999",
                                        "18446744073709551615",
                                        "18446744073709551617",
                                        "0.00000000000000000009999999999999999999",
                                        "0.000000000000000000018446744073709551617",
                                        "1844674407370955161.7",
                                        "1.00000000000000011102230246251565404236316680908203125",
                                        "1.00000000000000011102230246251565404236316680908203126",
                                        "0.5E+1",
                                        "1e-400"};
    uint64_t random = UINT64_C(20261129);

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(texts); i++)
        check_read(texts[i]);
    for (int i = 0; i < 200000; i++) {
        char text[64];
        int places = (int)(draw(&random) % 31);

        /* As many digits and places as there are, also at the edges of what goes which way. */
        (void)snprintf(text, sizeof(text), "%" PRIu64 "e-%d", draw(&random) >> (draw(&random) % 64), places);
        check_read(text);
        (void)snprintf(text, sizeof(text), "%.*g", (int)(draw(&random) % 18), from_bits(draw(&random) >> 2));
        check_read(text);
    }
}

static void number_read__tells_whole_numbers_from_others(void **state) {
    static const struct {
        const char *text;
        bool is_whole;
        int64_t whole;
    } cases[] = {{"64", true, 64},
                 {"-3", true, -3},
                 {"1.0", false, 0},
                 {"1e3", false, 0},
                 {"9223372036854775807", true, INT64_MAX},
                 {"9223372036854775808", false, 0}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(cases); i++) {
        struct number number;

        assert_non_null(number_read(cases[i].text, &number));
        assert_int_equal(number.is_whole, cases[i].is_whole);
        assert_int_equal(number.whole, cases[i].whole);
    }
}

static void number_read__takes_the_grammar_of_json(void **state) {
    static const char *const wrong[] = {"",    "-",        "+1",    ".5",     "1.",   "1.e3",
                                        "1e",  "1e+",      "01",    "-01",    "0x10", "nan",
                                        "inf", "Infinity", "1e309", "-1e999", "00"};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(wrong); i++) {
        const char *end = wrong[i] + strlen(wrong[i]);
        struct number number;

        if (number_read(wrong[i], &number) == end)
            fail_msg("\"%s\" is taken as %g", wrong[i], number.value);
    }
}

/* The fewest digits that read back, by trial. */
static int count_needed(double number) {
    char text[64];
    int precision = 1;

    do
        (void)snprintf(text, sizeof(text), "%.*g", precision, number);
    while (strtod(text, NULL) != number && ++precision < 17);
    return precision;
}

/* The digits of a number's text, from the first that is not 0 to the last. */
static size_t copy_digits(const char *text, char ret_digits[static NUMBER_TEXT_SIZE]) {
    size_t n = 0;

    for (; *text && *text != 'e'; text++)
        if (*text >= (n > 0 ? '0' : '1') && *text <= '9')
            ret_digits[n++] = *text;
    while (n > 1 && ret_digits[n - 1] == '0')
        n--;
    ret_digits[n] = '\0';
    return n;
}

/* Of the texts of that length that are read as the number, the nearest: printf's, where that is one of them.
 * In the middle between two, either. */
static void check_nearest(double number, const char *text) {
    char ours[NUMBER_TEXT_SIZE], exact[NUMBER_TEXT_SIZE], theirs[NUMBER_TEXT_SIZE], whole[64];
    size_t n = copy_digits(text, ours);

    (void)snprintf(whole, sizeof(whole), "%.45e", number);
    if (strncmp(whole + n + 1, "50000000000000000000", 20) == 0)
        return;

    (void)snprintf(exact, sizeof(exact), "%.*e", (int)n - 1, number);
    if (strtod(exact, NULL) != number)
        return;
    (void)copy_digits(exact, theirs);
    if (strcmp(ours, theirs) != 0)
        fail_msg("%s is not as near as %s", text, exact);
}

static void check_write(double number) {
    static unsigned nth;
    char text[NUMBER_TEXT_SIZE], digits[NUMBER_TEXT_SIZE];
    size_t length = number_write(number, text);

    assert_int_equal(length, strlen(text));
    if (strtod(text, NULL) != number || (int)copy_digits(text, digits) > count_needed(number))
        fail_msg("%.17g is written as %s", number, text);
    if (nth++ % 4 == 0)
        check_nearest(number, text);
    check_read(text);
}

static void number_write__is_the_shortest_that_reads_back(void **state) {
    uint64_t random = UINT64_C(7);

    (void)state;
    for (int i = 0; i < 10000; i++) {
        double number = from_bits(draw(&random) & ~(UINT64_C(1) << 63));

        if (i % 10 == 0 && isfinite(number) && number > 0)
            check_write(number);
        /* Of the sizes that are measured. */
        check_write((double)draw(&random) / 1e6);
        check_write((double)(draw(&random) >> 11) * 0x1p-53);
        check_write((double)(draw(&random) % 1000000) / 1000);
        check_write(ldexp(1, (int)(draw(&random) % 120) - 60));
    }
    for (int power = -20; power < 25; power++)
        check_write(pow(10, power));
}

static void number_write__looks_like_json(void **state) {
    static const struct {
        double number;
        const char *text;
    } cases[] = {{0, "0.0"},
                 {-0.0, "-0.0"},
                 {1, "1.0"},
                 {-2.5, "-2.5"},
                 {0.2, "0.2"},
                 {0.9, "0.9"},
                 {1e9, "1000000000.0"},
                 {123456.789, "123456.789"},
                 {0.0001, "0.0001"},
                 {2.5e-8, "2.5e-8"},
                 {1e20, "1e20"},
                 {5e-324, "5e-324"},
                 {1e23, "1e23"},
                 {0.30000000000000004, "0.30000000000000004"},
                 {9007199254740993.0, "9007199254740992.0"},
                 {1.7976931348623157e308, "1.7976931348623157e308"},
                 {2.2250738585072014e-308, "2.2250738585072014e-308"}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(cases); i++) {
        char text[NUMBER_TEXT_SIZE];

        (void)number_write(cases[i].number, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void number_format__is_the_shortest_that_reads_back(void **state) {
    static const struct {
        double number;
        const char *text;
    } rows[] = {{0.2, "0.2"},
                {0.9, "0.9"},
                {1, "1"},
                {0.1 + 0.2, "0.30000000000000004"},
                {1e20, "1e20"},
                {1.0 / 3, "0.3333333333333333"},
                {123456789012, "123456789012"},
                {5e-324, "5e-324"},
                {-0.0, "-0"},
                {(double)INFINITY, "inf"},
                {-(double)INFINITY, "-inf"},
                {(double)NAN, "nan"}};
    char text[NUMBER_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(number_format(rows[i].number, text), strlen(rows[i].text));
        assert_string_equal(text, rows[i].text);
    }
    for (uint64_t bits = 1; bits < UINT64_C(0x7ff0000000000000); bits += bits / 3 + 1) {
        double number, back;

        memcpy(&number, &bits, sizeof(number));
        (void)number_format(number, text);
        back = strtod(text, NULL);
        assert_memory_equal(&number, &back, sizeof(number));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(number_read__is_exact),
        cmocka_unit_test(number_read__tells_whole_numbers_from_others),
        cmocka_unit_test(number_read__takes_the_grammar_of_json),
        cmocka_unit_test(number_write__is_the_shortest_that_reads_back),
        cmocka_unit_test(number_write__looks_like_json),
        cmocka_unit_test(number_format__is_the_shortest_that_reads_back),
    };
    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
