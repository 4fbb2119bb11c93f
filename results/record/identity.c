/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/identity.h"

#include "record/json.h"
#include "record/value.h"

#include <stdlib.h>
#include <string.h>

/* Facts of a case that say how much work it was, in records whose modules have no roles. */
static const char *const work_facts[] = {"working_set_bytes", "array_bytes", "file_bytes"};

/* The roles of a module's facts by the record's own word; NULL in records of before. Borrowed. */
static const json_t *roles_of(const json_t *modules, const char *name) {
    const json_t *module;
    size_t index;

    json_array_foreach (modules, index, module)
        if (strcmp(json_text(module, "module"), name) == 0)
            return json_object_get(module, "facts");
    return NULL;
}

static bool is_work_fact(const json_t *roles, const char *key) {
    if (roles)
        return strcmp(json_text(roles, key), "work") == 0;
    for (size_t i = 0; i < VMS_LENGTH(work_facts); i++)
        if (strcmp(key, work_facts[i]) == 0)
            return true;
    return false;
}

/* Adds those of the facts that say what was done. A trial's that is not like the earlier ones makes it
 * "varies". */
static int add_work(json_t *work, const json_t *roles, const struct view_fact *facts, size_t n_facts) {
    int failed = 0;

    for (size_t i = 0; i < n_facts; i++) {
        const char *earlier = json_string_value(json_object_get(work, facts[i].key));

        if (!is_work_fact(roles, facts[i].key))
            continue;
        if (!earlier)
            failed |= value_set(work, facts[i].key, value_text(facts[i].value));
        else if (strcmp(earlier, facts[i].value) != 0)
            failed |= value_set(work, facts[i].key, json_string("varies"));
    }
    return failed;
}

/* What was really done. */
static json_t *new_work(const json_t *modules, const struct view_case *outcome) {
    const json_t *roles = roles_of(modules, outcome->module);
    json_t *work = json_object();
    int failed = add_work(work, roles, outcome->facts, outcome->n_facts);

    for (size_t i = 0; roles && i < outcome->n_trials; i++)
        if (outcome->trials[i].status == OUTCOME_OK)
            failed |= add_work(work, roles, outcome->trials[i].facts, outcome->trials[i].n_facts);
    return value_finish(work, failed);
}

static json_t *value_of(const struct view_value *value) {
    switch (value->kind) {
    case VIEW_TEXT:
        return value_text(value->text);
    case VIEW_BOOLEAN:
        return json_boolean(value->boolean);
    case VIEW_WHOLE:
        return json_integer(strtoll(value->text, NULL, 10));
    case VIEW_REAL:
        return value_number(value->number);
    case VIEW_NULL:
        break;
    }
    return json_null();
}

json_t *identity_new(const json_t *modules, const struct view_case *outcome) {
    json_t *identity = json_object(), *params = json_object();
    int failed = 0;

    for (size_t i = 0; i < outcome->n_params; i++)
        failed |= value_set(params, outcome->params[i].name, value_of(&outcome->params[i].value));
    failed |= value_set(identity, "group", value_text(outcome->group));
    failed |= value_set(identity, "module", value_text(outcome->module));
    failed |= value_set(identity, "resource", value_text(value_resource_name(outcome->resource)));
    failed |= value_set(identity, "workload_version", json_integer(outcome->workload_version));
    failed |= value_set(identity, "path", value_text(*outcome->path ? outcome->path : NULL));
    failed |= value_set(identity, "cpus", value_text(*outcome->cpus ? outcome->cpus : NULL));
    failed |= value_set(identity, "params", params);
    failed |= value_set(identity, "facts", new_work(modules, outcome));
    return value_finish(identity, failed);
}
