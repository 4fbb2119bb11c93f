/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/terminal.h"
#include "unit/descriptors.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The format is checked as printf's is, and what it gives without foreign texts is what printf gives. */
#define CHECK_SAME(...)                                                                                      \
    do {                                                                                                     \
        cleanup_free char *ours = NULL, *theirs = NULL;                                                      \
        size_t size;                                                                                         \
        FILE *file = open_memstream(&ours, &size);                                                           \
                                                                                                             \
        terminal_print(file, __VA_ARGS__);                                                                   \
        (void)fclose(file);                                                                                  \
        assert_true(asprintf(&theirs, __VA_ARGS__) >= 0);                                                    \
        assert_string_equal(ours, theirs);                                                                   \
    } while (0)

static void terminal_print__as_printf(void **state) {
    (void)state;
    CHECK_SAME("plain\n\033[1m 100%%\n");
    CHECK_SAME("%s|%10s|%-10s|%.2s|%*s|%-*s|%.*s|", "a", "b", "c", "def", 4, "g", -5, "h", 2, "ijk");
    CHECK_SAME("%d %5d %-5d| %05d %+d %i", 1, -2, 3, 4, 5, 6);
    CHECK_SAME("%u %x %X %#o %c %c", 1U, 255U, 255U, 8U, 'x', 'y');
    CHECK_SAME("%ld %lu %lld %llu %zu %jd %ju", -1L, 2UL, -3LL, 4ULL, (size_t)5, (intmax_t)-6, (uintmax_t)7);
    CHECK_SAME("%" PRIu64 " %" PRId64, UINT64_MAX, INT64_MIN);
    CHECK_SAME("%.0s|%.*s|%.1s", "abc", 0, "def", "ghi");
    CHECK_SAME("%40s|%-70s|%-*s|%1s|%33.2s|%.3s", "a", "b", 64, "c", "wider", "cut", "abc\x1b");
    CHECK_SAME("%.3f %g %10.4g %-12e| %+.2f%% %.0f", 1.5, 2.25, 3.0, 4.0, -0.5, 12.0);
}

static void terminal_print__escapes_arguments(void **state) {
    cleanup_free char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    (void)state;
    terminal_print(file, "%s: %-8s|%.2s\n", "a\x1b[31m", "b\n",
                   "\xc2\x9b"
                   "c");
    (void)fclose(file);
    assert_string_equal(text, "a\\x1b[31m: b\\x0a   |\\x9b\n");
}

/* Tables stand below each other in columns, not in bytes. */
static void terminal_print__fills_up_columns(void **state) {
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {"plain", "|plain     |     plain|"},
        {"n\xc3\xa4he", "|n\xc3\xa4he      |      n\xc3\xa4he|"},
        {"e\xcc\x81t\xc3\xa9", "|e\xcc\x81t\xc3\xa9       |       e\xcc\x81t\xc3\xa9|"},
        {"\xe8\x99\x9a\xe6\x8b\x9f", "|\xe8\x99\x9a\xe6\x8b\x9f      |      \xe8\x99\x9a\xe6\x8b\x9f|"},
        {"\xf0\x9f\x99\x82", "|\xf0\x9f\x99\x82        |        \xf0\x9f\x99\x82|"},
        {"\xff", "|\\xff      |      \\xff|"}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cleanup_free char *text = NULL;
        size_t size;
        FILE *file = open_memstream(&text, &size);

        terminal_print(file, "|%-10s|%10s|", rows[i].text, rows[i].text);
        (void)fclose(file);
        assert_string_equal(text, rows[i].expected);
    }
}

static void utf8_fit__ends_between_characters(void **state) {
    static const size_t expected[] = {0, 1, 1, 4, 8, 9};
    static const char text[] = "a\xe8\x99\x9a\xc3\xa4\xcc\x81"
                               "b";

    (void)state;
    for (size_t columns = 0; columns < sizeof(expected) / sizeof(expected[0]); columns++)
        assert_int_equal(utf8_fit(text, columns), expected[columns]);
    assert_int_equal(utf8_columns(text), 5);
}

static void error_set__is_fit_for_terminals_and_marks_a_cut(void **state) {
    struct vms_error error;
    char text[1000];

    (void)state;
    (void)error_set(&error, -1, "no \"%s\"", "x\x1b]0;title\a\nvmsuite: fine");
    assert_string_equal(error.text, "no \"x\\x1b]0;title\\x07\\x0avmsuite: fine\"");
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    (void)error_set(&error, -1, "%s", text);
    assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
    assert_string_equal(error.text + sizeof(error.text) - 5, "x...");
    text[sizeof(error.text)] = '\0'; /* one byte too many */
    (void)error_set(&error, -1, "%s", text);
    assert_string_equal(error.text + sizeof(error.text) - 5, "x...");
    text[sizeof(error.text) - 1] = '\0';
    (void)error_set(&error, -1, "%s", text);
    assert_string_equal(error.text + sizeof(error.text) - 5, "xxxx");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(terminal_print__as_printf),
        cmocka_unit_test(terminal_print__escapes_arguments),
        cmocka_unit_test(terminal_print__fills_up_columns),
        cmocka_unit_test(utf8_fit__ends_between_characters),
        cmocka_unit_test(error_set__is_fit_for_terminals_and_marks_a_cut),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
