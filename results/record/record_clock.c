/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a trial's exchanges of time stamps with the peer said, as JSON, and back. */
#include "record/record_clock.h"

#include "base/error.h"
#include "record/value.h"

#include <errno.h>
#include <math.h>

/* Everything but the number of exchanges, which has another type. */
struct clock_field {
    const char *key;
    size_t offset;
};

#define FIELD(name)                                                                                          \
    { #name, offsetof(struct clock_offset, name) }

static const struct clock_field fields[] = {
    FIELD(delay_s),  FIELD(offset_s),       FIELD(offset_bound_s),
    FIELD(rate_ppm), FIELD(rate_bound_ppm), FIELD(step_s),
};

json_t *record_clock(const struct clock_offset *clock) {
    json_t *json;
    int failed = 0;

    if (clock->n == 0)
        return json_null();
    json = json_object();
    failed |= value_set(json, "exchanges", json_integer((json_int_t)clock->n));
    for (size_t i = 0; i < VMS_LENGTH(fields); i++)
        failed |=
            value_set(json, fields[i].key,
                      value_number(*(const double *)(const void *)((const char *)clock + fields[i].offset)));
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
        return error_set(error, -EINVAL, "\"exchanges\" of a clock has to be a whole number from 1");
    for (size_t i = 0; i < VMS_LENGTH(fields); i++) {
        const json_t *number = json_object_get(json, fields[i].key);

        if (!json_is_number(number) && !json_is_null(number))
            return error_set(error, -EINVAL, "\"%s\" of a clock has to be a number or null", fields[i].key);
        *(double *)(void *)((char *)&clock + fields[i].offset) =
            json_is_null(number) ? NAN : json_number_value(number);
    }
    *ret_clock = clock;
    return 0;
}
