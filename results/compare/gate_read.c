/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A policy, from its document to the rules that a gate has. */
#include "compare/gate.h"

#include "base/error.h"
#include "base/suggest.h"
#include "base/units.h"
#include "record/json.h"
#include "record/value.h"

#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int gate_parse_share(const char *text, double *ret_share, struct vms_error *error) {
    double share = 0;
    const char *end = strpbrk(text, "eE") ? NULL : units_read_number(text, &share); /* no exponents */

    if (end && strcmp(end, "%") == 0)
        share /= 100;
    else if (!end || *end != '\0')
        return error_set(error, -EINVAL, "\"%s\" is not a share such as 5%% or 0.05", text);
    if (share > 1 && share <= 100 && *end == '\0')
        return error_set(error, -EINVAL, "\"%s\" is not between 0 and 100%%; did you mean \"%s%%\"?", text,
                         text);
    if (!(share >= 0 && share <= 1))
        return error_set(error, -EINVAL, "\"%s\" is not between 0 and 100%%", text);
    *ret_share = share;
    return 0;
}

static int read_share(const json_t *value, const char *name, double *ret, struct vms_error *error) {
    struct vms_error why = {""};
    double share = NAN;

    if (json_is_string(value) && gate_parse_share(json_string_value(value), &share, &why) < 0)
        return error_set(error, -EINVAL, "%s: %.300s", name, why.text);
    if (json_is_number(value))
        share = json_number_value(value);
    else if (!json_is_string(value) && !json_is_null(value))
        return error_set(error, -EINVAL, "%s: must be a share such as \"5%%\" or 0.05, or null", name);
    if (share < 0 || share > 1)
        return error_set(error, -EINVAL, "%s: must be between 0 and 1", name);
    *ret = share;
    return 0;
}

/* A member that is not known is a mistake, not a wish. */
static int check_members(const json_t *object, const char *const *known, size_t n_known, const char *where,
                         struct vms_error *error) {
    char phrase[SUGGEST_SIZE];
    const char *key;
    json_t *value;

    json_object_foreach ((json_t *)object, key, value) {
        bool found = false;

        for (size_t i = 0; i < n_known; i++)
            found |= strcmp(key, known[i]) == 0;
        if (found)
            continue;
        return error_set(error, -EINVAL, "%s: unknown member \"%.60s\"%s", where, key,
                         suggest_phrase(key, known, n_known, phrase));
    }
    return 0;
}

static int read_text(const json_t *rule, const char *where, const char *key, char **ret,
                     struct vms_error *error) {
    const json_t *value = json_object_get(rule, key);

    if (!value)
        return 0;
    if (!json_is_string(value))
        return error_set(error, -EINVAL, "%s.%s: must be text", where, key);
    *ret = strdup(json_string_value(value));
    return *ret ? 0 : error_memory(error);
}

/* There are four resources: a pattern that fits none of them is a mistake. */
static int check_resource(const char *pattern, const char *where, struct vms_error *error) {
    const char *names[VMS_CPU - VMS_NETWORK + 1];
    char sentence[SUGGEST_SENTENCE_SIZE];

    for (size_t i = 0; i < VMS_LENGTH(names); i++) {
        names[i] = value_resource_name(VMS_NETWORK + (enum vms_resource)i);
        if (!pattern || fnmatch(pattern, names[i], 0) == 0)
            return 0;
    }
    return error_set(error, -EINVAL, "%s.resource: %s", where,
                     suggest_choices(pattern, names, VMS_LENGTH(names), sentence));
}

static int read_rule(const json_t *json, const char *where, struct gate_rule *rule, struct vms_error *error) {
    static const char *const known[] = {"resource", "group", "module", "metric", "reason", "fail_above"};
    char **texts[] = {&rule->resource, &rule->group, &rule->module, &rule->metric, &rule->reason};
    char limit[64];
    int status = json_is_object(json) ? check_members(json, known, VMS_LENGTH(known), where, error)
                                      : error_set(error, -EINVAL, "%s: must be an object", where);

    for (size_t i = 0; status == 0 && i < VMS_LENGTH(texts); i++)
        status = read_text(json, where, known[i], texts[i], error);
    if (status == 0)
        status = check_resource(rule->resource, where, error);
    if (status == 0 && !json_object_get(json, "fail_above"))
        status = error_set(error, -EINVAL, "%s: \"fail_above\" is missing (null: not gated)", where);
    (void)snprintf(limit, sizeof(limit), "%.40s.fail_above", where);
    return status == 0 ? read_share(json_object_get(json, "fail_above"), limit, &rule->fail_above, error)
                       : status;
}

static int read_rules(const json_t *array, struct compare_gate *gate, struct vms_error *error) {
    const json_t *json;
    size_t index;

    if (!json_is_array(array))
        return error_set(error, -EINVAL, "rules: must be an array");
    gate->rules = calloc(json_array_size(array) + 1, sizeof(*gate->rules));
    if (!gate->rules)
        return error_memory(error);
    json_array_foreach (array, index, json) {
        char where[32];
        int status;

        (void)snprintf(where, sizeof(where), "rules[%zu]", index);
        status = read_rule(json, where, &gate->rules[gate->n_rules++], error);
        if (status < 0)
            return status;
    }
    return 0;
}

int gate_read(const json_t *policy, struct compare_gate *ret_gate, double *ret_margin,
              struct vms_error *error) {
    static const char *const known[] = {"schema", "description", "fail_above", "equivalent_within",
                                        "strict", "rules"};
    const json_t *value;
    double margin;
    int status = 0;

    if (!json_is_object(policy) || strcmp(json_text(policy, "schema"), "vmsuite.policy/1") != 0)
        return error_set(error, -EINVAL, "not a policy: \"schema\" is not \"vmsuite.policy/1\"");
    status = check_members(policy, known, VMS_LENGTH(known), "policy", error);
    value = json_object_get(policy, "fail_above");
    if (status == 0 && value)
        status = read_share(value, "fail_above", &ret_gate->fail_above, error);
    value = json_object_get(policy, "equivalent_within");
    if (status == 0 && value) {
        status = read_share(value, "equivalent_within", &margin, error);
        if (status == 0 && !(margin > 0))
            status = error_set(error, -EINVAL, "equivalent_within: must be more than 0");
        if (status == 0)
            *ret_margin = margin;
    }
    value = json_object_get(policy, "strict");
    if (status == 0 && value && !json_is_boolean(value))
        status = error_set(error, -EINVAL, "strict: must be true or false");
    if (status == 0 && value)
        ret_gate->strict = json_is_true(value);
    value = json_object_get(policy, "rules");
    return status == 0 && value ? read_rules(value, ret_gate, error) : status;
}

static bool matches(const char *pattern, const char *text) {
    return !pattern || fnmatch(pattern, text, 0) == 0;
}

const struct gate_rule *gate_find_rule(const struct compare_gate *gate, const struct gate_subject *subject) {
    for (size_t i = 0; i < gate->n_rules; i++) {
        const struct gate_rule *rule = &gate->rules[i];

        if (matches(rule->resource, subject->resource) && matches(rule->group, subject->group) &&
            matches(rule->module, subject->module) && matches(rule->metric, subject->metric))
            return rule;
    }
    return NULL;
}

void gate_done(struct compare_gate *gate) {
    for (size_t i = 0; i < gate->n_rules; i++) {
        free(gate->rules[i].resource);
        free(gate->rules[i].group);
        free(gate->rules[i].module);
        free(gate->rules[i].metric);
        free(gate->rules[i].reason);
    }
    free(gate->rules);
    gate->rules = NULL;
    gate->n_rules = 0;
}

void gate_free(struct compare_gate *gate) {
    if (gate)
        gate_done(gate);
    free(gate);
}
