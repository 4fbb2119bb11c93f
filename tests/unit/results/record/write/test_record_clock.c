/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/write/record_clock.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct clock_offset example = {.n = 31,
                                            .delay_s = 0.0001,
                                            .offset_s = -0.25,
                                            .offset_bound_s = 0.00005,
                                            .rate_ppm = 1.0 / 3,
                                            .rate_bound_ppm = NAN,
                                            .step_s = 0};

static void record_clock__there_and_back(void **state) {
    json_t *json = record_clock(&example);
    struct clock_offset clock = {0};

    (void)state;
    assert_true(json_is_null(json_object_get(json, "rate_bound_ppm")));
    assert_int_equal(record_read_clock(json, &clock, NULL), 0);
    assert_int_equal(clock.n, 31);
    assert_true(clock.delay_s == example.delay_s && clock.offset_s == example.offset_s);
    assert_true(clock.rate_ppm == example.rate_ppm && isnan(clock.rate_bound_ppm));
    json_decref(json);
}

static void record_clock__none(void **state) {
    const struct clock_offset none = {0};
    struct clock_offset clock = example;
    json_t *json = record_clock(&none);

    (void)state;
    assert_true(json_is_null(json));
    assert_int_equal(record_read_clock(json, &clock, NULL), 0);
    assert_int_equal(clock.n, 0);
}

static void record_clock__refused(void **state) {
    json_t *json = record_clock(&example);
    struct clock_offset clock = {.n = 5};
    struct vms_error error;

    (void)state;
    (void)json_object_set_new(json, "rate_ppm", json_string("fast"));
    assert_int_equal(record_read_clock(json, &clock, &error), -EINVAL);
    assert_string_equal(error.text, "\"rate_ppm\" of a clock must be a number or null");
    (void)json_object_del(json, "exchanges");
    assert_int_equal(record_read_clock(json, &clock, &error), -EINVAL);
    assert_int_equal(clock.n, 5);
    json_decref(json);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(record_clock__there_and_back),
        cmocka_unit_test(record_clock__none),
        cmocka_unit_test(record_clock__refused),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
