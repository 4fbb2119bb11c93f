/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/value.h"

#include "base/cleanup.h"

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

/* The length of the UTF-8 sequence at `text` (RFC 3629, table of well-formed sequences), or 0. */
static size_t utf8_length(const unsigned char *text) {
    unsigned char first = text[0];
    size_t length = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;

    if (length == 0 || first > 0xF4)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((text[i] & 0xC0) != 0x80)
            return 0;
    if ((first == 0xE0 && text[1] < 0xA0) || (first == 0xED && text[1] > 0x9F) ||
        (first == 0xF0 && text[1] < 0x90) || (first == 0xF4 && text[1] > 0x8F))
        return 0;
    return length;
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
        size_t length = utf8_length((const unsigned char *)text);

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

const char *value_resource_name(enum vms_resource resource) {
    static const char *const names[] = {
        [VMS_NETWORK] = "network", [VMS_MEMORY] = "memory", [VMS_DISK] = "disk", [VMS_CPU] = "cpu"};

    return names[resource];
}

const char *value_better_name(enum vms_better better) {
    return better == VMS_HIGHER ? "higher" : "lower";
}

const char *value_side_name(enum vms_side side) {
    static const char *const names[] = {
        [VMS_LOCAL] = "local", [VMS_SENDER] = "sender", [VMS_RECEIVER] = "receiver"};

    return names[side];
}

const char *value_shape_name(enum vms_shape shape) {
    return shape == VMS_SCALAR ? "scalar" : "distribution";
}
