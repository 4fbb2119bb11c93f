/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/label.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void label_new__is_what_the_suite_sweeps(void **state) {
    json_t *outcome =
        json_loads("{\"group\": \"g\", \"params\": {\"a\": 1, \"b\": \"x\", \"c\": 0.5}}", 0, NULL);
    json_t *suite =
        json_loads("{\"benchmarks\": [{\"group\": \"g\", \"params\": {\"a\": [1, 2], \"b\": \"x\"}},"
                   " {\"group\": \"g\", \"params\": {\"a\": [1, 2], \"b\": \"x\", \"c\": 0.5}},"
                   " {\"group\": \"h\", \"params\": {\"b\": [\"x\", \"y\"]}}]}",
                   0, NULL);
    char *label = label_new(suite, outcome);

    (void)state;
    assert_string_equal(label, "g a=1 c=0.5");
    free(label);
    label = label_new(NULL, outcome);
    assert_string_equal(label, "g a=1 b=x c=0.5");
    free(label);
    json_decref(outcome);
    json_decref(suite);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(label_new__is_what_the_suite_sweeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
