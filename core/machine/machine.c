/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "machine/facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int machine_read(const struct machine_source *source, const char *scratch, struct machine *ret_machine) {
    struct machine machine = {.virtualization = "unknown", .container = "none"};
    struct reader reader = {.source = source, .machine = &machine};

    read_virtualization(&reader);
    read_container(&reader);
    read_cpu(&reader);
    read_memory(&reader);
    read_kernel(&reader);
    read_storage(&reader, scratch);
    read_network(&reader);
    read_drivers(&reader);
    if (reader.out_of_memory) {
        machine_done(&machine);
        return -ENOMEM;
    }
    *ret_machine = machine;
    return 0;
}

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
