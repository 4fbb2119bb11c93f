/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/origin.h"

#include "record/json.h"

#include <string.h>

const char *origin_label(const json_t *head) {
    const char *label = json_text(json_object_get(head, "guest"), "label");

    return *label ? label : json_text(head, "configuration");
}

bool origin_counts_instructions(const json_t *head) {
    return strcmp(json_text(json_object_get(head, "guest"), "clock"), "instructions") == 0;
}
