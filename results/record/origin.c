/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/origin.h"

#include <string.h>

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

const char *origin_label(const json_t *head) {
    const char *label = text_of(json_object_get(head, "guest"), "label");

    return *label ? label : text_of(head, "configuration");
}

bool origin_is_emulated(const json_t *head) {
    return json_is_true(json_object_get(json_object_get(head, "guest"), "emulated_hardware"));
}

bool origin_counts_instructions(const json_t *head) {
    return strcmp(text_of(json_object_get(head, "guest"), "clock"), "instructions") == 0;
}
