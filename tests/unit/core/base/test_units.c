/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/units.h"
#include "unit/descriptors.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static uint64_t bytes_of(const char *text) {
    struct vms_error error = {""};
    uint64_t bytes = 77;

    if (units_parse_bytes(text, &bytes, &error) < 0)
        fail_msg("%s", error.text);
    return bytes;
}

static void bytes__good(void **state) {
    (void)state;
    assert_int_equal(bytes_of("0"), 0);
    assert_int_equal(bytes_of("512"), 512);
    assert_int_equal(bytes_of("512B"), 512);
    assert_int_equal(bytes_of("64KiB"), 65536);
    assert_int_equal(bytes_of("64 KiB"), 65536);
    assert_int_equal(bytes_of("64   KiB"), 65536);
    assert_int_equal(bytes_of("64K"), 65536);
    assert_int_equal(bytes_of("4MB"), 4000000);
    assert_int_equal(bytes_of("1.5KiB"), 1536);
    assert_int_equal(bytes_of("0.001kB"), 1);
    assert_int_equal(bytes_of("1.50000000000000000000000MB"), 1500000);
    assert_int_equal(bytes_of("2T"), UINT64_C(2) << 40);
    assert_int_equal(bytes_of("16777215TiB"), UINT64_C(16777215) << 40);
    assert_int_equal(bytes_of("18446744073709551615"), UINT64_MAX);
}

/* Each unit that is read, powers of 1000 and of 1024 apart. */
static void units__all(void **state) {
    static const struct {
        const char *text;
        uint64_t bytes;
    } sizes[] = {{"1B", 1},
                 {"1kB", 1000},
                 {"1MB", 1000000},
                 {"1GB", 1000000000},
                 {"1TB", UINT64_C(1000000000000)},
                 {"1KiB", 1024},
                 {"1MiB", 1048576},
                 {"1GiB", 1073741824},
                 {"1TiB", UINT64_C(1099511627776)},
                 {"1K", 1024},
                 {"1M", 1048576},
                 {"1G", 1073741824},
                 {"1T", UINT64_C(1099511627776)}};
    static const struct {
        const char *text;
        double value;
    } seconds[] = {{"1ns", 1e-9}, {"1us", 1e-6}, {"1ms", 1e-3}, {"1s", 1}, {"1min", 60}, {"1h", 3600}},
      rates[] = {{"1", 1}, {"1bit/s", 1}, {"1kbit/s", 1e3}, {"1Mbit/s", 1e6}, {"1Gbit/s", 1e9}};
    double value = 0;

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(sizes); i++)
        assert_true(bytes_of(sizes[i].text) == sizes[i].bytes);
    for (size_t i = 0; i < VMS_LENGTH(seconds); i++) {
        assert_int_equal(units_parse_seconds(seconds[i].text, &value, NULL), 0);
        assert_true(value == seconds[i].value);
    }
    for (size_t i = 0; i < VMS_LENGTH(rates); i++) {
        assert_int_equal(units_parse_rate(rates[i].text, &value, NULL), 0);
        assert_true(value == rates[i].value);
    }
}

static void bytes__refused(void **state) {
    static const char *const bad[] = {"",
                                      "KiB",
                                      "-1",
                                      "+1",
                                      "1.5",
                                      "1.",
                                      ".5KiB",
                                      "1e3",
                                      "1 ",
                                      " 1",
                                      "1kb",
                                      "1KB",
                                      "1k",
                                      "0.1KiB",
                                      "1KiBx",
                                      "0x10",
                                      "inf",
                                      "18446744073709551616",
                                      "1.5B",
                                      "17000000TiB",
                                      "1,5MB",
                                      "1 2",
                                      "1.00000000000000000000001TiB"};
    struct vms_error of_line = {""};
    uint64_t bytes_of_line;

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(bad); i++) {
        struct vms_error error = {""};
        uint64_t bytes = 77;

        assert_int_equal(units_parse_bytes(bad[i], &bytes, &error), -EINVAL);
        assert_int_equal(bytes, 77);
        assert_non_null(strstr(error.text, bad[i]));
    }
    assert_int_equal(units_parse_bytes("1\n", &bytes_of_line, &of_line), -EINVAL);
    assert_non_null(strstr(of_line.text, "\"1\\x0a\""));
}

static void bytes__format(void **state) {
    static const struct {
        uint64_t bytes;
        const char *text;
    } cases[] = {{0, "0"},
                 {512, "512"},
                 {1000, "1kB"},
                 {1024, "1KiB"},
                 {65536, "64KiB"},
                 {4000000, "4MB"},
                 {1048576, "1MiB"},
                 {1500, "1500"},
                 {1024000, "1024kB"},
                 {1, "1"},
                 {UINT64_MAX, "18446744073709551615"},
                 {UINT64_C(3) << 40, "3TiB"}};
    char text[UNITS_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(cases); i++) {
        units_format_bytes(cases[i].bytes, text);
        assert_string_equal(text, cases[i].text);
        assert_int_equal(bytes_of(text), cases[i].bytes);
    }
}

static void bytes__round_trip(void **state) {
    uint64_t bytes = 88172645463325252;
    char text[UNITS_TEXT_SIZE];

    (void)state;
    for (int i = 0; i < 5000; i++) {
        bytes ^= bytes << 13; /* xorshift64, Marsaglia 2003 */
        bytes ^= bytes >> 7;
        bytes ^= bytes << 17;
        units_format_bytes(bytes >> (i % 64), text);
        assert_true(bytes_of(text) == bytes >> (i % 64));
    }
}

static void count__good_and_bad(void **state) {
    static const char *const bad[] = {"", "-1", "1.0", "1k", "1e3", " 1", "18446744073709551616", "twelve"};
    uint64_t count = 77;

    (void)state;
    assert_int_equal(units_parse_count("18446744073709551615", &count, NULL), 0);
    assert_true(count == UINT64_MAX);
    assert_int_equal(units_parse_count("012", &count, NULL), 0);
    assert_int_equal(count, 12);
    for (size_t i = 0; i < VMS_LENGTH(bad); i++)
        assert_int_equal(units_parse_count(bad[i], &count, NULL), -EINVAL);
    assert_int_equal(count, 12);
}

static void seconds__good_and_bad(void **state) {
    static const struct {
        const char *text;
        double seconds;
    } good[] = {{"10", 10},    {"10s", 10},  {"250ms", 0.25}, {"0.1", 0.1},   {"5 us", 5e-6}, {"3ns", 3e-9},
                {"2min", 120}, {"1h", 3600}, {"1.5h", 5400},  {"1e-3", 1e-3}, {"0", 0},       {"100ms", 0.1}};
    static const char *const bad[] = {"",      "-1", "inf", "nan", "1d", "10m", "0x1p3", "s",
                                      "1e999", ".",  "1 ",  "1s ", "1S", "1e",  "1,5"};
    double seconds = 77;

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(good); i++) {
        assert_int_equal(units_parse_seconds(good[i].text, &seconds, NULL), 0);
        assert_true(seconds == good[i].seconds);
    }
    seconds = 77;
    for (size_t i = 0; i < VMS_LENGTH(bad); i++)
        assert_int_equal(units_parse_seconds(bad[i], &seconds, NULL), -EINVAL);
    assert_true(seconds == 77);
}

static void seconds__format(void **state) {
    static const struct {
        double seconds;
        const char *text;
    } cases[] = {{0, "0"},       {10, "10s"},        {0.25, "250ms"},    {1.5, "1.5s"},
                 {0.1, "100ms"}, {1e-6, "1us"},      {3e-9, "3ns"},      {7200, "2h"},
                 {60, "60s"},    {1e-12, "0.001ns"}, {1234.5, "1234.5s"}};
    char text[UNITS_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(cases); i++) {
        units_format_seconds(cases[i].seconds, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void reals__round_trip(void **state) {
    static const double values[] = {
        1.0 / 3,   1e-300,         1.7976931348623157e308, 4.9e-324, 123456789.123456789,
        0.1 + 0.2, 2.0 / 7 * 1e-5, 999.9999999999999,      1e22,     1e23};
    char text[UNITS_TEXT_SIZE];
    double back;

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(values); i++) {
        units_format_seconds(values[i], text);
        assert_int_equal(units_parse_seconds(text, &back, NULL), 0);
        assert_true(back == values[i]);
        units_format_rate(values[i], text);
        assert_int_equal(units_parse_rate(text, &back, NULL), 0);
        assert_true(back == values[i]);
    }
}

static void rate__both_ways(void **state) {
    static const struct {
        double rate;
        const char *text;
    } cases[] = {{0, "0"},      {1e8, "100Mbit/s"},  {1e9, "1Gbit/s"}, {64000, "64kbit/s"},
                 {5, "5bit/s"}, {2.5e9, "2.5Gbit/s"}};
    char text[UNITS_TEXT_SIZE];
    double rate;

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(cases); i++) {
        units_format_rate(cases[i].rate, text);
        assert_string_equal(text, cases[i].text);
        assert_int_equal(units_parse_rate(text, &rate, NULL), 0);
        assert_true(rate == cases[i].rate);
    }
    assert_int_equal(units_parse_rate("100", &rate, NULL), 0);
    assert_true(rate == 100);
    assert_int_equal(units_parse_rate("100MB/s", &rate, NULL), -EINVAL);
    assert_int_equal(units_parse_rate("100mbit/s", &rate, NULL), -EINVAL);
}

static void names__both_ways(void **state) {
    enum vms_unit unit;

    (void)state;
    for (int i = VMS_BYTES_PER_SECOND; i <= VMS_RATIO; i++) {
        assert_int_equal(units_from_name(units_name((enum vms_unit)i), &unit), 0);
        assert_int_equal(unit, i);
    }
    assert_int_equal(units_from_name("MB/s", &unit), -EINVAL);
}

static void value__for_people(void **state) {
    static const struct {
        double value;
        enum vms_unit unit;
        const char *text;
    } cases[] = {{312.4e6, VMS_BYTES_PER_SECOND, "312.4 MB/s"},
                 {1.2342e-6, VMS_UNIT_SECONDS, "1.234 us"},
                 {34112.5, VMS_PER_SECOND, "34.11 k/s"},
                 {218.30e6, VMS_FLOP_PER_SECOND, "218.3 Mflop/s"},
                 {999.96e6, VMS_BITS_PER_SECOND, "1.000 Gbit/s"},
                 {0, VMS_BYTES_PER_SECOND, "0 B/s"},
                 {1, VMS_UNIT_SECONDS, "1.000 s"},
                 {12345, VMS_UNIT_SECONDS, "12345 s"},
                 {0.9999999, VMS_UNIT_SECONDS, "1.000 s"},
                 {0.5, VMS_BITS_PER_SECOND, "0.5000 bit/s"},
                 {-2500, VMS_BYTES_PER_SECOND, "-2.500 kB/s"},
                 {0.0012, VMS_RATIO, "0.0012"},
                 {123456, VMS_RATIO, "123456"},
                 {12345.5, VMS_RATIO, "12346"},
                 {0.0005, VMS_BITS_PER_SECOND, "0.0005000 bit/s"},
                 {3e-13, VMS_BYTES_PER_SECOND, "3.000e-13 B/s"},
                 {-3e-15, VMS_UNIT_SECONDS, "-3.000e-06 ns"},
                 {(double)NAN, VMS_RATIO, "n/a"}};
    char text[UNITS_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(cases); i++) {
        units_format_value(cases[i].value, cases[i].unit, text);
        assert_string_equal(text, cases[i].text);
    }
    units_format_value(1.7976931348623157e308, VMS_BYTES_PER_SECOND, text);
    assert_string_equal(text, "1.798e+296 TB/s");
}

/* No figure for people has an exponent. */
static void number__without_exponent(void **state) {
    static const struct {
        double number;
        int digits;
        const char *text;
    } cases[] = {{0.5, 2, "0.5"},          {12.34, 3, "12.3"},       {99.4, 2, "99"},   {99.6, 2, "100"},
                 {137.2, 2, "137"},        {-1234.4, 3, "-1234"},    {999.4, 3, "999"}, {999.6, 3, "1000"},
                 {2.4e9, 6, "2400000000"}, {999999.7, 6, "1000000"}, {0, 3, "0"},       {1e16, 3, "1e+16"}};
    char text[UNITS_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(cases); i++) {
        units_format_number(cases[i].number, cases[i].digits, text);
        assert_string_equal(text, cases[i].text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes__good),
        cmocka_unit_test(units__all),
        cmocka_unit_test(bytes__refused),
        cmocka_unit_test(bytes__format),
        cmocka_unit_test(bytes__round_trip),
        cmocka_unit_test(count__good_and_bad),
        cmocka_unit_test(seconds__good_and_bad),
        cmocka_unit_test(seconds__format),
        cmocka_unit_test(reals__round_trip),
        cmocka_unit_test(rate__both_ways),
        cmocka_unit_test(names__both_ways),
        cmocka_unit_test(value__for_people),
        cmocka_unit_test(number__without_exponent),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
