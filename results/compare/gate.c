/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/gate.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/suggest.h"
#include "compare/parts.h"
#include "stats/step_down.h"

#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int gate_parse_share(const char *text, double *ret_share, struct vms_error *error) {
    char *end;
    double share;

    /* strtod alone would take " 5", "inf" and "0x5". */
    if (strspn(text, "0123456789.") == 0)
        return error_set(error, -EINVAL, "\"%s\" is not a share such as 5%% or 0.05", text);
    share = strtod(text, &end);
    if (strcmp(end, "%") == 0)
        share /= 100;
    else if (*end != '\0' || strspn(text, "0123456789.") != strlen(text))
        return error_set(error, -EINVAL, "\"%s\" is not a share such as 5%% or 0.05", text);
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
        return error_set(error, -EINVAL, "%s: a share such as \"5%%\" or 0.05, or null", name);
    if (share < 0 || share > 1)
        return error_set(error, -EINVAL, "%s: not between 0 and 1", name);
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

static int read_text(const json_t *rule, const char *key, char **ret, struct vms_error *error) {
    const json_t *value = json_object_get(rule, key);

    if (!value)
        return 0;
    if (!json_is_string(value))
        return error_set(error, -EINVAL, "rules: \"%s\" is a text", key);
    *ret = strdup(json_string_value(value));
    return *ret ? 0 : error_memory(error);
}

static int read_rule(const json_t *json, struct gate_rule *rule, struct vms_error *error) {
    static const char *const known[] = {"resource", "group", "module", "metric", "reason", "fail_above"};
    char **texts[] = {&rule->resource, &rule->group, &rule->module, &rule->metric, &rule->reason};
    int status = json_is_object(json) ? check_members(json, known, VMS_LENGTH(known), "rules", error)
                                      : error_set(error, -EINVAL, "rules: each is an object");

    for (size_t i = 0; status == 0 && i < VMS_LENGTH(texts); i++)
        status = read_text(json, known[i], texts[i], error);
    if (status == 0 && !json_object_get(json, "fail_above"))
        status = error_set(error, -EINVAL, "rules: \"fail_above\" is missing (null: not gated)");
    if (status == 0)
        status =
            read_share(json_object_get(json, "fail_above"), "rules: fail_above", &rule->fail_above, error);
    return status;
}

static int read_rules(const json_t *array, struct compare_gate *gate, struct vms_error *error) {
    const json_t *json;
    size_t index;

    if (!json_is_array(array))
        return error_set(error, -EINVAL, "rules: an array is wanted");
    gate->rules = calloc(json_array_size(array) + 1, sizeof(*gate->rules));
    if (!gate->rules)
        return error_memory(error);
    json_array_foreach (array, index, json) {
        int status = read_rule(json, &gate->rules[gate->n_rules++], error);

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

    if (!json_is_object(policy) || strcmp(compare_text(policy, "schema"), "vmsuite.policy/1") != 0)
        return error_set(error, -EINVAL, "not a policy: \"schema\" is not \"vmsuite.policy/1\"");
    status = check_members(policy, known, VMS_LENGTH(known), "policy", error);
    value = json_object_get(policy, "fail_above");
    if (status == 0 && value)
        status = read_share(value, "fail_above", &ret_gate->fail_above, error);
    value = json_object_get(policy, "equivalent_within");
    if (status == 0 && value) {
        status = read_share(value, "equivalent_within", &margin, error);
        if (status == 0 && !(margin > 0))
            status = error_set(error, -EINVAL, "equivalent_within: more than 0 is wanted");
        if (status == 0)
            *ret_margin = margin;
    }
    value = json_object_get(policy, "strict");
    if (status == 0 && value && !json_is_boolean(value))
        status = error_set(error, -EINVAL, "strict: true or false");
    if (status == 0 && value)
        ret_gate->strict = json_is_true(value);
    value = json_object_get(policy, "rules");
    return status == 0 && value ? read_rules(value, ret_gate, error) : status;
}

static bool matches(const char *pattern, const char *text) {
    return !pattern || fnmatch(pattern, text, 0) == 0;
}

const struct gate_rule *gate_find_rule(const struct compare_gate *gate, const json_t *identity,
                                       const char *metric) {
    for (size_t i = 0; i < gate->n_rules; i++) {
        const struct gate_rule *rule = &gate->rules[i];

        if (matches(rule->resource, compare_text(identity, "resource")) &&
            matches(rule->group, compare_text(identity, "group")) &&
            matches(rule->module, compare_text(identity, "module")) && matches(rule->metric, metric))
            return rule;
    }
    return NULL;
}

static double limit_of(const struct compare_gate *gate, const struct compare_row *row) {
    const struct gate_rule *rule = gate_find_rule(gate, row->identity, compare_text(row->metric, "metric"));

    return rule ? rule->fail_above : gate->fail_above;
}

/* The limit as an effect: what is better when higher may lose a share of at most 1. */
static double limit_effect(const struct compare_row *row) {
    if (row->finding.scale == COMPARE_DIFFERENCE)
        return row->limit * fabs(row->figures[0].value);
    if (row->finding.loss_of_cost)
        return log1p(row->limit);
    return row->limit < 1 ? -log1p(-row->limit) : (double)INFINITY;
}

/* One-sided, of "the loss is not above the limit". */
static double p_above(const struct compare_row *row) {
    const struct compare_finding *finding = &row->finding;
    double limit = limit_effect(row), p;

    if (finding->scale == COMPARE_IDENTICAL || !isfinite(limit))
        return 1;
    p = finding->scale == COMPARE_DIFFERENCE && finding->effect.unknown > 0
            ? (double)NAN
            : effect_p_above(&finding->effect, limit);
    /* Figures that fall to 0, or rise from it, in every trial have a p-value of their own (zeros.c). */
    if (finding->scale == COMPARE_DIFFERENCE && finding->effect.estimate > limit && !isnan(finding->p))
        p = isnan(p) || row->figures[0].value == 0 || row->figures[1].value == 0 ? finding->p / 2 : p;
    return isnan(p) ? 1 : p;
}

static bool is_single(const struct compare_finding *finding) {
    return (finding->runs[0] < 2 || finding->runs[1] < 2) && finding->earlier == 0;
}

/* `share` of the gate's error may be spent. */
static bool is_beyond_doubt(const struct compare_row *row, double share) {
    if (is_single(&row->finding))
        return row->p_above <= share * GATE_ERROR_SINGLE && p_above(row) <= share * GATE_ERROR_SINGLE_ROW;
    return row->p_above <= share * GATE_ERROR;
}

static enum compare_gate_state state_of(const struct compare_row *row, double share) {
    const struct compare_finding *finding = &row->finding;

    if (isnan(row->limit) || finding->verdict == COMPARE_UNTESTED)
        return COMPARE_NOT_GATED;
    if (finding->verdict == COMPARE_SLOWER && is_beyond_doubt(row, share))
        return COMPARE_GATE_FAILED;
    if (finding->verdict == COMPARE_EQUIVALENT || !(finding->effect.estimate > limit_effect(row)))
        return COMPARE_GATE_PASSED;
    return is_single(finding) || finding->verdict == COMPARE_SLOWER || finding->p <= GATE_SUSPICION
               ? COMPARE_GATE_OPEN
               : COMPARE_GATE_PASSED;
}

static bool is_undecided(const struct compare_row *row) {
    return row->gate != COMPARE_NOT_GATED &&
           (row->finding.verdict == COMPARE_UNDECIDED || row->finding.verdict == COMPARE_UNCONFIRMED);
}

/* Each row's p-value of "not above", stepped down over all that are gated. */
static int step_gate_down(struct comparison *comparison) {
    cleanup_free struct step_down_row *claims = calloc(comparison->n_rows + 1, sizeof(*claims));

    if (!claims)
        return -ENOMEM;
    for (size_t i = 0; i < comparison->n_rows; i++) {
        const struct compare_row *row = &comparison->rows[i];
        bool gated = !isnan(row->limit) && row->finding.verdict != COMPARE_UNTESTED;

        claims[i] = (struct step_down_row){
            .weight = 1,
            .difference = gated ? effect_guard(&row->finding.effect, p_above(row)) : (double)NAN,
            .equivalence = NAN};
    }
    if (step_down(claims, comparison->n_rows) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < comparison->n_rows; i++)
        comparison->rows[i].p_above = claims[i].difference_adjusted;
    return 0;
}

const char *gate_outcome_name(enum gate_outcome outcome) {
    static const char *const names[] = {
        [GATE_PASSED] = "passed", [GATE_FAILED] = "failed", [GATE_INCONCLUSIVE] = "inconclusive"};

    return names[outcome];
}

char *gate_sentence(const struct comparison *comparison) {
    const struct compare_gate *gate = comparison->gate;

    return compare_sentence(
        "Gate %s: %zu above the limit, %zu perhaps above it, %zu undecided, %zu not compared%s",
        gate_outcome_name(gate->outcome), gate->n_failed, gate->n_open, gate->n_undecided,
        comparison->n_refusals, gate->strict ? " (strict: these fail, too)" : "");
}

static void count(struct comparison *comparison, struct compare_gate *gate) {
    /* Looks at a set of runs spend the gate's error as they spend that of the verdicts. */
    double share = comparison->error / comparison->options.error;

    for (size_t i = 0; i < comparison->n_rows; i++) {
        struct compare_row *row = &comparison->rows[i];

        row->gate = state_of(row, share);
        gate->n_failed += row->gate == COMPARE_GATE_FAILED;
        gate->n_open += row->gate == COMPARE_GATE_OPEN;
        gate->n_undecided += is_undecided(row);
    }
    gate->outcome = gate->n_failed > 0 ? GATE_FAILED : gate->n_open > 0 ? GATE_INCONCLUSIVE : GATE_PASSED;
    if (gate->strict && (gate->n_undecided > 0 || gate->n_open > 0 || comparison->n_refusals > 0))
        gate->outcome = GATE_FAILED;
}

int gate_apply(struct comparison *comparison, const struct compare_gate *gate, struct vms_error *error) {
    struct compare_gate *owned = malloc(sizeof(*owned));

    if (!owned) {
        struct compare_gate rules = *gate;

        gate_done(&rules);
        return error_memory(error);
    }
    *owned = *gate;
    comparison->gate = owned;
    for (size_t i = 0; i < comparison->n_rows; i++)
        comparison->rows[i].limit = limit_of(owned, &comparison->rows[i]);
    if (step_gate_down(comparison) < 0)
        return error_memory(error);
    count(comparison, owned);
    return 0;
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
