/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/cpus.h"
#include "unit/descriptors.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const wrong[] = {"",     ",",    "0,", ",0", "0-",  "-1",    "3-1",
                                    "0--1", "0- 1", "0 ", "a",  "0;1", "0-3-5", "99999999999999999999",
                                    NULL};

static void parse__reads_lists(void **state) {
    cpu_set_t set;

    (void)state;
    assert_int_equal(cpus_parse("0-3,8", &set, NULL), 0);
    assert_int_equal(CPU_COUNT(&set), 5);
    assert_true(CPU_ISSET(3, &set) && CPU_ISSET(8, &set) && !CPU_ISSET(4, &set));
    assert_int_equal(cpus_parse("7", &set, NULL), 0);
    assert_int_equal(CPU_COUNT(&set), 1);
}

static void parse__refuses_what_is_no_list(void **state) {
    cpu_set_t set;
    int64_t count;

    (void)state;
    for (size_t i = 0; wrong[i]; i++) {
        struct vms_error error = {""};

        assert_int_equal(cpus_parse(wrong[i], &set, &error), -EINVAL);
        assert_non_null(strstr(error.text, "is not a list of processors"));
        assert_int_equal(cpus_count(wrong[i], &count), -EINVAL);
    }
    assert_int_equal(cpus_parse("1024", &set, NULL), -EINVAL); /* beyond what a set can hold */
}

static void count__is_not_bounded_by_a_set(void **state) {
    int64_t count;

    (void)state;
    assert_int_equal(cpus_count("0-3,8", &count), 0);
    assert_int_equal(count, 5);
    assert_int_equal(cpus_count("0-2047,4000", &count), 0);
    assert_int_equal(count, 2049);
}

static void format__reads_back(void **state) {
    static const char *const lists[] = {"0", "0-3,8", "1023", "0,2,4-5", "0-1023"};
    cpu_set_t set;

    (void)state;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        char *text;

        assert_int_equal(cpus_parse(lists[i], &set, NULL), 0);
        text = cpus_format(&set, sizeof(set));
        assert_non_null(text);
        assert_string_equal(text, lists[i]);
        free(text);
    }
    CPU_ZERO(&set);
    {
        char *text = cpus_format(&set, sizeof(set));

        assert_string_equal(text, "");
        free(text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse__reads_lists),
        cmocka_unit_test(parse__refuses_what_is_no_list),
        cmocka_unit_test(count__is_not_bounded_by_a_set),
        cmocka_unit_test(format__reads_back),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
