/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For programs: results/schema/comparison.schema.json. */
#include "compare/gate.h"
#include "compare/parts.h"
#include "record/value.h"

#include <errno.h>
#include <math.h>

static json_t *new_interval(const double interval[2]) {
    if (!isfinite(interval[0]) || !isfinite(interval[1]))
        return json_null();
    return json_pack("[f, f]", interval[0], interval[1]);
}

static json_t *new_figure(const struct compare_figure *figure) {
    json_t *json = json_object();
    int failed = 0;

    failed |= value_set(json, "runs", value_whole(figure->n_runs));
    failed |= value_set(json, "trials", value_whole(figure->n_trials));
    failed |= value_set(json, "median", value_number(figure->median));
    failed |= value_set(json, "mean", value_number(figure->mean));
    failed |= value_set(json, "sd", value_number(figure->sd));
    failed |= value_set(json, "cv", value_number(figure->cv));
    return value_finish(json, failed);
}

static json_t *new_ratio(const struct compare_row *row, const struct resample_ratio *ratio, double loss,
                         const double loss_ci95[2]) {
    json_t *json;
    int failed = 0;

    if (!row->has_ratio)
        return json_null();
    json = json_object();
    failed |= value_set(json, "ratio", value_number(ratio->ratio));
    failed |= value_set(json, "ratio_ci95", new_interval(ratio->ci95));
    failed |= value_set(json, "loss", value_number(loss));
    failed |= value_set(json, "loss_ci95", new_interval(loss_ci95));
    return value_finish(json, failed);
}

static json_t *new_effort(const struct compare_row *row) {
    if (!row->has_effort)
        return json_null();
    return json_pack("{s:I, s:I}", "runs", (json_int_t)row->effort.runs, "trials",
                     (json_int_t)row->effort.trials);
}

static json_t *new_gate_of_row(const struct comparison *comparison, const struct compare_row *row) {
    json_t *json;
    int failed = 0;

    if (!comparison->gate)
        return json_null();
    json = json_object();
    failed |= value_set(json, "limit", value_number(row->limit));
    failed |= value_set(json, "failed", json_boolean(row->failed));
    return value_finish(json, failed);
}

static json_t *new_row(const struct comparison *comparison, const struct compare_row *row) {
    json_t *json = json_object();
    int failed = 0;

    failed |= value_set(json, "baseline_configuration", value_text(comparison->sides[0].label));
    failed |= value_set(json, "other_configuration", value_text(comparison->sides[row->other].label));
    failed |= json_object_update(json, row->identity);
    failed |= value_set(json, "label", value_text(row->label));
    failed |= json_object_update(json, row->metric);
    failed |= value_set(json, "headline", json_boolean(row->headline));
    failed |= value_set(json, "different", value_text(row->different));
    failed |= value_set(json, "baseline", new_figure(&row->figures[0]));
    failed |= value_set(json, "other", new_figure(&row->figures[1]));
    failed |= value_set(json, "medians", new_ratio(row, &row->estimate.medians, row->loss, row->loss_ci95));
    failed |=
        value_set(json, "means", new_ratio(row, &row->estimate.means, row->mean_loss, row->mean_loss_ci95));
    failed |= value_set(json, "p", value_number(row->p));
    failed |= value_set(json, "p_holm", value_number(row->p_holm));
    failed |= value_set(json, "p_runs", value_number(row->p_runs));
    failed |= value_set(json, "p_runs_holm", value_number(row->p_runs_holm));
    failed |= value_set(json, "p_equivalence", value_number(row->p_equivalence));
    failed |= value_set(json, "cliff_delta", value_number(row->cliff_delta));
    failed |= value_set(json, "run_shift", value_number(row->has_ratio ? row->estimate.run_sd : (double)NAN));
    failed |= value_set(json, "verdict", value_text(compare_verdict_name(row->verdict)));
    failed |= value_set(json, "reason", value_text(row->reason));
    failed |= value_set(json, "would_decide", new_effort(row));
    failed |= value_set(json, "gate", new_gate_of_row(comparison, row));
    return value_finish(json, failed);
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
        failed |= value_set(json, "drift", value_number(fmax(0, side->drift)));
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
    failed |= value_set(json, "passed", json_boolean(gate->passed));
    failed |= value_set(json, "strict", json_boolean(gate->strict));
    failed |= value_set(json, "fail_above", value_number(gate->fail_above));
    failed |= value_set(json, "failed", value_whole(gate->n_failed));
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
    failed |= value_set(json, "allow_different", json_boolean(options->allow_different));
    failed |= value_set(json, "sides", new_sides(comparison));
    failed |= value_set(json, "answers", new_texts(comparison->answers, comparison->n_answers));
    failed |= value_set(json, "rows", new_rows(comparison));
    failed |= value_set(json, "not_compared", new_refusals(comparison));
    failed |= value_set(json, "differences", new_differences(comparison));
    failed |= value_set(json, "warnings", new_texts(comparison->warnings, comparison->n_warnings));
    failed |= value_set(json, "gate", new_gate(comparison->gate));
    return value_finish(json, failed);
}

int compare_write_json(FILE *file, const struct comparison *comparison, bool colour) {
    json_t *json = compare_json(comparison);
    int status = json ? json_dumpf(json, file, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) : -1;

    (void)colour;
    json_decref(json);
    fputc('\n', file);
    return status < 0 ? -EIO : 0;
}
