/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "history/machine_kind.h"

#include "record/text/buffer.h"

#include <stdio.h>
#include <string.h>

static void add_part(struct buffer *kind, const char *text) {
    if (!*text)
        return;
    if (kind->length > 0)
        buffer_add_text(kind, ", ");
    buffer_add_text(kind, text);
}

/* A fact's text where it is of that kind, else "". */
static const char *fact_of(const struct view_machine *machine, const char *name, enum view_kind kind) {
    const struct view_machine_fact *fact = view_find_fact(machine, name);

    return fact && fact->value.kind == kind ? fact->value.text : "";
}

char *machine_kind(const struct view_head *head) {
    const struct view_machine *machine = &head->machine;
    const char *count = fact_of(machine, "cpu.count", VIEW_WHOLE);
    struct buffer kind = {0};
    char cpus[40];

    add_part(&kind, machine->virtualization);
    if (strcmp(machine->container, "none") != 0)
        add_part(&kind, machine->container);
    add_part(&kind, fact_of(machine, "cpu.model", VIEW_TEXT));
    (void)snprintf(cpus, sizeof(cpus), "%s CPUs", count);
    if (*count)
        add_part(&kind, cpus);
    if (head->counts_instructions)
        add_part(&kind, "instructions");
    return buffer_take(&kind);
}
