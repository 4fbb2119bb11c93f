/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/suggest.h"
#include "base/units.h"
#include "cli/list.h"
#include "common/locate.h"
#include "module/descriptor.h"
#include "module/param.h"
#include "record/value.h"

#include <jansson.h>
#include <string.h>

static json_t *facts_json(const struct vms_module *module) {
    json_t *facts = json_array();

    for (size_t i = 0; i < module->n_facts; i++)
        json_array_append_new(facts, json_pack("{s:s, s:s, s:s}", "fact", module->facts[i].key, "role",
                                               descriptor_role_name(module->facts[i].role), "help",
                                               module->facts[i].help));
    return facts;
}

static json_t *choices_json(const struct vms_param *param) {
    json_t *choices = param->choices ? json_array() : NULL;

    for (size_t i = 0; choices && param->choices[i]; i++)
        json_array_append_new(choices, json_string(param->choices[i]));
    return choices;
}

static json_t *module_json(const struct loaded_module *loaded) {
    const struct vms_module *module = loaded->module;
    json_t *params = json_array(), *metrics = json_array(), *needs = json_array();

    for (size_t i = 0; i < module->n_params; i++) {
        const struct vms_param *param = &module->params[i];

        json_array_append_new(params,
                              json_pack("{s:s, s:s, s:s, s:s*, s:s*, s:o*, s:s, s:s}", "name", param->name,
                                        "kind", param_kind_name(param->kind), "default", param->fallback,
                                        "min", param->min, "max", param->max, "choices", choices_json(param),
                                        "role", descriptor_role_name(param->role), "help", param->help));
    }
    for (size_t i = 0; i < module->n_metrics; i++) {
        const struct vms_metric *metric = &module->metrics[i];

        json_array_append_new(
            metrics, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "name", metric->name, "unit",
                               units_name(metric->unit), "better", value_better_name(metric->better), "shape",
                               value_shape_name(metric->shape), "side", value_side_name(metric->side), "role",
                               descriptor_role_name(metric->role), "help", metric->help));
    }
    if (module->needs & VMS_NEEDS_SCRATCH)
        json_array_append_new(needs, json_string("scratch"));
    if (module->needs & VMS_NEEDS_PEER)
        json_array_append_new(needs, json_string("peer"));
    if (module->needs & VMS_NEEDS_ROOT)
        json_array_append_new(needs, json_string("root"));
    return json_pack("{s:s, s:s, s:s, s:i, s:s, s:b, s:[i,i], s:o, s:o, s:o, s:o}", "module", module->name,
                     "summary", module->summary, "resource", value_resource_name(module->resource),
                     "workload_version", (int)module->workload_version, "path", loaded->path, "shipped",
                     loaded->is_shipped, "abi", (int)module->abi_major, (int)module->abi_minor, "needs",
                     needs, "params", params, "metrics", metrics, "facts", facts_json(module));
}

static void print_param(const struct vms_param *param) {
    printf("  %s = %s  (%s", param->name, *param->fallback ? param->fallback : "\"\"",
           param_kind_name(param->kind));
    if (param->min || param->max)
        printf(", %s to %s", param->min ? param->min : "any", param->max ? param->max : "any");
    for (size_t i = 0; param->choices && param->choices[i]; i++)
        printf("%s %s", i == 0 ? ":" : " |", param->choices[i]);
    printf(")\n      %s\n", param->help);
}

static void print_module(const struct loaded_module *loaded) {
    const struct vms_module *module = loaded->module;

    printf("%s: %s\n  resource %s, workload version %u, %s\n\nparameters:\n", module->name, module->summary,
           value_resource_name(module->resource), module->workload_version, loaded->path);
    for (size_t i = 0; i < module->n_params; i++)
        print_param(&module->params[i]);
    printf("\nmetrics:\n");
    for (size_t i = 0; i < module->n_metrics; i++) {
        const struct vms_metric *metric = &module->metrics[i];

        printf("  %s [%s]  (%s is better%s)\n      %s\n", metric->name, units_name(metric->unit),
               value_better_name(metric->better), metric->shape == VMS_DISTRIBUTION ? ", distribution" : "",
               metric->help);
    }
}

static bool is_wanted(const struct loaded_module *loaded, const struct words *words) {
    for (size_t i = 0; i < words->n_words; i++)
        if (strcmp(words->words[i], loaded->module->name) == 0)
            return true;
    return words->n_words == 0;
}

static int print(const struct cli_command *command, const struct module_list *modules,
                 const struct words *words, bool as_json) {
    json_auto_t *json = json_array();

    for (size_t i = 0; i < modules->n_modules; i++) {
        const struct loaded_module *loaded = &modules->modules[i];

        if (!is_wanted(loaded, words))
            continue;
        if (as_json)
            json_array_append_new(json, module_json(loaded));
        else if (words->n_words > 0)
            print_module(loaded);
        else
            printf("%-10s %-8s %s\n", loaded->module->name, value_resource_name(loaded->module->resource),
                   loaded->module->summary);
    }
    return as_json ? command_print_json(command, json) : EXIT_DONE;
}

/* EXIT_USAGE where no module has one of the names. */
static int check_names(const struct cli_command *command, const struct module_list *modules,
                       const struct words *words) {
    for (size_t i = 0; i < words->n_words; i++) {
        char phrase[SUGGEST_SIZE];
        const char *candidates[256];
        size_t n = 0;

        if (module_list_find(modules, words->words[i]))
            continue;
        for (; n < modules->n_modules && n < VMS_LENGTH(candidates); n++)
            candidates[n] = modules->modules[n].module->name;
        for (size_t k = 0; n < VMS_LENGTH(candidates) && list_name(k); k++)
            candidates[n++] = list_name(k);
        return command_usage_error(command, "no module \"%s\"%s", words->words[i],
                                   suggest_phrase(words->words[i], candidates, n, phrase));
    }
    return EXIT_DONE;
}

int list_modules(const struct cli_command *command, const struct words *words, bool as_json) {
    struct module_list modules;
    struct vms_error error;
    int status;

    if (locate_modules(&modules, &error) < 0)
        return command_fail(command, EXIT_FAILED, "%s", error.text);
    status = check_names(command, &modules, words);
    if (status == EXIT_DONE)
        status = print(command, &modules, words, as_json);
    module_list_done(&modules);
    return status;
}
