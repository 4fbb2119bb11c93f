/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What beside the hypervisor is not the same. */
#include "compare/parts.h"

#include "base/cleanup.h"
#include "record/value.h"

#include <string.h>

/* Facts that differ because the hypervisor does, or that never stand still. */
static const char *const passed_over[] = {
    "virtualization.",
    "accelerator.",
    "drivers.",
    "load.",
    "clock.read_cost_s",
    "cpu.frequency_hz",
    "memory.available_bytes",
    "memory.swap_free_bytes",
    "storage.free_bytes",
};

static bool is_passed_over(const char *name) {
    for (size_t i = 0; i < VMS_LENGTH(passed_over); i++)
        if (strncmp(name, passed_over[i], strlen(passed_over[i])) == 0)
            return true;
    return false;
}

static int add_program(json_t *facts, const json_t *program) {
    const char *key;
    json_t *value;
    int failed = 0;

    failed |= json_object_set(facts, "vmsuite.version", json_object_get(program, "version"));
    json_object_foreach (json_object_get(program, "build"), key, value) {
        cleanup_free char *name = compare_sentence("vmsuite.%s", key);

        failed |= name ? json_object_set(facts, name, value) : -1;
    }
    return failed;
}

json_t *environment_facts(const json_t *head) {
    const json_t *before = json_object_get(json_object_get(head, "environment"), "before"), *fact;
    const json_t *program = json_object_get(head, "vmsuite");
    json_t *facts = json_object();
    int failed = json_is_object(program) ? add_program(facts, program) : 0;
    size_t index;

    if (json_is_object(before))
        failed |= json_object_set(facts, "container", json_object_get(before, "container"));
    json_array_foreach (json_object_get(before, "facts"), index, fact) {
        const char *name = compare_text(fact, "fact");
        json_t *value = json_object_get(fact, "value"); /* null: why not is its status */

        if (*name && !is_passed_over(name) && value && !json_is_null(value))
            failed |= json_object_set(facts, name, value);
    }
    return value_finish(facts, failed);
}

static char *value_text_of(const json_t *value) {
    if (!value)
        return strdup("unknown");
    if (json_is_string(value))
        return strdup(json_string_value(value));
    return json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(6));
}

/* What is noted already of the runs of one side, so that the list does not grow with them. */
static struct compare_difference *find_noted(struct comparison *comparison, size_t side, const char *what) {
    for (size_t i = 0; i < comparison->n_differences; i++) {
        struct compare_difference *noted = &comparison->differences[i];

        if (noted->sides[0] == side && noted->sides[1] == side && strcmp(noted->what, what) == 0)
            return noted;
    }
    return NULL;
}

static int add_difference(struct comparison *comparison, size_t side_a, size_t side_b, const char *what,
                          const json_t *a, const json_t *b) {
    struct compare_difference *noted = side_a == side_b ? find_noted(comparison, side_a, what) : NULL, *grown;

    if (noted) {
        noted->n_runs++;
        return 0;
    }
    grown = reallocarray(comparison->differences, comparison->n_differences + 1, sizeof(*grown));

    if (!grown)
        return -ENOMEM;
    comparison->differences = grown;
    grown += comparison->n_differences++;
    *grown = (struct compare_difference){.sides = {side_a, side_b},
                                         .what = strdup(what),
                                         .values = {value_text_of(a), value_text_of(b)},
                                         .n_runs = side_a == side_b};
    return grown->what && grown->values[0] && grown->values[1] ? 0 : -ENOMEM;
}

int environment_differ(struct comparison *comparison, size_t side_a, const json_t *a, size_t side_b,
                       const json_t *b) {
    const char *key;
    json_t *value;
    int status = 0;

    json_object_foreach ((json_t *)a, key, value)
        if (status == 0 && !json_equal(value, json_object_get(b, key)))
            status = add_difference(comparison, side_a, side_b, key, value, json_object_get(b, key));
    json_object_foreach ((json_t *)b, key, value)
        if (status == 0 && !json_object_get(a, key))
            status = add_difference(comparison, side_a, side_b, key, NULL, value);
    return status;
}
