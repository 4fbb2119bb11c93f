/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For programs: results/schema/comparison.schema.json. */
#include "compare/formats/formats.h"

#include "base/units.h"
#include "compare/explain/explain.h"
#include "compare/gate.h"
#include "compare/words/neighbours_words.h"
#include "compare/words/words.h"
#include "record/text/json_writer.h"
#include "record/value.h"

#include <errno.h>
#include <math.h>

static json_t *new_figure(const struct compare_row *row, size_t side) {
    const struct compare_figure *figure = &row->figures[side];
    json_t *json = json_object();
    int failed = 0;

    failed |= value_set(json, "runs", value_whole(figure->n_runs));
    failed |= value_set(json, "trials", value_whole(figure->n_trials));
    failed |= value_set(json, "value", value_number(figure->value));
    failed |= value_set(json, "median", value_number(figure->median));
    failed |= value_set(json, "mean", value_number(figure->mean));
    failed |= value_set(json, "sd", value_number(figure->sd));
    failed |= value_set(json, "cv", value_number(figure->cv));
    failed |= explain_bill_json(json, row, side);
    failed |= value_set(json, "pooled", value_number(figure->pooled));
    return value_finish(json, failed);
}

static const char *scale_name(enum compare_scale scale) {
    static const char *const names[] = {
        [COMPARE_RATIO] = "ratio", [COMPARE_DIFFERENCE] = "difference", [COMPARE_IDENTICAL] = "identical"};

    return names[scale];
}

/* What rows and answers have in common. `row` is NULL for a resource of several cases. */
static int add_finding(json_t *json, const struct comparison *comparison, const struct compare_row *row,
                       const struct compare_finding *finding) {
    char words[WORDS_SIZE];
    int failed = 0;

    words_long(row, finding, comparison->options.margin, words);
    failed |= value_set(json, "scale", value_text(scale_name(finding->scale)));
    failed |= value_set(json, "verdict", value_text(compare_verdict_name(finding->verdict)));
    failed |= value_set(json, "words", value_text(words));
    failed |= value_set(json, "reason", value_text(finding->reason));
    failed |= value_set(json, "loss", value_number(finding->loss));
    failed |= value_set(json, "loss_ci95", value_interval(finding->loss_ci95));
    failed |= value_set(json, "cost", value_number(finding->cost));
    failed |= value_set(json, "cost_ci95", value_interval(finding->cost_ci95));
    failed |= value_set(json, "plausible_range", json_boolean(finding->effect.unknown > 0));
    failed |= value_set(json, "earlier_runs", value_whole(finding->earlier));
    failed |= value_set(json, "paired", json_boolean(finding->effect.paired));
    failed |= value_set(json, "p", value_number(finding->p));
    failed |= value_set(json, "p_difference", value_number(finding->p_difference));
    failed |= value_set(json, "p_equivalence", value_number(finding->p_equivalence));
    failed |=
        value_set(json, "more_runs", finding->more_runs > 0 ? value_whole(finding->more_runs) : json_null());
    return failed;
}

static json_t *new_gate_of_row(const struct comparison *comparison, const struct compare_row *row) {
    static const char *const names[] = {[COMPARE_NOT_GATED] = "not gated",
                                        [COMPARE_GATE_PASSED] = "passed",
                                        [COMPARE_GATE_FAILED] = "failed",
                                        [COMPARE_GATE_OPEN] = "open"};
    json_t *json;
    int failed = 0;

    if (!comparison->gate)
        return json_null();
    json = json_object();
    failed |= value_set(json, "limit", value_number(row->limit));
    failed |= value_set(json, "failed", json_boolean(row->gate == COMPARE_GATE_FAILED));
    failed |= value_set(json, "state", value_text(names[row->gate]));
    failed |= value_set(json, "p_above", value_number(row->p_above));
    return value_finish(json, failed);
}

static json_t *new_row(const struct comparison *comparison, const struct compare_row *row) {
    json_auto_t *identity = identity_json(row->identity);
    json_t *json = json_object();
    int failed = 0;

    failed |= value_set(json, "baseline_configuration", value_text(comparison->sides[0].label));
    failed |= value_set(json, "other_configuration", value_text(comparison->sides[row->other].label));
    failed |= json_object_update(json, identity);
    failed |= value_set(json, "label", value_text(row->label));
    failed |= value_set(json, "metric", value_text(row->metric->name));
    failed |= value_set(json, "unit", value_text(units_name(row->metric->unit)));
    failed |= value_set(json, "better", value_text(value_better_name(row->metric->better)));
    failed |= value_set(json, "side", value_text(value_side_name(row->metric->side)));
    failed |= value_set(json, "headline", json_boolean(row->headline));
    failed |= value_set(json, "different", value_text(row->different));
    failed |= value_set(json, "baseline", new_figure(row, 0));
    failed |= value_set(json, "other", new_figure(row, 1));
    failed |= value_set(json, "ratio", value_number(row->ratio));
    failed |= value_set(json, "ratio_ci95", value_interval(row->ratio_ci95));
    failed |= add_finding(json, comparison, row, &row->finding);
    failed |= value_set(json, "p_ranks", value_number(row->p_ranks));
    failed |= value_set(json, "cliff_delta", value_number(row->cliff_delta));
    failed |= value_set(json, "gate", new_gate_of_row(comparison, row));
    failed |= value_set(json, "explained", explain_json(comparison, row));
    return value_finish(json, failed);
}

/* Where cases were lost, the figures are those of the others, and not what the resource costs. */
static int clear_figures(json_t *json) {
    static const char *const names[] = {"loss", "loss_ci95",    "cost",         "cost_ci95",
                                        "p",    "p_difference", "p_equivalence"};
    int failed = 0;

    for (size_t i = 0; i < VMS_LENGTH(names); i++)
        failed |= json_object_set_new(json, names[i], json_null());
    return failed;
}

static json_t *new_answer(const struct comparison *comparison, const struct compare_answer *answer) {
    const struct compare_finding *finding = &answer->finding;
    json_t *json = json_object();
    int failed = 0;

    failed |= value_set(json, "other_configuration", value_text(comparison->sides[answer->other].label));
    failed |= value_set(json, "resource", value_text(answer->resource));
    failed |= value_set(json, "sentence", value_text(answer->sentence));
    failed |= value_set(json, "cases", value_whole(answer->n_cases));
    failed |= value_set(json, "left_out", value_whole(answer->n_left_out));
    failed |= value_set(json, "fell_to_0", value_whole(finding->fallen));
    failed |= value_set(json, "rose_from_0", value_whole(finding->risen));
    failed |= add_finding(json, comparison, answer->row, finding);
    if (finding->fallen + finding->risen > 0)
        failed |= clear_figures(json);
    return value_finish(json, failed);
}

static json_t *new_answers(const struct comparison *comparison) {
    json_t *array = json_array();
    int failed = 0;

    for (size_t i = 0; i < comparison->n_answers; i++)
        failed |= json_array_append_new(array, new_answer(comparison, &comparison->answers[i]));
    return value_finish(array, failed);
}

static json_t *new_rows(const struct comparison *comparison) {
    json_t *array = json_array();
    int failed = 0;

    for (size_t i = 0; i < comparison->n_rows; i++)
        failed |= json_array_append_new(array, new_row(comparison, &comparison->rows[i]));
    return value_finish(array, failed);
}

static json_t *new_sides(const struct comparison *comparison) {
    json_t *array = json_array();
    int failed = 0;

    for (size_t i = 0; i < comparison->n_sides; i++) {
        const struct compare_side *side = &comparison->sides[i];
        json_t *json = json_object();

        failed |= value_set(json, "configuration", value_text(side->label));
        failed |= value_set(json, "virtualization",
                            value_text(*side->virtualization ? side->virtualization : NULL));
        failed |= value_set(json, "emulated_hardware", json_boolean(side->emulated));
        failed |= value_set(json, "clock", json_string(side->instructions ? "instructions" : "real-time"));
        failed |= value_set(json, "runs", value_whole(side->n_runs));
        failed |= value_set(json, "trials", value_whole(side->n_trials));
        failed |= value_set(json, "flagged_trials", value_whole(side->n_flagged));
        failed |= json_array_append_new(array, json);
    }
    return value_finish(array, failed);
}

static json_t *new_refusals(const struct comparison *comparison) {
    json_t *array = json_array();
    int failed = 0;

    for (size_t i = 0; i < comparison->n_refusals; i++) {
        const struct compare_refusal *refusal = &comparison->refusals[i];
        json_t *json = json_object();

        failed |= value_set(json, "other_configuration", value_text(comparison->sides[refusal->other].label));
        failed |= value_set(json, "label", value_text(refusal->label));
        failed |= value_set(json, "reason", value_text(refusal->reason));
        failed |= json_array_append_new(array, json);
    }
    return value_finish(array, failed);
}

static json_t *new_differences(const struct comparison *comparison) {
    json_t *array = json_array();
    int failed = 0;

    for (size_t i = 0; i < comparison->n_differences; i++) {
        const struct compare_difference *difference = &comparison->differences[i];
        json_t *json = json_object();

        failed |= value_set(json, "what", value_text(difference->what));
        failed |=
            value_set(json, "first_configuration", value_text(comparison->sides[difference->sides[0]].label));
        failed |= value_set(json, "first", value_text(difference->values[0]));
        failed |= value_set(json, "second_configuration",
                            value_text(comparison->sides[difference->sides[1]].label));
        failed |= value_set(json, "second", value_text(difference->values[1]));
        failed |=
            value_set(json, "within_one_side", json_boolean(difference->sides[0] == difference->sides[1]));
        failed |=
            value_set(json, "runs", difference->n_runs > 0 ? value_whole(difference->n_runs) : json_null());
        failed |= json_array_append_new(array, json);
    }
    return value_finish(array, failed);
}

static json_t *new_texts(char *const *texts, size_t n) {
    json_t *array = json_array();
    int failed = 0;

    for (size_t i = 0; i < n; i++)
        failed |= json_array_append_new(array, value_text(texts[i]));
    return value_finish(array, failed);
}

static json_t *new_gate(const struct compare_gate *gate) {
    json_t *json;
    int failed = 0;

    if (!gate)
        return json_null();
    json = json_object();
    failed |= value_set(json, "outcome", value_text(gate_outcome_name(gate->outcome)));
    failed |= value_set(json, "passed", json_boolean(gate->outcome == GATE_PASSED));
    failed |= value_set(json, "strict", json_boolean(gate->strict));
    failed |= value_set(json, "fail_above", value_number(gate->fail_above));
    failed |= value_set(json, "gated", value_whole(gate->n_gated));
    failed |= value_set(json, "failed", value_whole(gate->n_failed));
    failed |= value_set(json, "open", value_whole(gate->n_open));
    failed |= value_set(json, "undecided", value_whole(gate->n_undecided));
    return value_finish(json, failed);
}

json_t *compare_json(const struct comparison *comparison) {
    const struct compare_options *options = &comparison->options;
    json_t *json = json_object();
    int failed = 0;

    failed |= value_set(json, "schema", json_string(COMPARISON_SCHEMA));
    failed |= value_set(json, "equivalent_within", value_number(options->margin));
    failed |= value_set(json, "run_shift", value_number(options->run_shift));
    failed |= value_set(json, "seed", value_whole(options->seed));
    failed |= value_set(json, "error", value_number(comparison->error));
    failed |= value_set(json, "allow_different", json_boolean(options->allow_different));
    failed |= value_set(json, "sides", new_sides(comparison));
    failed |= value_set(json, "answers", new_answers(comparison));
    failed |= value_set(json, "rows", new_rows(comparison));
    if (comparison->n_besides > 0)
        failed |= value_set(json, "neighbours", neighbours_json(comparison));
    failed |= value_set(json, "not_compared", new_refusals(comparison));
    failed |= value_set(json, "differences", new_differences(comparison));
    failed |= value_set(json, "warnings", new_texts(comparison->warnings, comparison->n_warnings));
    failed |= value_set(json, "gate", new_gate(comparison->gate));
    return value_finish(json, failed);
}

int compare_write_json(FILE *file, const struct comparison *comparison, const struct compare_view *view) {
    json_auto_t *json = compare_json(comparison);

    (void)view;
    return json ? json_write(file, json) : -ENOMEM;
}
