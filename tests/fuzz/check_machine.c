/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check_machine.h"

#include "input.h"
#include "machine/machine.h"
#include "noise/noise.h"

static void check(const struct machine *machine) {
    require(machine->virtualization && machine->container);
    for (size_t i = 0; i < machine->n_facts; i++) {
        const struct machine_fact *fact = &machine->facts[i];

        require(fact->name && fact->source);
        require(fact->text || (fact->status == FACT_VALUE && fact->type != FACT_TEXT));
        require(machine_find(machine, fact->name) == fact); /* each name once */
    }
    for (size_t i = 0; i < machine->n_evidence; i++)
        require(machine->evidence[i].source && machine->evidence[i].saw);
}

void check_machine(const struct machine_source *source) {
    struct noise_counters counters;
    struct machine machine;
    struct noise noise;
    uint32_t flags;

    require(machine_read(source, "/", &machine) == 0);
    check(&machine);
    machine_done(&machine);
    noise_read(source, USAGE_NO_HELPER, &counters);
    noise_judge(&counters, &counters, &noise, &flags);
}
