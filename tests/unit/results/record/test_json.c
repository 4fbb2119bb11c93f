/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/json.h"

#include "base/cleanup.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
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
    assert_string_equal(text, "{\n  \"share\": 0.33333333333333331\n}\n");
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
        cmocka_unit_test(json_canonical__is_the_same_for_equal_values),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
