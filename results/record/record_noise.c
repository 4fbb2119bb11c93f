/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/record_noise.h"

#include "record/value.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *key;
    size_t offset;
} figures[] = {
    {"steal", offsetof(struct noise, steal)},
    {"other_load", offsetof(struct noise, other_load)},
    {"involuntary_switches", offsetof(struct noise, involuntary_switches)},
    {"major_faults", offsetof(struct noise, major_faults)},
    {"stall_cpu", offsetof(struct noise, stall_cpu)},
    {"stall_memory", offsetof(struct noise, stall_memory)},
    {"stall_io", offsetof(struct noise, stall_io)},
    {"other_io", offsetof(struct noise, other_io)},
    {"frequency_change", offsetof(struct noise, frequency_change)},
    {"throttles", offsetof(struct noise, throttles)},
    {"cost_s", offsetof(struct noise, cost_s)},
};

json_t *record_flags(uint32_t flags) {
    json_t *array = json_array();
    int failed = 0;

    for (uint32_t flag = 1; flag; flag <<= 1)
        if (flags & flag)
            failed |= json_array_append_new(array, value_text(outcome_flag_name(flag)));
    return value_finish(array, failed);
}

uint32_t record_read_flags(const json_t *names) {
    uint32_t flags = 0;
    const json_t *name;
    size_t index;

    json_array_foreach (names, index, name) {
        for (uint32_t flag = 1; json_is_string(name) && flag; flag <<= 1) {
            const char *known = outcome_flag_name(flag);

            if (known && strcmp(known, json_string_value(name)) == 0)
                flags |= flag;
        }
    }
    return flags;
}

json_t *record_noise(const struct noise *noise) {
    json_t *json = json_object();
    int failed = 0;

    for (size_t i = 0; i < VMS_LENGTH(figures); i++) {
        double figure = *(const double *)((const char *)noise + figures[i].offset);

        failed |= value_set(json, figures[i].key, value_number(figure));
    }
    return value_finish(json, failed);
}

void record_read_noise(const json_t *json, struct noise *ret_noise) {
    for (size_t i = 0; i < VMS_LENGTH(figures); i++) {
        const json_t *figure = json_object_get(json, figures[i].key);

        *(double *)((char *)ret_noise + figures[i].offset) =
            json_is_number(figure) ? json_number_value(figure) : NAN;
    }
}
