/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "json/json_lines.h"

#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char text[] = "{\n"
                           "  \"a\": 1,\n"
                           "  \"list\": [\n"
                           "    {\"x\": \"}\\\"]\"},\n"
                           "    [true, null]\n"
                           "  ],\n"
                           "  \"a\": {\"a\": 2}\n"
                           "}\n";

static void find__lines_of_values(void **state) {
    struct json_lines lines;

    (void)state;
    assert_int_equal(json_lines_scan(text, &lines), 0);
    assert_int_equal(json_lines_find(&lines, "$"), 1);
    assert_int_equal(json_lines_find(&lines, "$.list"), 3);
    assert_int_equal(json_lines_find(&lines, "$.list[0].x"), 4);
    assert_int_equal(json_lines_find(&lines, "$.list[1][1]"), 5);
    assert_int_equal(json_lines_find(&lines, "$.a.a"), 7);
    json_lines_done(&lines);
}

/* Blanks and line feeds on both sides of what stands between. */
static void find__lines_whatever_the_spacing(void **state) {
    struct json_lines lines;

    (void)state;
    assert_int_equal(json_lines_scan("{\"a\" \n:\t{\"b\"\r\n: [1 \n, \n2]\n, \"c\" : 3}}", &lines), 0);
    assert_int_equal(json_lines_find(&lines, "$.a.b"), 3);
    assert_int_equal(json_lines_find(&lines, "$.a.b[1]"), 5);
    assert_int_equal(json_lines_find(&lines, "$.a.c"), 6);
    assert_int_equal(lines.n_lines, 6);
    json_lines_done(&lines);
}

static void find__absent_takes_nearest_around(void **state) {
    struct json_lines lines;

    (void)state;
    assert_int_equal(json_lines_scan(text, &lines), 0);
    assert_int_equal(json_lines_find(&lines, "$.list[0].missing"), 4);
    assert_int_equal(json_lines_find(&lines, "$.listing"), 1);
    json_lines_done(&lines);
}

static void scan__duplicates_within_one_object_only(void **state) {
    struct json_lines lines;
    int duplicates = 0;

    (void)state;
    assert_int_equal(json_lines_scan(text, &lines), 0);
    for (size_t i = 0; i < lines.n_lines; i++) {
        if (!lines.lines[i].duplicate)
            continue;
        duplicates++;
        assert_string_equal(lines.lines[i].path, "$.a");
        assert_int_equal(lines.lines[i].line, 7);
    }
    assert_int_equal(duplicates, 1);
    json_lines_done(&lines);
    /* Members of one name in two objects of one name. */
    assert_int_equal(json_lines_scan("{\"a\": {\"b\": 1},\n \"a\": {\"b\": 2}}", &lines), 0);
    for (size_t i = 0; i < lines.n_lines; i++)
        assert_int_equal(lines.lines[i].duplicate, i == 3);
    assert_int_equal(json_lines_find(&lines, "$.a.b"), 2);
    json_lines_done(&lines);
}

static void scan__long_paths_are_cut(void **state) {
    char long_text[2048];
    struct json_lines lines;

    (void)state;
    strcpy(long_text, "{\"");
    memset(long_text + 2, 'k', 1000);
    strcpy(long_text + 1002, "\": {\"inner\": 1, \"other\": 2}}");
    assert_int_equal(json_lines_scan(long_text, &lines), 0);
    assert_int_equal(lines.n_lines, 4);
    for (size_t i = 0; i < lines.n_lines; i++)
        assert_false(lines.lines[i].duplicate);
    json_lines_done(&lines);
}

/* Each of them is not held against all others: that would take hours. */
static void scan__many_members(void **state) {
    const size_t n = 400000;
    char *long_text = malloc(n * 20), *at = long_text;
    struct json_lines lines;
    size_t duplicates = 0;

    (void)state;
    assert_non_null(long_text);
    for (size_t i = 0; i < n; i++)
        at += sprintf(at, "%c\"m%zu\": 1\n", i ? ',' : '{', i == n - 1 ? 0 : i);
    (void)strcpy(at, "}");
    assert_int_equal(json_lines_scan(long_text, &lines), 0);
    assert_int_equal(lines.n_lines, n + 1);
    for (size_t i = 0; i < lines.n_lines; i++)
        duplicates += lines.lines[i].duplicate;
    assert_int_equal(duplicates, 1);
    assert_true(lines.lines[n].duplicate);
    for (size_t i = 1; i < n - 1; i++) {
        char path[32];

        (void)snprintf(path, sizeof(path), "$.m%zu", i);
        assert_int_equal(json_lines_find(&lines, path), i + 1);
    }
    json_lines_done(&lines);
    free(long_text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(find__lines_of_values),
        cmocka_unit_test(find__lines_whatever_the_spacing),
        cmocka_unit_test(find__absent_takes_nearest_around),
        cmocka_unit_test(scan__duplicates_within_one_object_only),
        cmocka_unit_test(scan__long_paths_are_cut),
        cmocka_unit_test(scan__many_members),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
