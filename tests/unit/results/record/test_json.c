/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/json.h"

#include "base/cleanup.h"
#include "record/text/json_writer.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void json_write__ends_in_a_newline_and_keeps_each_number(void **state) {
    json_auto_t *json = json_pack("{s:f}", "share", 1.0 / 3);
    cleanup_free char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    (void)state;
    assert_non_null(file);
    assert_int_equal(json_write(file, json), 0);
    assert_int_equal(fclose(file), 0);
    assert_string_equal(text, "{\n  \"share\": 0.3333333333333333\n}\n");
}

/* A file without a buffer, so that the disk is full at once. */
static void json_write__fails_where_the_disk_is_full(void **state) {
    json_auto_t *json = json_pack("{s:i}", "cases", 1);
    cleanup_fclose FILE *file = fopen("/dev/full", "we");

    (void)state;
    assert_non_null(file);
    assert_int_equal(setvbuf(file, NULL, _IONBF, 0), 0);
    assert_int_equal(json_write(file, json), -EIO);
    assert_int_equal(errno, ENOSPC);
}

#define DOCUMENT                                                                                             \
    "{\n  \"a\": [],\n  \"b\": {},\n  \"c\": [\n    1,\n    [\n      0.2,\n      null\n    ],\n    "         \
    "{\n      \"\\\"\\\\/\\n\\u0001\": \"\xc3\xa4\"\n    }\n  ],\n  \"d\": [\n    true,\n    "               \
    "false,\n    -7,\n    1.0,\n    1e-7,\n    1e300\n  ]\n}\n"

/* As Jansson lays a document out, but for the digits of its numbers. */
static void json_write__in_each_style(void **state) {
    json_auto_t *json = json_loads(DOCUMENT, 0, NULL), *emoji = json_string("\xf0\x9f\x99\x82 \xe2\x82\xac");
    cleanup_free char *document = NULL, *ascii = NULL, *line = json_line(json);
    size_t size;
    FILE *file = open_memstream(&document, &size);

    (void)state;
    assert_non_null(json);
    assert_int_equal(json_write(file, json), 0);
    assert_int_equal(fclose(file), 0);
    assert_string_equal(document, DOCUMENT);
    assert_string_equal(line,
                        "{\"a\":[],\"b\":{},\"c\":[1,[0.2,null],{\"\\\"\\\\/\\n\\u0001\":\"\xc3\xa4\"}],"
                        "\"d\":[true,false,-7,1.0,1e-7,1e300]}");
    file = open_memstream(&ascii, &size);
    assert_int_equal(json_write_line(file, emoji), 0);
    assert_int_equal(fclose(file), 0);
    assert_string_equal(ascii, "\"\\ud83d\\ude42 \\u20ac\"\n");
    assert_null(json_line(NULL));
}

static int end_at(const char *text, size_t length, void *left) {
    (void)text;
    *(size_t *)left -= length < *(size_t *)left ? length : *(size_t *)left;
    return *(size_t *)left == 0 ? -EPIPE : 0;
}

/* Wherever the reader ends, the writer does. */
static void json_put__ends_with_its_reader(void **state) {
    json_auto_t *json = json_loads(DOCUMENT, 0, NULL);

    (void)state;
    for (size_t most = 1; most < sizeof(DOCUMENT) - 1; most++) {
        size_t left = most;

        assert_int_equal(json_put(json, JSON_STYLE_DOCUMENT, end_at, &left), -EPIPE);
    }
}

static void json_canonical__is_the_same_for_equal_values(void **state) {
    json_auto_t *one = json_loads("{\"b\": [1, 2],\n \"a\": \"x\"}", 0, NULL);
    json_auto_t *other = json_loads("{\"a\":\"x\",\"b\":[1,2]}", 0, NULL);
    cleanup_free char *first = json_canonical(one), *second = json_canonical(other);

    (void)state;
    assert_string_equal(first, "{\"a\":\"x\",\"b\":[1,2]}");
    assert_string_equal(second, first);
    assert_null(json_canonical(NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_write__ends_in_a_newline_and_keeps_each_number),
        cmocka_unit_test(json_write__fails_where_the_disk_is_full),
        cmocka_unit_test(json_write__in_each_style),
        cmocka_unit_test(json_put__ends_with_its_reader),
        cmocka_unit_test(json_canonical__is_the_same_for_equal_values),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
