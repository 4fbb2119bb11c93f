/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/write/record_noise.h"

#include "record/value.h"

#include <math.h>
#include <string.h>

#define FIGURES(each)                                                                                        \
    each(steal), each(other_load), each(involuntary_switches), each(major_faults), each(stall_cpu),          \
        each(stall_memory), each(stall_io), each(other_io), each(frequency_change), each(throttles),         \
        each(throttled_periods), each(cost_s)
#define KEY(name) #name
#define OFFSET(name) offsetof(struct noise, name)

const char *const record_noise_keys[RECORD_NOISE_KEYS] = {FIGURES(KEY)};
static const size_t offsets[] = {FIGURES(OFFSET)};
_Static_assert(VMS_LENGTH(offsets) == RECORD_NOISE_KEYS, "each key has its figure");

double record_noise_figure(const struct noise *noise, size_t index) {
    return *(const double *)(const void *)((const char *)noise + offsets[index]);
}

static double *figure_of(struct noise *noise, size_t index) {
    return (double *)(void *)((char *)noise + offsets[index]);
}

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

    for (size_t i = 0; i < RECORD_NOISE_KEYS; i++)
        failed |= value_set(json, record_noise_keys[i], value_number(record_noise_figure(noise, i)));
    return value_finish(json, failed);
}

void record_read_noise(const json_t *json, struct noise *ret_noise) {
    for (size_t i = 0; i < RECORD_NOISE_KEYS; i++) {
        const json_t *figure = json_object_get(json, record_noise_keys[i]);

        *figure_of(ret_noise, i) = json_is_number(figure) ? json_number_value(figure) : NAN;
    }
}

void record_scan_noise(struct scan *scan, struct noise *ret_noise) {
    struct scan_object object = SCAN_OBJECT(record_noise_keys);
    int member;

    for (size_t i = 0; i < RECORD_NOISE_KEYS; i++)
        *figure_of(ret_noise, i) = NAN;
    scan_enter_object(scan);
    while ((member = scan_member(scan, &object)) >= 0)
        *figure_of(ret_noise, (size_t)member) = scan_number_or_null(scan);
}
