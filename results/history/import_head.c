/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of a run: what it ran on. */
#include "history/import.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "history/machine_kind.h"
#include "record/json.h"
#include "record/value.h"

#include <string.h>

/* Facts that never stand still: they say nothing of what the machine is. */
static const char *const restless[] = {"load.",
                                       "clock.read_cost_s",
                                       "cpu.frequency_hz",
                                       "memory.available_bytes",
                                       "memory.swap_free_bytes",
                                       "storage.free_bytes"};

static bool is_restless(const char *name) {
    for (size_t i = 0; i < VMS_LENGTH(restless); i++)
        if (strncmp(name, restless[i], strlen(restless[i])) == 0)
            return true;
    return false;
}

static const char *fact_of(const struct view_machine *machine, const char *name) {
    const struct view_machine_fact *fact = view_find_fact(machine, name);

    return fact && fact->status == VIEW_FACT_OK && fact->value.kind != VIEW_NULL ? fact->value.text : "";
}

/* What stands still of the machine and the program, {"cpu.model": "...", ...}, by name. NULL without
 * memory. */
static char *new_environment(const struct view_head *head) {
    json_auto_t *facts = json_object();
    int failed = 0;

    for (size_t i = 0; i < head->machine.n_facts; i++) {
        const struct view_machine_fact *fact = &head->machine.facts[i];

        if (*fact->name && fact->value.kind != VIEW_NULL && !is_restless(fact->name))
            failed |= value_set(facts, fact->name, value_text(fact->value.text));
    }
    for (size_t i = 0; i < head->n_program; i++) {
        cleanup_free char *name = text_new("vmsuite.%s", head->program[i].key);

        if (!name)
            return NULL;
        failed |= value_set(facts, name, value_text(head->program[i].value));
    }
    failed |= value_set(facts, "virtualization", value_text(head->machine.virtualization));
    failed |= value_set(facts, "container", value_text(head->machine.container));
    return failed ? NULL : json_canonical(facts);
}

static int add_labels(struct import *import, int64_t run, const json_t *labels, struct vms_error *error) {
    struct statement *add = import->statements[ADD_LABEL];
    const char *name;
    json_t *value;
    int status = 0;

    json_object_foreach ((json_t *)labels, name, value) {
        if (status < 0 || !json_is_string(value))
            continue;
        statement_set_whole(add, 1, run);
        statement_set_text(add, 2, name);
        statement_set_text(add, 3, json_string_value(value));
        status = statement_run(add, error);
    }
    return status;
}

/* The program's version comes first of what is known of it (record/view/view.h). */
static const char *program_version(const struct view_head *head) {
    return head->n_program > 0 ? head->program[0].value : "";
}

int import_head(struct import *import, const struct view_head *head, const char *path, int64_t *ret_run,
                struct vms_error *error) {
    static const struct import_texts environments = {ENVIRONMENTS, FIND_ENVIRONMENT, ADD_ENVIRONMENT};
    cleanup_free char *facts = new_environment(head), *machine = machine_kind(head);
    const char *slash = strrchr(path, '/');
    struct statement *add = import->statements[ADD_RUN];
    int64_t environment;
    int status = facts && machine ? import_settle(import, &environments, facts, &environment, error)
                                  : error_memory(error);

    if (status < 0)
        return status;
    *ret_run = import->next[RUNS]++;
    statement_set_whole(add, 1, *ret_run);
    statement_set_text(add, 2, head->run_id);
    statement_set_text(add, 3, head->label);
    statement_set_text(add, 4, head->started_at);
    statement_set_real(add, 5, head->duration_s);
    statement_set_text(add, 6, outcome_status_name(head->status));
    statement_set_text(add, 7, slash ? slash + 1 : path);
    statement_set_text(add, 8, machine);
    statement_set_text(add, 9, head->machine.virtualization);
    statement_set_text(add, 10, fact_of(&head->machine, "kernel.release"));
    statement_set_text(add, 11, fact_of(&head->machine, "virtualization.version"));
    statement_set_text(add, 12, program_version(head));
    statement_set_whole(add, 13, environment);
    status = statement_run(add, error);
    return status < 0 ? status
                      : add_labels(import, *ret_run, json_object_get(head->document, "labels"), error);
}
