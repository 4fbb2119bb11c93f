/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "documents/suite.h"

#include "base/cleanup.h"
#include "base/cpus.h"
#include "base/suggest.h"
#include "base/units.h"
#include "module/param.h"

#include <fnmatch.h>
#include <math.h>
#include <string.h>

static const char *const suite_keys[] = {"$schema", "suite", "description", "trials", "warmup",
                                         "order",   "seed",  "benchmarks",  NULL};
static const char *const benchmark_keys[] = {"group",  "module",   "params", "trials",
                                             "warmup", "deadline", "cpus",   NULL};

/* A scalar as a user would type it. NULL for what is no scalar; the caller frees. */
static char *scalar_text(const json_t *value) {
    char *text = NULL;
    int length = -1;

    switch (json_typeof(value)) {
    case JSON_STRING:
        return strdup(json_string_value(value));
    case JSON_INTEGER:
        length = asprintf(&text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        break;
    case JSON_REAL:
        length = asprintf(&text, "%.17g", json_real_value(value));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        return strdup(json_is_true(value) ? "true" : "false");
    case JSON_OBJECT:
    case JSON_ARRAY:
    case JSON_NULL:
        break;
    }
    return length < 0 ? NULL : text;
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
    const char *names[64], *nearest;

    for (size_t i = 0; i < module->n_params; i++)
        names[i] = module->params[i].name;
    nearest = suggest_nearest(name, names, module->n_params);
    document_problem(document, path, "module \"%s\" has no parameter \"%s\"%s%s%s", module->name, name,
                     nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
}

/* Reads the parameters that are given and fills in the others' defaults. */
static void read_params(const struct document *document, const char *path, const json_t *params,
                        struct suite_benchmark *benchmark) {
    const struct vms_module *module = benchmark->module;
    const char *name;
    json_t *value;

    benchmark->sweeps = calloc(module->n_params + 1, sizeof(*benchmark->sweeps));
    if (!benchmark->sweeps) {
        document_problem(document, path, "out of memory");
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
    char module_path[JSON_PATH_SIZE];
    const json_t *name = document_get(document, path, json, "module", JSON_STRING, module_path);
    const struct vms_module *module = name ? module_list_find(modules, json_string_value(name)) : NULL;
    cleanup_free const char **names = calloc(modules->n_modules + 1, sizeof(*names));
    const char *nearest;

    if (!json_object_get(json, "module"))
        document_problem(document, path,
                         "lacks \"module\", the name of a module (`vmsuite list` shows them)");
    if (!name || module || !names)
        return module;
    for (size_t i = 0; i < modules->n_modules; i++)
        names[i] = modules->modules[i].module->name;
    nearest = suggest_nearest(json_string_value(name), names, modules->n_modules);
    document_problem(document, module_path, "no module \"%s\"; %s%s%s", json_string_value(name),
                     nearest ? "did you mean \"" : "`vmsuite list` shows the modules there are",
                     nearest ? nearest : "", nearest ? "\"?" : "");
    return NULL;
}

/* A deadline in seconds, as a number or a text such as "90s"; 0 where none is given. */
static double read_deadline(const struct document *document, const char *path, const json_t *json) {
    const json_t *value = json_object_get(json, "deadline");
    struct vms_error error = {"must be seconds above 0, such as 90 or \"90s\""};
    cleanup_free char *text = value ? scalar_text(value) : NULL;
    char value_path[JSON_PATH_SIZE];
    double seconds = 0;

    if (!value)
        return 0;
    json_path_member(value_path, path, "deadline");
    if (!text || units_parse_seconds(text, &seconds, &error) < 0 || !(seconds > 0))
        document_problem(document, value_path, "%s", error.text);
    return seconds;
}

static void read_cpus(const struct document *document, const char *path, const json_t *json,
                      struct suite_benchmark *benchmark) {
    char cpus_path[JSON_PATH_SIZE];
    const json_t *cpus = document_get(document, path, json, "cpus", JSON_STRING, cpus_path);
    struct vms_error error;
    cpu_set_t set;

    if (!cpus)
        return;
    if (cpus_parse(json_string_value(cpus), &set, &error) < 0)
        document_problem(document, cpus_path, "%s", error.text);
    benchmark->cpus = strdup(json_string_value(cpus));
}

/* A number, or "auto"; where it is not given, `trials` and `target` stay. */
static void read_trials(const struct document *document, const char *path, const json_t *json,
                        unsigned *trials, double *target) {
    const json_t *value = json_object_get(json, "trials");
    char trials_path[JSON_PATH_SIZE];

    if (!value)
        return;
    json_path_member(trials_path, path, "trials");
    if (json_is_string(value) && strcmp(json_string_value(value), "auto") == 0) {
        *trials = SUITE_TRIALS_AUTO;
        *target = SUITE_TARGET;
    } else if (!json_is_integer(value)) {
        document_problem(document, trials_path, "must be a whole number or \"auto\"");
    } else {
        *trials =
            (unsigned)document_get_integer(document, path, json, "trials", 1, SUITE_TRIALS_MAX, *trials);
        *target = 0;
    }
}

/* `ret` holds the suite's own trials and warm-up. */
static void read_benchmark(const struct document *document, const char *path, const json_t *json,
                           const struct module_list *modules, struct suite_benchmark *ret) {
    char group_path[JSON_PATH_SIZE], params_path[JSON_PATH_SIZE];
    const json_t *group, *params;

    if (!json_is_object(json)) {
        document_problem(document, path, "must be an object with \"group\" and \"module\"");
        return;
    }
    document_check_keys(document, path, json, benchmark_keys);
    group = document_get(document, path, json, "group", JSON_STRING, group_path);
    if (!json_object_get(json, "group"))
        document_problem(document, path, "lacks \"group\", the name that its results go by");
    ret->group = strdup(group ? json_string_value(group) : "");
    if (group && !*json_string_value(group))
        document_problem(document, group_path, "must not be empty");
    read_trials(document, path, json, &ret->trials, &ret->target);
    ret->warmup =
        (unsigned)document_get_integer(document, path, json, "warmup", 0, SUITE_WARMUP_MAX, ret->warmup);
    ret->deadline_s = read_deadline(document, path, json);
    read_cpus(document, path, json, ret);
    ret->module = read_module(document, path, json, modules);
    params = document_get(document, path, json, "params", JSON_OBJECT, params_path);
    if (ret->module)
        read_params(document, params_path, params, ret);
}

static void read_benchmarks(const struct document *document, const char *path, const json_t *json,
                            const struct module_list *modules, struct suite *suite) {
    struct suite_benchmark common = {.trials = SUITE_TRIALS};
    char list_path[JSON_PATH_SIZE];
    const json_t *list = document_get(document, path, json, "benchmarks", JSON_ARRAY, list_path);

    if (!json_object_get(json, "benchmarks") || (list && json_array_size(list) == 0))
        document_problem(document, path, "needs \"benchmarks\", a list of at least one");
    read_trials(document, path, json, &common.trials, &common.target);
    common.warmup =
        (unsigned)document_get_integer(document, path, json, "warmup", 0, SUITE_WARMUP_MAX, SUITE_WARMUP);
    suite->benchmarks = list ? calloc(json_array_size(list) + 1, sizeof(*suite->benchmarks)) : NULL;
    for (size_t i = 0; suite->benchmarks && i < json_array_size(list); i++) {
        char element_path[JSON_PATH_SIZE];

        json_path_element(element_path, list_path, i);
        suite->benchmarks[suite->n_benchmarks] = common;
        read_benchmark(document, element_path, json_array_get(list, i), modules,
                       &suite->benchmarks[suite->n_benchmarks++]);
    }
}

static void read_order(const struct document *document, const char *path, const json_t *json,
                       struct suite *suite) {
    char order_path[JSON_PATH_SIZE];
    const json_t *order = document_get(document, path, json, "order", JSON_STRING, order_path);

    if (!order)
        return;
    suite->sequential = strcmp(json_string_value(order), "sequential") == 0;
    if (!suite->sequential && strcmp(json_string_value(order), "random") != 0)
        document_problem(document, order_path, "\"%s\" is neither \"random\" nor \"sequential\"",
                         json_string_value(order));
}

void suite_read(const struct document *document, const char *path, const json_t *json,
                const struct module_list *modules, struct suite *ret_suite) {
    char name_path[JSON_PATH_SIZE], text_path[JSON_PATH_SIZE];
    const json_t *name, *description;
    json_int_t seed;

    *ret_suite = (struct suite){0};
    document_check_keys(document, path, json, suite_keys);
    (void)document_get(document, path, json, "$schema", JSON_STRING, text_path);
    name = document_get(document, path, json, "suite", JSON_STRING, name_path);
    if (!json_object_get(json, "suite"))
        document_problem(document, path, "lacks \"suite\", the suite's name");
    ret_suite->name = strdup(name ? json_string_value(name) : "");
    description = document_get(document, path, json, "description", JSON_STRING, text_path);
    ret_suite->description = description ? strdup(json_string_value(description)) : NULL;
    read_order(document, path, json, ret_suite);
    seed = document_get_integer(document, path, json, "seed", 0, INT64_MAX, -1);
    ret_suite->has_seed = seed >= 0;
    ret_suite->seed = seed >= 0 ? (uint64_t)seed : 0;
    read_benchmarks(document, path, json, modules, ret_suite);
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

int suite_keep(struct suite *suite, const char *pattern, struct vms_error *error) {
    size_t kept = 0;

    for (size_t i = 0; i < suite->n_benchmarks; i++) {
        struct suite_benchmark *benchmark = &suite->benchmarks[i];

        if (fnmatch(pattern, benchmark->group, 0) == 0 || fnmatch(pattern, benchmark->module->name, 0) == 0)
            suite->benchmarks[kept++] = *benchmark;
        else
            benchmark_done(benchmark);
    }
    suite->n_benchmarks = kept;
    if (kept == 0)
        return error_set(error, -ENOENT, "suite \"%s\" has no group or module that matches \"%s\"",
                         suite->name, pattern);
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
    return json_pack("{s:s, s:s*, s:s, s:o}", "suite", suite->name, "description", suite->description,
                     "order", suite->sequential ? "sequential" : "random", "benchmarks", benchmarks);
}
