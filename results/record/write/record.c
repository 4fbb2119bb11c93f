/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/write/record.h"

#include "base/clock.h"
#include "base/units.h"
#include "module/descriptor.h"
#include "module/param.h"
#include "record/value.h"
#include "record/write/summary.h"
#include "stats/effects/sequential.h"

#include <math.h>

/* Two figures, or null where they could not be had. */
static json_t *new_interval(const double interval[2]) {
    json_t *array;
    int failed = 0;

    if (!isfinite(interval[0]) || !isfinite(interval[1]))
        return json_null();
    array = json_array();
    failed |= json_array_append_new(array, value_number(interval[0]));
    failed |= json_array_append_new(array, value_number(interval[1]));
    return value_finish(array, failed);
}

static json_t *new_summary(const struct outcome_case *outcome, unsigned index) {
    const struct vms_metric *metric = &outcome->module->metrics[index];
    struct stats_summary summary;
    json_t *json;
    int failed = 0;

    if (summary_metric(outcome, index, &summary) < 0)
        return NULL;
    json = json_object();
    failed |= value_set(json, "metric", value_text(metric->name));
    failed |= value_set(json, "unit", value_text(units_name(metric->unit)));
    failed |= value_set(json, "better", value_text(value_better_name(metric->better)));
    failed |= value_set(json, "side", value_text(value_side_name(metric->side)));
    failed |= value_set(json, "shape", value_text(value_shape_name(metric->shape)));
    failed |= value_set(json, "role", value_text(descriptor_role_name(metric->role)));
    failed |= value_set(json, "n", value_whole(summary.n));
    failed |= value_set(json, "mean", value_number(summary.mean));
    failed |= value_set(json, "sd", value_number(summary.sd));
    failed |= value_set(json, "cv", value_number(summary.cv));
    failed |= value_set(json, "min", value_number(summary.min));
    failed |= value_set(json, "q1", value_number(summary.q1));
    failed |= value_set(json, "median", value_number(summary.median));
    failed |= value_set(json, "q3", value_number(summary.q3));
    failed |= value_set(json, "max", value_number(summary.max));
    failed |= value_set(json, "ci95_mean", new_interval(summary.ci95_mean));
    failed |= value_set(json, "ci95_median", new_interval(summary.ci95_median));
    failed |= value_set(json, "outliers", value_whole(summary.outliers));
    return value_finish(json, failed);
}

static json_t *new_summaries(const struct outcome_case *outcome) {
    unsigned metrics[SUMMARY_METRICS_MAX];
    size_t n = summary_metrics(outcome, metrics);
    json_t *array = json_array();
    int failed = 0;

    for (size_t i = 0; i < n; i++)
        failed |= json_array_append_new(array, new_summary(outcome, metrics[i]));
    return value_finish(array, failed);
}

static json_t *new_params(const struct outcome_case *outcome) {
    json_t *json = json_object();
    int failed = 0;

    for (size_t i = 0; i < outcome->module->n_params; i++)
        failed |= value_set(json, outcome->module->params[i].name,
                            value_param(&outcome->module->params[i], &outcome->values[i]));
    return value_finish(json, failed);
}

static json_t *new_trials(const struct outcome_case *outcome) {
    json_t *array = json_array();
    int failed = 0;

    for (size_t i = 0; i < outcome->n_done; i++)
        failed |= json_array_append_new(array, record_trial(outcome, &outcome->trials[i]));
    return value_finish(array, failed);
}

static json_t *new_case(const struct outcome_case *outcome) {
    json_t *json = json_object();
    int failed = 0;

    failed |= value_set(json, "case", json_integer(outcome->id));
    failed |= value_set(json, "group", value_text(outcome->group));
    failed |= value_set(json, "module", value_text(outcome->module->name));
    failed |= value_set(json, "workload_version", json_integer(outcome->module->workload_version));
    failed |= value_set(json, "resource", value_text(value_resource_name(outcome->module->resource)));
    failed |= value_set(json, "path", value_text(outcome->path));
    failed |= value_set(json, "cpus", value_text(outcome->cpus));
    if (outcome->neighbours > 0)
        failed |= value_set(json, "neighbours", json_integer(outcome->neighbours));
    failed |= value_set(json, "params", new_params(outcome));
    failed |= value_set(json, "seed", value_whole(outcome->seed));
    failed |= value_set(json, "trials_wanted", json_integer(outcome->n_trials));
    failed |= value_set(json, "warmup", json_integer(outcome->warmup));
    failed |= value_set(json, "deadline_s", value_number(outcome->deadline_s));
    failed |= value_set(json, "status", value_text(outcome_status_name(outcome->status)));
    failed |= value_set(json, "reason", value_text(outcome->reason));
    failed |= value_set(json, "facts", record_facts(&outcome->facts));
    failed |= value_set(json, "trials", new_trials(outcome));
    failed |= value_set(json, "summary", new_summaries(outcome));
    return value_finish(json, failed);
}

static json_t *new_cases(const struct outcome_run *run) {
    json_t *array = json_array();
    int failed = 0;

    for (size_t i = 0; i < run->n_cases; i++)
        failed |= json_array_append_new(array, new_case(&run->cases[i]));
    return value_finish(array, failed);
}

/* What the module's tables say of its parameters and facts: readers need not guess it from their names. */
static json_t *new_param_rows(const struct vms_module *module) {
    json_t *json = json_object();
    int failed = 0;

    for (size_t i = 0; i < module->n_params; i++) {
        const struct vms_param *param = &module->params[i];
        json_t *row = json_object();

        failed |= value_set(row, "kind", value_text(param_kind_name(param->kind)));
        failed |= value_set(row, "role", value_text(descriptor_role_name(param->role)));
        failed |= value_set(json, param->name, row);
    }
    return value_finish(json, failed);
}

static json_t *new_fact_rows(const struct vms_module *module) {
    json_t *json = json_object();
    int failed = 0;

    for (size_t i = 0; i < module->n_facts; i++)
        failed |=
            value_set(json, module->facts[i].key, value_text(descriptor_role_name(module->facts[i].role)));
    return value_finish(json, failed);
}

static json_t *new_module(const struct outcome_run *run, const struct vms_module *module) {
    const struct outcome_module *file = outcome_run_module(run, module);
    json_t *json = json_object();
    char abi[16];
    int failed = 0;

    (void)snprintf(abi, sizeof(abi), "%u.%u", module->abi_major, module->abi_minor);
    failed |= value_set(json, "module", value_text(module->name));
    failed |= value_set(json, "workload_version", json_integer(module->workload_version));
    failed |= value_set(json, "path", value_text(file ? file->path : NULL));
    failed |= value_set(json, "sha256", value_text(file && file->sha256[0] ? file->sha256 : NULL));
    failed |= value_set(json, "shipped", json_boolean(file && file->is_shipped));
    failed |= value_set(json, "abi", value_text(abi));
    failed |= value_set(json, "params", new_param_rows(module));
    failed |= value_set(json, "facts", new_fact_rows(module));
    return value_finish(json, failed);
}

/* Each module that some case uses, once, in the order of the cases. */
static json_t *new_modules(const struct outcome_run *run) {
    json_t *array = json_array();
    int failed = 0;

    for (size_t i = 0; i < run->n_cases; i++) {
        size_t first = 0;

        while (run->cases[first].module != run->cases[i].module)
            first++;
        if (first == i)
            failed |= json_array_append_new(array, new_module(run, run->cases[i].module));
    }
    return value_finish(array, failed);
}

static json_t *new_program(void) {
    json_t *json = json_object(), *build = json_object();
    int failed = 0;

    failed |= value_set(build, "compiler", value_text(VMSUITE_COMPILER));
    failed |= value_set(build, "compiler_version", value_text(VMSUITE_COMPILER_VERSION));
    failed |= value_set(build, "build_type", value_text(VMSUITE_BUILD_TYPE));
    failed |= value_set(build, "optimization", value_text(VMSUITE_OPTIMIZATION));
    failed |= value_set(build, "flags", value_text(VMSUITE_FLAGS));
    failed |= value_set(json, "version", value_text(VMSUITE_VERSION));
    failed |= value_set(json, "build", build);
    return value_finish(json, failed);
}

/* Seconds that reading the noise counters took. */
static double noise_cost(const struct outcome_trial *trial) {
    double cost_s = trial->has_noise ? trial->noise.cost_s : 0;

    for (size_t i = 0; i < trial->n_attempts; i++)
        cost_s += noise_cost(&trial->attempts[i]);
    return cost_s;
}

static json_t *new_collecting(const struct outcome_run *run) {
    json_t *json = json_object();
    double noise_s = 0;
    int failed = 0;

    for (size_t i = 0; i < run->n_cases; i++)
        for (size_t k = 0; k < run->cases[i].n_done; k++)
            noise_s += noise_cost(&run->cases[i].trials[k]);
    failed |= value_set(json, "facts_s", value_number(run->facts_s));
    failed |= value_set(json, "noise_s", value_number(noise_s));
    failed |= value_set(json, "share", value_number((run->facts_s + noise_s) / run->duration_s));
    return value_finish(json, failed);
}

/* Another reference to what the context lends; null for NULL. */
static json_t *lent(const json_t *json) {
    return json ? json_deep_copy(json) : json_null();
}

static json_t *new_machine(const struct machine *machine, const json_t *other) {
    return machine ? record_machine(machine) : lent(other);
}

static json_t *new_environment(const struct record_context *context) {
    json_t *json = json_object();
    int failed = 0;

    failed |= value_set(json, "before", new_machine(context->before, context->machines[0]));
    failed |= value_set(json, "after", new_machine(context->after, context->machines[1]));
    return value_finish(json, failed);
}

static json_t *new_warnings(const struct outcome_run *run) {
    json_t *array = json_array();
    int failed = 0;

    for (size_t i = 0; i < run->n_warnings; i++)
        failed |= json_array_append_new(array, value_text(run->warnings[i]));
    return value_finish(array, failed);
}

json_t *record_set(const struct outcome_set *set) {
    json_t *json = json_object();
    int failed = 0;

    failed |= value_set(json, "id", value_text(set->id));
    failed |= value_set(json, "run", json_integer(set->run));
    failed |= value_set(json, "runs", json_integer(set->runs));
    if (set->looks > 0)
        failed |=
            value_set(json, "looks",
                      json_pack("{s:I, s:f}", "first", (json_int_t)set->looks, "error", SEQUENTIAL_ERROR));
    return value_finish(json, failed);
}

json_t *record_driver(double processor_s, double trials_s) {
    return json_pack("{s:f, s:f}", "processor_s", processor_s, "share",
                     trials_s > 0 ? processor_s / trials_s : 0.0);
}

json_t *record_new(const struct outcome_run *run, const struct record_context *context) {
    char started_at[CLOCK_TEXT_SIZE];
    json_t *json = json_object();
    int failed = 0;

    clock_format_utc(run->started_at, started_at);
    failed |= value_set(json, "schema", json_string(RECORD_SCHEMA));
    failed |= value_set(json, "run_id", value_text(run->run_id));
    if (run->set.id[0])
        failed |= value_set(json, "run_set", record_set(&run->set));
    if (context->places)
        failed |= value_set(json, "places", lent(context->places));
    if (context->labels)
        failed |= value_set(json, "labels", lent(context->labels));
    failed |= value_set(json, "configuration", value_text(run->configuration));
    failed |= value_set(json, "configuration_given", lent(context->configuration));
    failed |= value_set(json, "suite", lent(context->suite));
    failed |= value_set(json, "seed", value_whole(run->seed));
    failed |= value_set(json, "started_at", value_text(started_at));
    failed |= value_set(json, "duration_s", value_number(run->duration_s));
    failed |= value_set(json, "status", value_text(outcome_status_name(run->status)));
    failed |= value_set(json, "vmsuite", new_program());
    failed |= value_set(json, "modules", new_modules(run));
    failed |= value_set(json, "clock_cost_s", value_number(run->clock_cost_s));
    failed |= value_set(json, "collecting", new_collecting(run));
    failed |= value_set(json, "environment", new_environment(context));
    failed |= value_set(json, "cases", new_cases(run));
    failed |= value_set(json, "warnings", new_warnings(run));
    return value_finish(json, failed);
}
