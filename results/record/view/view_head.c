/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The head of a record: small, and a document. */
#include "base/number.h"
#include "module/descriptor.h"
#include "module/param.h"
#include "record/json.h"
#include "record/view/view_read.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#define FACTS_MAX 10000 /* of a machine: each is looked for among the others */

/* A text for a value that is none. NULL without memory. */
static const char *describe(struct arena *arena, const json_t *json) {
    char text[NUMBER_TEXT_SIZE];
    int length;

    if (json_is_real(json))
        return arena_text(arena, text, number_write(json_real_value(json), text));
    length = snprintf(text, sizeof(text), "%" PRId64, (int64_t)json_integer_value(json));
    return arena_text(arena, text, (size_t)length);
}

/* What is no scalar counts as null. -ENOMEM. */
static int read_value(struct arena *arena, const json_t *json, struct view_value *ret) {
    *ret = (struct view_value){.kind = VIEW_NULL, .number = NAN, .text = "null"};
    if (json_is_string(json)) {
        ret->kind = VIEW_TEXT;
        ret->text = json_string_value(json);
    } else if (json_is_boolean(json)) {
        ret->kind = VIEW_BOOLEAN;
        ret->boolean = json_is_true(json);
        ret->text = ret->boolean ? "true" : "false";
    } else if (json_is_number(json)) {
        ret->kind = json_is_integer(json) ? VIEW_WHOLE : VIEW_REAL;
        ret->number = json_number_value(json);
        ret->text = describe(arena, json);
    }
    return ret->text ? 0 : -ENOMEM;
}

static enum view_fact_status fact_status(const char *name) {
    static const char *const names[] = {[VIEW_FACT_OK] = "ok",
                                        [VIEW_FACT_NOT_APPLICABLE] = "not-applicable",
                                        [VIEW_FACT_UNKNOWN] = "unknown",
                                        [VIEW_FACT_ERROR] = "error"};

    for (size_t i = 0; i < VMS_LENGTH(names); i++)
        if (strcmp(names[i], name) == 0)
            return (enum view_fact_status)i;
    return VIEW_FACT_UNKNOWN;
}

static int read_machine(struct arena *arena, const json_t *json, struct view_machine *ret) {
    const json_t *list = json_object_get(json, "facts"), *fact;
    struct view_machine_fact *facts = arena_new(arena, (json_array_size(list) + 1) * sizeof(*facts));
    size_t index;

    if (!facts)
        return -ENOMEM;
    ret->virtualization = json_text(json, "virtualization");
    ret->container = json_text(json, "container");
    ret->facts = facts;
    json_array_foreach (list, index, fact) {
        facts[index] = (struct view_machine_fact){.name = json_text(fact, "fact"),
                                                  .status = fact_status(json_text(fact, "status")),
                                                  .reason = json_text(fact, "reason")};
        if (read_value(arena, json_object_get(fact, "value"), &facts[index].value) < 0)
            return -ENOMEM;
        ret->n_facts++;
    }
    return 0;
}

/* The program's version, and each member of how it was built that is a text. */
static int read_program(const json_t *program, struct view_head *head) {
    const json_t *build = json_object_get(program, "build");
    struct view_fact *facts = arena_new(&head->arena, (json_object_size(build) + 1) * sizeof(*facts));
    const char *key;
    json_t *value;

    if (!facts)
        return -ENOMEM;
    head->program = facts;
    if (json_object_get(program, "version"))
        facts[head->n_program++] =
            (struct view_fact){.key = "version", .value = json_text(program, "version")};
    json_object_foreach ((json_t *)build, key, value)
        if (json_is_string(value))
            facts[head->n_program++] = (struct view_fact){.key = key, .value = json_string_value(value)};
    return 0;
}

enum vms_role view_role(const char *name) {
    enum vms_role role = VMS_ROLE_PLAIN;

    (void)descriptor_role_from_name(name, &role);
    return role;
}

/* The rows of a table: {name: {"kind", "role"}} or {name: role}. */
static const struct view_module_row *read_rows(struct arena *arena, const json_t *table, size_t *ret_n) {
    struct view_module_row *rows = arena_new(arena, (json_object_size(table) + 1) * sizeof(*rows));
    const char *name;
    json_t *value;
    size_t n = 0;

    *ret_n = 0;
    if (!rows)
        return NULL;
    json_object_foreach ((json_t *)table, name, value) {
        const char *role = json_string_value(value);

        rows[n] =
            (struct view_module_row){.name = name, .role = view_role(role ? role : json_text(value, "role"))};
        (void)param_kind_from_name(json_text(value, "kind"), &rows[n].kind);
        n++;
    }
    *ret_n = n;
    return rows;
}

static int read_modules(const json_t *list, struct view_head *head) {
    struct view_module *modules = arena_new(&head->arena, (json_array_size(list) + 1) * sizeof(*modules));
    const json_t *json;
    size_t index;

    if (!modules)
        return -ENOMEM;
    head->modules = modules;
    json_array_foreach (list, index, json) {
        struct view_module *module = &modules[head->n_modules++];

        *module = (struct view_module){.name = json_text(json, "module")};
        module->params = read_rows(&head->arena, json_object_get(json, "params"), &module->n_params);
        module->facts = read_rows(&head->arena, json_object_get(json, "facts"), &module->n_facts);
        if (!module->params || !module->facts)
            return -ENOMEM;
    }
    return 0;
}

static int read_warnings(const json_t *list, struct view_head *head) {
    const char **warnings = arena_new(&head->arena, (json_array_size(list) + 1) * sizeof(*warnings));
    const json_t *warning;
    size_t index;

    if (!warnings)
        return -ENOMEM;
    head->warnings = warnings;
    json_array_foreach (list, index, warning)
        if (json_is_string(warning))
            warnings[head->n_warnings++] = json_string_value(warning);
    return 0;
}

/* A whole number from 1 on; 0: it is something else. */
static size_t count_of(const json_t *object, const char *key) {
    json_int_t value = json_integer_value(json_object_get(object, key));

    return value > 0 ? (size_t)value : 0;
}

static void read_run_set(const json_t *set, struct view_run_set *ret) {
    const json_t *looks = json_object_get(set, "looks");

    *ret = (struct view_run_set){.id = json_text(set, "id"),
                                 .run = count_of(set, "run"),
                                 .of = count_of(set, "runs"),
                                 .has_looks = looks != NULL,
                                 .first = count_of(looks, "first"),
                                 .error = json_number_value(json_object_get(looks, "error"))};
}

static void read_guest(const json_t *guest, struct view_head *head) {
    static const char in_memory[] = "memory"; /* where a guest's disk may lie: not the resource */
    const char *label = json_text(guest, "label");

    head->label = *label ? label : head->configuration;
    head->is_emulated = json_is_true(json_object_get(guest, "emulated_hardware"));
    head->disk_in_memory = strcmp(json_text(guest, "backing"), in_memory) == 0;
    head->clock = json_text(guest, "clock");
    head->counts_instructions = strcmp(head->clock, "instructions") == 0;
}

int view_read_head(json_t *document, struct view_head *ret_head, const char **ret_sentence) {
    const json_t *duration = json_object_get(document, "duration_s");
    const json_t *machine = json_object_get(json_object_get(document, "environment"), "before");
    int status;

    *ret_head = (struct view_head){.run_id = json_text(document, "run_id"),
                                   .configuration = json_text(document, "configuration"),
                                   .started_at = json_text(document, "started_at"),
                                   .duration_s = json_is_number(duration) ? json_number_value(duration) : NAN,
                                   .document = document};
    if (outcome_status_from_name(json_text(document, "status"), &ret_head->status) < 0) {
        *ret_sentence = "the run's \"status\" is unknown";
        return -EINVAL;
    }
    if (json_array_size(json_object_get(machine, "facts")) > FACTS_MAX) {
        *ret_sentence = "a machine has no more than 10000 \"facts\"";
        return -EINVAL;
    }
    read_guest(json_object_get(document, "guest"), ret_head);
    read_run_set(json_object_get(document, "run_set"), &ret_head->run_set);
    status = read_machine(&ret_head->arena, machine, &ret_head->machine);
    if (status == 0)
        status = read_program(json_object_get(document, "vmsuite"), ret_head);
    if (status == 0)
        status = read_modules(json_object_get(document, "modules"), ret_head);
    return status == 0 ? read_warnings(json_object_get(document, "warnings"), ret_head) : status;
}

void view_head_done(struct view_head *head) {
    json_decref((json_t *)head->document);
    arena_done(&head->arena);
}
