/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "documents/suite.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/number.h"
#include "base/suggest.h"
#include "base/text.h"
#include "module/param.h"

#include <fnmatch.h>
#include <string.h>

/* A scalar as a user would type it. NULL for what is no scalar; the caller frees. */
static char *scalar_text(const json_t *value) {
    char number[NUMBER_TEXT_SIZE];

    switch (json_typeof(value)) {
    case JSON_STRING:
        return strdup(json_string_value(value));
    case JSON_INTEGER:
        return text_new("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    case JSON_REAL:
        (void)number_format(json_real_value(value), number);
        return strdup(number);
    case JSON_TRUE:
    case JSON_FALSE:
        return strdup(json_is_true(value) ? "true" : "false");
    case JSON_OBJECT:
    case JSON_ARRAY:
    case JSON_NULL:
        break;
    }
    return NULL;
}

/* Checks one value of a sweep and keeps its text. */
static void read_scalar(const struct document *document, const char *path, const json_t *value,
                        const struct vms_param *param, struct suite_sweep *sweep) {
    struct vms_error error = {""};
    union vms_value parsed;
    char *text = scalar_text(value);

    if (!text) {
        document_problem(document, path, "must be a string, a number or true or false");
    } else if (strlen(text) >= PARAM_TEXT_SIZE) {
        document_problem(document, path, "is longer than %d characters", PARAM_TEXT_SIZE - 1);
    } else if (param_parse(param, text, &parsed, &error) < 0) {
        document_problem(document, path, "%s", error.text);
    } else {
        sweep->texts[sweep->n_texts++] = TAKE(text);
    }
    free(text);
}

/* Reads one value or a list of values. */
static void read_sweep(const struct document *document, const char *path, const json_t *value,
                       const struct vms_param *param, struct suite_sweep *ret_sweep) {
    size_t n = json_is_array(value) ? json_array_size(value) : 1;

    if (n == 0) {
        document_problem(document, path, "an empty list gives no case; name at least one value");
        return;
    }
    ret_sweep->is_given = true;
    ret_sweep->texts = calloc(n, sizeof(*ret_sweep->texts));
    for (size_t i = 0; ret_sweep->texts && i < n; i++) {
        char element_path[JSON_PATH_SIZE];

        json_path_element(element_path, path, i);
        read_scalar(document, json_is_array(value) ? element_path : path,
                    json_is_array(value) ? json_array_get(value, i) : value, param, ret_sweep);
    }
}

static void report_parameter(const struct document *document, const char *path,
                             const struct vms_module *module, const char *name) {
    const char *names[64];
    char phrase[SUGGEST_SIZE];

    for (size_t i = 0; i < module->n_params; i++)
        names[i] = module->params[i].name;
    document_problem(document, path, "module \"%s\" has no parameter \"%s\"%s", module->name, name,
                     suggest_phrase(name, names, module->n_params, phrase));
}

/* Reads the parameters that are given and fills in the others' defaults. */
static void read_params(const struct document *document, const char *path, const json_t *params,
                        struct suite_benchmark *benchmark) {
    const struct vms_module *module = benchmark->module;
    const char *name;
    json_t *value;

    benchmark->sweeps = calloc(module->n_params + 1, sizeof(*benchmark->sweeps));
    if (!benchmark->sweeps) {
        document_problem(document, path, ERROR_MEMORY);
        return;
    }
    json_object_foreach ((json_t *)params, name, value) {
        int index = param_find(module, name);
        char value_path[JSON_PATH_SIZE];

        json_path_member(value_path, path, name);
        if (index < 0)
            report_parameter(document, value_path, module, name);
        else
            read_sweep(document, value_path, value, &module->params[index], &benchmark->sweeps[index]);
    }
    for (size_t i = 0; i < module->n_params; i++) {
        struct suite_sweep *sweep = &benchmark->sweeps[i];

        if (sweep->texts || !(sweep->texts = calloc(1, sizeof(*sweep->texts))))
            continue;
        sweep->texts[0] = strdup(module->params[i].fallback);
        sweep->n_texts = 1;
    }
}

static const struct vms_module *read_module(const struct document *document, const char *path,
                                            const json_t *json, const struct module_list *modules) {
    const char *name = members_text(json, "module");
    const struct vms_module *module = name ? module_list_find(modules, name) : NULL;
    cleanup_free const char **names = calloc(modules->n_modules + 1, sizeof(*names));
    char phrase[SUGGEST_SIZE], place[JSON_PATH_SIZE];

    if (!name || module || !names)
        return module;
    for (size_t i = 0; i < modules->n_modules; i++)
        names[i] = modules->modules[i].module->name;
    suggest_phrase(name, names, modules->n_modules, phrase);
    json_path_member(place, path, "module");
    document_problem(document, place, "no module \"%s\"%s", name,
                     *phrase ? phrase : "; `vmsuite list` shows the modules there are");
    return NULL;
}

/* A number, or "auto"; where it is not given, `trials` and `target` stay. */
static void read_trials(const json_t *json, unsigned *trials, double *target) {
    const json_t *value = json_object_get(json, "trials");

    if (!value)
        return;
    *trials = (unsigned)members_whole(json, "trials", SUITE_TRIALS_AUTO);
    *target = json_is_string(value) ? SUITE_TARGET : 0;
}

/* `ret` holds the suite's own trials and warm-up. */
static void read_benchmark(const struct document *document, const char *path, const json_t *json,
                           const struct module_list *modules, struct suite_benchmark *ret) {
    const char *group = members_text(json, "group"), *cpus = members_text(json, "cpus");
    char params_path[JSON_PATH_SIZE];

    ret->group = strdup(group ? group : "");
    read_trials(json, &ret->trials, &ret->target);
    ret->warmup = (unsigned)members_whole(json, "warmup", ret->warmup);
    ret->deadline_s = members_seconds(json, "deadline");
    ret->cpus = cpus ? strdup(cpus) : NULL;
    ret->module = read_module(document, path, json, modules);
    json_path_member(params_path, path, "params");
    if (ret->module)
        read_params(document, params_path, json_object_get(json, "params"), ret);
}

static void read_benchmarks(const struct document *document, const char *path, const json_t *json,
                            const struct module_list *modules, struct suite *suite) {
    struct suite_benchmark common = {.trials = SUITE_TRIALS};
    const json_t *list = json_object_get(json, "benchmarks");
    char list_path[JSON_PATH_SIZE];

    json_path_member(list_path, path, "benchmarks");
    read_trials(json, &common.trials, &common.target);
    common.warmup = (unsigned)members_whole(json, "warmup", SUITE_WARMUP);
    suite->benchmarks = list ? calloc(json_array_size(list) + 1, sizeof(*suite->benchmarks)) : NULL;
    for (size_t i = 0; suite->benchmarks && i < json_array_size(list); i++) {
        char element_path[JSON_PATH_SIZE];

        json_path_element(element_path, list_path, i);
        suite->benchmarks[suite->n_benchmarks] = common;
        read_benchmark(document, element_path, json_array_get(list, i), modules,
                       &suite->benchmarks[suite->n_benchmarks++]);
    }
}

void suite_read(const struct document *document, const char *path, const json_t *json,
                const struct module_list *modules, struct suite *ret_suite) {
    const char *name = members_text(json, "suite"), *order = members_text(json, "order");
    const char *description = members_text(json, "description");
    json_int_t seed = members_whole(json, "seed", -1);

    *ret_suite = (struct suite){0};
    members_check(document, path, json, &suite_members);
    ret_suite->name = strdup(name ? name : "");
    ret_suite->description = description ? strdup(description) : NULL;
    ret_suite->sequential = order && strcmp(order, "sequential") == 0;
    ret_suite->together = json_is_true(json_object_get(json, "together"));
    ret_suite->has_seed = seed >= 0;
    ret_suite->seed = seed >= 0 ? (uint64_t)seed : 0;
    read_benchmarks(document, path, json, modules, ret_suite);
    for (size_t i = 0; ret_suite->together && i < ret_suite->n_benchmarks; i++)
        if (ret_suite->benchmarks[i].target > 0) {
            document_problem(document, path,
                             "\"together\" needs a number of trials, the same at all places, not \"auto\"");
            break;
        }
}

static void benchmark_done(struct suite_benchmark *benchmark) {
    for (size_t i = 0; benchmark->sweeps && i < benchmark->module->n_params; i++) {
        for (size_t k = 0; k < benchmark->sweeps[i].n_texts; k++)
            free(benchmark->sweeps[i].texts[k]);
        free(benchmark->sweeps[i].texts);
    }
    free(benchmark->sweeps);
    free(benchmark->group);
    free(benchmark->cpus);
}

void suite_done(struct suite *suite) {
    for (size_t i = 0; i < suite->n_benchmarks; i++)
        benchmark_done(&suite->benchmarks[i]);
    free(suite->benchmarks);
    free(suite->name);
    free(suite->description);
    *suite = (struct suite){0};
}

size_t suite_count_cases(const struct suite_benchmark *benchmark, size_t most) {
    size_t n = 1;

    for (size_t i = 0; i < benchmark->module->n_params && n <= most; i++)
        n *= benchmark->sweeps[i].n_texts;
    return n;
}

static bool is_kept(const struct suite_benchmark *benchmark, char *const *patterns, size_t n_patterns) {
    for (size_t i = 0; i < n_patterns; i++)
        if (fnmatch(patterns[i], benchmark->group, 0) == 0 ||
            fnmatch(patterns[i], benchmark->module->name, 0) == 0)
            return true;
    return false;
}

static int refuse_unmatched(const struct suite *suite, char *const *patterns, size_t n_patterns,
                            struct vms_error *error) {
    for (size_t i = 0; i < n_patterns; i++) {
        bool matches = false;

        for (size_t k = 0; k < suite->n_benchmarks; k++)
            matches |= is_kept(&suite->benchmarks[k], &patterns[i], 1);
        if (!matches)
            return error_set(error, -ENOENT, "suite \"%s\" has no group or module that matches \"%s\"",
                             suite->name, patterns[i]);
    }
    return 0;
}

int suite_keep(struct suite *suite, char *const *patterns, size_t n_patterns, struct vms_error *error) {
    size_t kept = 0;
    int status = refuse_unmatched(suite, patterns, n_patterns, error);

    if (status < 0)
        return status;

    for (size_t i = 0; i < suite->n_benchmarks; i++) {
        struct suite_benchmark *benchmark = &suite->benchmarks[i];

        if (is_kept(benchmark, patterns, n_patterns))
            suite->benchmarks[kept++] = *benchmark;
        else
            benchmark_done(benchmark);
    }
    suite->n_benchmarks = kept;
    return 0;
}

static json_t *resolved_params(const struct suite_benchmark *benchmark) {
    json_t *params = json_object();

    for (size_t i = 0; i < benchmark->module->n_params; i++) {
        const struct suite_sweep *sweep = &benchmark->sweeps[i];
        json_t *values = json_array();

        for (size_t k = 0; k < sweep->n_texts; k++)
            json_array_append_new(values, json_string(sweep->texts[k]));
        json_object_set_new(params, benchmark->module->params[i].name, values);
    }
    return params;
}

json_t *suite_resolved(const struct suite *suite) {
    json_t *benchmarks = json_array();

    for (size_t i = 0; i < suite->n_benchmarks; i++) {
        const struct suite_benchmark *benchmark = &suite->benchmarks[i];

        json_array_append_new(
            benchmarks,
            json_pack("{s:s, s:s, s:o, s:i, s:o*, s:s*, s:o}", "group", benchmark->group, "module",
                      benchmark->module->name, "trials",
                      benchmark->target > 0 ? json_string("auto") : json_integer(benchmark->trials), "warmup",
                      (int)benchmark->warmup, "deadline",
                      benchmark->deadline_s > 0 ? json_real(benchmark->deadline_s) : NULL, "cpus",
                      benchmark->cpus, "params", resolved_params(benchmark)));
    }
    return json_pack("{s:s, s:s*, s:s, s:o*, s:o}", "suite", suite->name, "description", suite->description,
                     "order", suite->sequential ? "sequential" : "random", "together",
                     suite->together ? json_true() : NULL, "benchmarks", benchmarks);
}
