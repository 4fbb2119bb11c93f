/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Goals as users write them. */
#include "documents/goal.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static double read_find(const char *text) {
    struct vms_error error;
    double find = NAN;

    assert_int_equal(goal_parse_find(text, &find, &error), 0);
    return exp(find);
}

static void goal__reads_per_cent_and_factors(void **state) {
    (void)state;
    assert_float_equal(read_find("5%"), 1 / 0.95, 1e-12); /* of the speed is lost */
    assert_float_equal(read_find("0.5%"), 1 / 0.995, 1e-12);
    assert_float_equal(read_find("50%"), 2, 1e-12);
    assert_float_equal(read_find("1.5"), 1.5, 1e-12);
    assert_float_equal(read_find("1.5x"), 1.5, 1e-12);
    assert_float_equal(read_find("2"), 2, 1e-12);
}

static void goal__refuses_what_is_no_difference(void **state) {
    static const char *const texts[] = {"",      "%",    "x",     "5 %",   "-5%",    "+5%", "0%",  "1",
                                        "0.05",  "0.9x", "nan",   "inf",   "1e999x", "5%%", " 5%", "5%x",
                                        "0.01%", "1.5y", "0x10%", "0x1.8", "100%",   "150%"};
    double find = 7;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct vms_error error = {""};

        if (goal_parse_find(texts[i], &find, &error) != -EINVAL)
            fail_msg("\"%s\" was taken", texts[i]);
        assert_non_null(strstr(error.text, "such as \"5%\""));
    }
    assert_float_equal(find, 7, 0);
}

static void goal__names_the_option(void **state) {
    struct goal goal = {0};
    struct vms_error error;

    (void)state;
    assert_int_equal(goal_parse(NULL, NULL, &goal, &error), 0);
    assert_false(goal_is_set(&goal));
    assert_int_equal(goal_parse("5%", "2min", &goal, &error), 0);
    assert_true(goal_is_set(&goal));
    assert_float_equal(goal.budget_s, 120, 0);
    assert_int_equal(goal_parse("much", NULL, &goal, &error), -EINVAL);
    assert_non_null(strstr(error.text, "--find much: must be"));
    assert_int_equal(goal_parse(NULL, "0s", &goal, &error), -EINVAL);
    assert_non_null(strstr(error.text, "--budget 0s: must be a time above 0"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goal__reads_per_cent_and_factors),
        cmocka_unit_test(goal__refuses_what_is_no_difference),
        cmocka_unit_test(goal__names_the_option),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
