/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/value.h"

#include "base/cleanup.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define WHOLE_MAX (UINT64_C(1) << 53)

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */

json_t *value_number(double number) {
    return isfinite(number) ? json_real(number) : json_null();
}

json_t *value_whole(uint64_t number) {
    char text[24];

    if (number <= WHOLE_MAX)
        return json_integer((json_int_t)number);
    (void)snprintf(text, sizeof(text), "%" PRIu64, number);
    return json_string(text);
}

int value_read_whole(const json_t *json, uint64_t *ret_number) {
    const char *text = json_string_value(json);
    char *end = NULL;
    uint64_t number;

    if (json_is_integer(json) && json_integer_value(json) >= 0) {
        *ret_number = (uint64_t)json_integer_value(json);
        return 0;
    }
    if (!text || *text < '0' || *text > '9')
        return -EINVAL;
    errno = 0;
    number = strtoull(text, &end, 10);
    if (errno != 0 || *end != '\0')
        return -EINVAL;
    *ret_number = number;
    return 0;
}

json_t *value_text(const char *text) {
    cleanup_free char *clean = NULL;
    size_t used = 0;

    if (!text)
        return json_null();
    clean = malloc(3 * strlen(text) + 1);
    if (!clean)
        return NULL;
    while (*text) {
        uint32_t character;
        size_t length = utf8_read(text, &character);

        memcpy(clean + used, length ? text : replacement, length ? length : 3);
        used += length ? length : 3;
        text += length ? length : 1;
    }
    clean[used] = '\0';
    return json_string_nocheck(clean);
}

json_t *value_param(const struct vms_param *param, const union vms_value *value) {
    switch (param->kind) {
    case VMS_COUNT:
        return value_whole(value->count);
    case VMS_BYTES:
        return value_whole(value->bytes);
    case VMS_SECONDS:
        return value_number(value->seconds);
    case VMS_RATE:
        return value_number(value->rate);
    case VMS_BOOLEAN:
        return json_boolean(value->boolean);
    case VMS_CHOICE:
        return value_text(param->choices[value->choice]);
    case VMS_TEXT:
        return value_text(value->text);
    }
    return NULL;
}

int value_set(json_t *object, const char *key, json_t *value) {
    return json_object_set_new(object, key, value);
}

json_t *value_finish(json_t *object, int failed) {
    if (!failed)
        return object;
    json_decref(object);
    return NULL;
}

/* The place of `name` in a list with gaps perhaps, or -EINVAL. */
static int find_name(const char *const *names, size_t n_names, const char *name) {
    for (size_t i = 0; i < n_names; i++)
        if (names[i] && strcmp(names[i], name) == 0)
            return (int)i;
    return -EINVAL;
}

/* The two functions of an enumeration whose names are in `names`. */
#define NAMED(type, word, names)                                                                             \
    const char *value_##word##_name(enum type word) {                                                        \
        return names[word];                                                                                  \
    }                                                                                                        \
    int value_##word##_from_name(const char *name, enum type *ret_##word) {                                  \
        int place = find_name(names, VMS_LENGTH(names), name);                                               \
                                                                                                             \
        if (place < 0)                                                                                       \
            return place;                                                                                    \
        *ret_##word = (enum type)place;                                                                      \
        return 0;                                                                                            \
    }

static const char *const resources[] = {
    [VMS_NETWORK] = "network", [VMS_MEMORY] = "memory", [VMS_DISK] = "disk", [VMS_CPU] = "cpu"};
static const char *const betters[] = {
    [VMS_HIGHER] = "higher", [VMS_LOWER] = "lower", [VMS_NEITHER] = "neither"};
static const char *const sides[] = {
    [VMS_LOCAL] = "local", [VMS_SENDER] = "sender", [VMS_RECEIVER] = "receiver"};
static const char *const shapes[] = {[VMS_SCALAR] = "scalar", [VMS_DISTRIBUTION] = "distribution"};

NAMED(vms_resource, resource, resources)
NAMED(vms_better, better, betters)
NAMED(vms_side, side, sides)
NAMED(vms_shape, shape, shapes)

json_t *value_interval(const double interval[2]) {
    if (!isfinite(interval[0]) || !isfinite(interval[1]))
        return json_null();
    return json_pack("[f, f]", interval[0], interval[1]);
}
