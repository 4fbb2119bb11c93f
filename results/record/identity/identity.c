/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/identity/identity.h"

#include "record/value.h"

#include <stdlib.h>
#include <string.h>

/* Facts of a case that say how much work it was, in records whose modules have no roles. */
static const char *const work_facts[] = {"working_set_bytes", "array_bytes", "file_bytes"};

/* What an identity is made from. */
struct source {
    struct arena *arena;
    const struct view_module *module; /* NULL: the record does not say what its facts are */
    bool disk_in_memory;              /* of the guest that it is about */
};

static const struct view_module *find_module(const struct view_head *head, const char *name) {
    for (size_t i = 0; i < head->n_modules; i++)
        if (strcmp(head->modules[i].name, name) == 0)
            return &head->modules[i];
    return NULL;
}

static bool is_work_fact(const struct view_module *module, const char *key) {
    if (!module) {
        for (size_t i = 0; i < VMS_LENGTH(work_facts); i++)
            if (strcmp(key, work_facts[i]) == 0)
                return true;
        return false;
    }
    for (size_t i = 0; i < module->n_facts; i++)
        if (strcmp(module->facts[i].name, key) == 0)
            return module->facts[i].role == VMS_ROLE_WORK;
    return false;
}

/* A guest takes its disk for a device, and so a file on it, which a host without a guest between sees to be
 * in memory. */
static const char *work_value(const struct source *source, const struct view_fact *fact) {
    bool in_memory =
        source->disk_in_memory && strcmp(fact->key, "medium") == 0 && strcmp(fact->value, "device") == 0;

    return in_memory ? "memory" : fact->value;
}

static const char *keep(struct arena *arena, const char *text) {
    return arena_text(arena, text, strlen(text));
}

static struct view_fact *find_fact(struct view_fact *facts, size_t n, const char *key) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(facts[i].key, key) == 0)
            return &facts[i];
    return NULL;
}

/* Adds those of the facts that say what was done. A trial's that is not like the earlier ones makes it
 * "varies". `n` in and out: how many there are; the room is the caller's care. */
static int add_work(const struct source *source, const struct view_fact *facts, size_t n_facts,
                    struct view_fact *work, size_t *n) {
    for (size_t i = 0; i < n_facts; i++) {
        struct view_fact *known = find_fact(work, *n, facts[i].key);
        const char *value = work_value(source, &facts[i]);

        if (!is_work_fact(source->module, facts[i].key))
            continue;
        if (!known)
            work[(*n)++] = (struct view_fact){.key = keep(source->arena, facts[i].key),
                                              .value = keep(source->arena, value)};
        else if (strcmp(known->value, value) != 0)
            known->value = "varies";
        if (!known && (!work[*n - 1].key || !work[*n - 1].value))
            return -1;
    }
    return 0;
}

/* Each key counts once, so that a module's table, or that of this file, bounds them. */
static size_t count_work(const struct source *source) {
    return source->module ? source->module->n_facts : VMS_LENGTH(work_facts);
}

/* What was really done. */
static int set_work(const struct source *source, const struct view_case *outcome, struct identity *identity) {
    struct view_fact *work = arena_new(source->arena, (count_work(source) + 1) * sizeof(*work));
    int failed = work ? add_work(source, outcome->facts, outcome->n_facts, work, &identity->n_facts) : -1;

    for (size_t i = 0; failed == 0 && source->module && i < outcome->n_trials; i++)
        if (outcome->trials[i].status == OUTCOME_OK)
            failed = add_work(source, outcome->trials[i].facts, outcome->trials[i].n_facts, work,
                              &identity->n_facts);
    identity->facts = work;
    return failed;
}

static int set_params(struct arena *arena, const struct view_case *outcome, struct identity *identity) {
    struct view_param *params = arena_new(arena, (outcome->n_params + 1) * sizeof(*params));

    if (!params)
        return -1;
    for (size_t i = 0; i < outcome->n_params; i++) {
        params[i] = outcome->params[i];
        params[i].name = keep(arena, params[i].name);
        params[i].value.text = keep(arena, params[i].value.text);
        if (!params[i].name || !params[i].value.text)
            return -1;
    }
    identity->params = params;
    identity->n_params = outcome->n_params;
    return 0;
}

const struct identity *identity_new(struct arena *arena, const struct view_head *head,
                                    const struct view_case *outcome) {
    const struct source source = {arena, find_module(head, outcome->module), head->disk_in_memory};
    struct identity *identity = arena_new(arena, sizeof(*identity));

    if (!identity)
        return NULL;
    *identity = (struct identity){.group = keep(arena, outcome->group),
                                  .module = keep(arena, outcome->module),
                                  .resource = outcome->resource,
                                  .workload_version = outcome->workload_version,
                                  .warmup = outcome->warmup,
                                  .neighbours = outcome->neighbours,
                                  .path = keep(arena, outcome->path),
                                  .cpus = keep(arena, outcome->cpus)};
    if (!identity->group || !identity->module || !identity->path || !identity->cpus)
        return NULL;
    return set_params(arena, outcome, identity) < 0 || set_work(&source, outcome, identity) < 0 ? NULL
                                                                                                : identity;
}

const struct view_value *identity_find_param(const struct identity *identity, const char *name) {
    for (size_t i = 0; i < identity->n_params; i++)
        if (strcmp(identity->params[i].name, name) == 0)
            return &identity->params[i].value;
    return NULL;
}

const char *identity_find_fact(const struct identity *identity, const char *key) {
    for (size_t i = 0; i < identity->n_facts; i++)
        if (strcmp(identity->facts[i].key, key) == 0)
            return identity->facts[i].value;
    return NULL;
}

static bool has_same_params(const struct identity *a, const struct identity *b) {
    for (size_t i = 0; i < a->n_params; i++) {
        const struct view_param *beside = i < b->n_params ? &b->params[i] : NULL; /* mostly of that name */
        const struct view_value *value = beside && strcmp(beside->name, a->params[i].name) == 0
                                             ? &beside->value
                                             : identity_find_param(b, a->params[i].name);

        if (!value || !view_is_same_value(&a->params[i].value, value))
            return false;
    }
    return a->n_params == b->n_params;
}

bool identity_has_same_facts(const struct identity *a, const struct identity *b) {
    for (size_t i = 0; i < a->n_facts; i++) {
        const char *value = identity_find_fact(b, a->facts[i].key);

        if (!value || strcmp(a->facts[i].value, value) != 0)
            return false;
    }
    return a->n_facts == b->n_facts;
}

bool identity_is_same(const struct identity *a, const struct identity *b) {
    return strcmp(a->group, b->group) == 0 && strcmp(a->module, b->module) == 0 &&
           a->resource == b->resource && a->workload_version == b->workload_version &&
           a->warmup == b->warmup && strcmp(a->path, b->path) == 0 && strcmp(a->cpus, b->cpus) == 0 &&
           a->neighbours == b->neighbours && has_same_params(a, b) && identity_has_same_facts(a, b);
}

bool identity_is_same_metric(const struct identity_metric *a, const struct identity_metric *b) {
    return strcmp(a->name, b->name) == 0 && a->unit == b->unit && a->better == b->better &&
           a->side == b->side;
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

json_t *identity_json(const struct identity *identity) {
    json_t *json = json_object(), *params = json_object(), *facts = json_object();
    int failed = 0;

    for (size_t i = 0; i < identity->n_params; i++)
        failed |= value_set(params, identity->params[i].name, value_of(&identity->params[i].value));
    for (size_t i = 0; i < identity->n_facts; i++)
        failed |= value_set(facts, identity->facts[i].key, value_text(identity->facts[i].value));
    failed |= value_set(json, "group", value_text(identity->group));
    failed |= value_set(json, "module", value_text(identity->module));
    failed |= value_set(json, "resource", value_text(value_resource_name(identity->resource)));
    failed |= value_set(json, "workload_version", json_integer(identity->workload_version));
    failed |= value_set(json, "warmup", json_integer(identity->warmup));
    failed |= value_set(json, "path", value_text(*identity->path ? identity->path : NULL));
    failed |= value_set(json, "cpus", value_text(*identity->cpus ? identity->cpus : NULL));
    if (identity->neighbours > 0)
        failed |= value_set(json, "neighbours", json_integer(identity->neighbours));
    failed |= value_set(json, "params", params);
    failed |= value_set(json, "facts", facts);
    return value_finish(json, failed);
}
