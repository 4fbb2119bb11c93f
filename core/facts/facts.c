/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/facts.h"

#include <stdlib.h>
#include <string.h>

const struct machine_fact *machine_find(const struct machine *machine, const char *name) {
    for (size_t i = 0; i < machine->n_facts; i++)
        if (strcmp(machine->facts[i].name, name) == 0)
            return &machine->facts[i];
    return NULL;
}

void machine_done(struct machine *machine) {
    for (size_t i = 0; i < machine->n_evidence; i++) {
        free(machine->evidence[i].source);
        free(machine->evidence[i].saw);
    }
    for (size_t i = 0; i < machine->n_facts; i++) {
        free(machine->facts[i].text);
        free(machine->facts[i].source);
    }
    free(machine->evidence);
    free(machine->facts);
    *machine = (struct machine){0};
}
