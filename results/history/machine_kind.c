/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "history/machine_kind.h"

#include "record/buffer.h"
#include "record/json.h"
#include "record/origin.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void add_part(struct buffer *kind, const char *text) {
    if (!*text)
        return;
    if (kind->length > 0)
        buffer_add_text(kind, ", ");
    buffer_add_text(kind, text);
}

static const json_t *fact_of(const json_t *machine, const char *name) {
    const json_t *fact;
    size_t i;

    json_array_foreach (json_object_get(machine, "facts"), i, fact)
        if (strcmp(json_text(fact, "fact"), name) == 0)
            return json_object_get(fact, "value");
    return NULL;
}

char *machine_kind(const json_t *document) {
    const json_t *machine = json_object_get(json_object_get(document, "environment"), "before");
    const json_t *model = fact_of(machine, "cpu.model"), *count = fact_of(machine, "cpu.count");
    const char *container = json_text(machine, "container");
    struct buffer kind = {0};
    char cpus[40];

    add_part(&kind, json_text(machine, "virtualization"));
    if (strcmp(container, "none") != 0)
        add_part(&kind, container);
    if (json_is_string(model))
        add_part(&kind, json_string_value(model));
    (void)snprintf(cpus, sizeof(cpus), "%" PRId64 " CPUs", (int64_t)json_integer_value(count));
    if (json_is_integer(count))
        add_part(&kind, cpus);
    if (origin_counts_instructions(document))
        add_part(&kind, "instructions");
    return buffer_take(&kind);
}
