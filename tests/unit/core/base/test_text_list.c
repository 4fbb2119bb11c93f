/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names in a text, each once: none is taken for another that it begins or ends. */
#include "base/text_list.h"

#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void add__each_name_once(void **state) {
    static const struct {
        const char *name, *list;
    } rows[] = {{"e1000e", "e1000e"},
                {"e1000e", "e1000e"},
                {"e1000", "e1000e, e1000"},
                {"1000", "e1000e, e1000, 1000"},
                {"x", "e1000e, e1000, 1000, x"},
                {"e1000", "e1000e, e1000, 1000, x"},
                {"x", "e1000e, e1000, 1000, x"},
                {"xy", "e1000e, e1000, 1000, x, xy"},
                {"y", "e1000e, e1000, 1000, x, xy, y"},
                {"e1000e", "e1000e, e1000, 1000, x, xy, y"},
                {"xy", "e1000e, e1000, 1000, x, xy, y"}};
    char *list = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(text_list_add(&list, rows[i].name), 0);
        assert_string_equal(list, rows[i].list);
    }
    free(list);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(add__each_name_once),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
