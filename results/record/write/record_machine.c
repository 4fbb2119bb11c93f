/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine as JSON. */
#include "record/value.h"
#include "record/write/record.h"

static const char *fact_status_name(enum fact_status status) {
    static const char *const names[] = {[FACT_VALUE] = "ok",
                                        [FACT_NOT_APPLICABLE] = "not-applicable",
                                        [FACT_UNKNOWN] = "unknown",
                                        [FACT_ERROR] = "error"};

    return names[status];
}

static json_t *fact_value(const struct machine_fact *fact) {
    if (fact->status != FACT_VALUE)
        return json_null();
    switch (fact->type) {
    case FACT_TEXT:
        return value_text(fact->text);
    case FACT_INTEGER:
        return fact->integer < 0 ? json_integer(fact->integer) : value_whole((uint64_t)fact->integer);
    case FACT_REAL:
        return value_number(fact->real);
    case FACT_BOOLEAN:
        return json_boolean(fact->boolean);
    }
    return NULL;
}

static json_t *new_fact(const struct machine_fact *fact) {
    json_t *json = json_object();
    int failed = 0;

    failed |= value_set(json, "fact", value_text(fact->name));
    failed |= value_set(json, "value", fact_value(fact));
    failed |= value_set(json, "status", value_text(fact_status_name(fact->status)));
    failed |= value_set(json, "reason", fact->status == FACT_VALUE ? json_null() : value_text(fact->text));
    failed |= value_set(json, "source", value_text(fact->source));
    return value_finish(json, failed);
}

static json_t *new_facts(const struct machine *machine) {
    json_t *array = json_array();
    int failed = 0;

    for (size_t i = 0; i < machine->n_facts; i++)
        failed |= json_array_append_new(array, new_fact(&machine->facts[i]));
    return value_finish(array, failed);
}

static json_t *new_evidence(const struct machine *machine) {
    json_t *array = json_array();
    int failed = 0;

    for (size_t i = 0; i < machine->n_evidence; i++) {
        json_t *json = json_object();

        failed |= value_set(json, "source", value_text(machine->evidence[i].source));
        failed |= value_set(json, "saw", value_text(machine->evidence[i].saw));
        failed |= value_set(json, "points_to", value_text(machine->evidence[i].points_to));
        failed |= value_set(json, "strength", value_text(machine->evidence[i].strength));
        failed |= value_set(json, "role", value_text(machine->evidence[i].role));
        failed |= json_array_append_new(array, json);
    }
    return value_finish(array, failed);
}

json_t *record_machine(const struct machine *machine) {
    json_t *json = json_object();
    int failed = 0;

    failed |= value_set(json, "virtualization", value_text(machine->virtualization));
    failed |= value_set(json, "container", value_text(machine->container));
    failed |= value_set(json, "evidence", new_evidence(machine));
    failed |= value_set(json, "facts", new_facts(machine));
    return value_finish(json, failed);
}
