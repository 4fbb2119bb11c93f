/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a trial's exchanges of time stamps with the peer said, as JSON, and back. */
#include "record/write/record_clock.h"

#include "base/error.h"
#include "record/value.h"

#include <errno.h>
#include <math.h>

/* Everything but the number of exchanges, which has another type. */
#define FIGURES(each)                                                                                        \
    each(delay_s), each(offset_s), each(offset_bound_s), each(rate_ppm), each(rate_bound_ppm), each(step_s)
#define KEY(name) #name
#define OFFSET(name) offsetof(struct clock_offset, name)

const char *const record_clock_keys[RECORD_CLOCK_KEYS] = {"exchanges", FIGURES(KEY)};
static const size_t offsets[] = {0, FIGURES(OFFSET)};
_Static_assert(VMS_LENGTH(offsets) == RECORD_CLOCK_KEYS, "each key has its figure");

double record_clock_figure(const struct clock_offset *clock, size_t index) {
    return index == 0 ? (double)clock->n
                      : *(const double *)(const void *)((const char *)clock + offsets[index]);
}

static double *figure_of(struct clock_offset *clock, size_t index) {
    return (double *)(void *)((char *)clock + offsets[index]);
}

json_t *record_clock(const struct clock_offset *clock) {
    json_t *json;
    int failed = 0;

    if (clock->n == 0)
        return json_null();
    json = json_object();
    failed |= value_set(json, record_clock_keys[0], json_integer((json_int_t)clock->n));
    for (size_t i = 1; i < RECORD_CLOCK_KEYS; i++)
        failed |= value_set(json, record_clock_keys[i], value_number(record_clock_figure(clock, i)));
    return value_finish(json, failed);
}

int record_read_clock(const json_t *json, struct clock_offset *ret_clock, struct vms_error *error) {
    struct clock_offset clock = {0};

    if (!json || json_is_null(json)) { /* journals of older versions have none */
        *ret_clock = clock;
        return 0;
    }
    clock.n = (size_t)json_integer_value(json_object_get(json, "exchanges"));
    if (clock.n == 0)
        return error_set(error, -EINVAL, "\"exchanges\" of a clock must be a whole number from 1");
    for (size_t i = 1; i < RECORD_CLOCK_KEYS; i++) {
        const json_t *number = json_object_get(json, record_clock_keys[i]);

        if (!json_is_number(number) && !json_is_null(number))
            return error_set(error, -EINVAL, "\"%s\" of a clock must be a number or null",
                             record_clock_keys[i]);
        *figure_of(&clock, i) = json_is_null(number) ? NAN : json_number_value(number);
    }
    *ret_clock = clock;
    return 0;
}

void record_scan_clock(struct scan *scan, struct clock_offset *ret_clock) {
    struct scan_object object = SCAN_OBJECT(record_clock_keys);
    int member;

    *ret_clock = (struct clock_offset){0};
    for (size_t i = 1; i < RECORD_CLOCK_KEYS; i++)
        *figure_of(ret_clock, i) = NAN;
    scan_enter_object(scan);
    while ((member = scan_member(scan, &object)) >= 0)
        if (member == 0)
            ret_clock->n = scan_unsigned(scan);
        else
            *figure_of(ret_clock, (size_t)member) = scan_number_or_null(scan);
}
