/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/json.h"

#include <string.h>

char *json_canonical(const json_t *json) {
    return json ? json_dumps(json, JSON_SORT_KEYS | JSON_COMPACT) : NULL;
}

json_t *json_fact(const json_t *machine, const char *name) {
    const json_t *fact;
    size_t index;

    json_array_foreach (json_object_get(machine, "facts"), index, fact)
        if (strcmp(json_text(fact, "fact"), name) == 0)
            return json_object_get(fact, "value");
    return NULL;
}
