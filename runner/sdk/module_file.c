/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sdk/module_file.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "common/locate.h"
#include "json/document.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUFFIX ".so"

/* Puts the file's folder before the others. */
static int add_folder(const char *folder, struct vms_error *error) {
    const char *others = getenv("VMSUITE_MODULE_PATH");
    cleanup_free char *path = NULL;

    if (strchr(folder, ':'))
        return error_set(error, -EINVAL,
                         "%s: modules cannot be loaded from a folder whose name contains ':'; move the file",
                         folder);
    path = text_new("%s%s%s", folder, others && *others ? ":" : "", others ? others : "");
    if (!path)
        return error_memory(error);
    return setenv("VMSUITE_MODULE_PATH", path, 1) < 0 ? error_memory(error) : 0;
}

static int find(const char *path, struct module_file *file, struct vms_error *error) {
    for (size_t i = 0; i < file->modules.n_modules; i++)
        if (strcmp(file->modules.modules[i].path, path) == 0)
            file->module = file->modules.modules[i].module;
    if (!file->module)
        return error_set(error, -EINVAL, "%s cannot be loaded as a module", path);
    return 0;
}

int module_file_open(const char *path, struct module_file *ret_file, struct vms_error *error) {
    cleanup_free char *real = realpath(path, NULL);
    cleanup_free char *folder = real ? strdup(real) : NULL;
    size_t length = real ? strlen(real) : 0;

    *ret_file = (struct module_file){0};
    if (!real)
        return error_set(error, -errno, "%s: %s", path, strerror(errno));
    if (!folder)
        return error_memory(error);
    if (length < sizeof(SUFFIX) || strcmp(real + length - strlen(SUFFIX), SUFFIX) != 0)
        return error_set(error, -EINVAL, "%s: a module is a shared object whose name ends in %s", path,
                         SUFFIX);
    *strrchr(folder, '/') = '\0';
    if (add_folder(*folder ? folder : "/", error) < 0)
        return -EINVAL;
    if (locate_modules(&ret_file->modules, error) < 0)
        return -ENOMEM;
    return find(real, ret_file, error);
}

void module_file_done(struct module_file *file) {
    module_list_done(&file->modules);
    *file = (struct module_file){0};
}

/* Adds "NAME=VALUE": a second value of one name makes a list of them. */
static int add_parameter(json_t *params, const char *parameter) {
    const char *equals = strchr(parameter, '=');
    cleanup_free char *name = equals ? strndup(parameter, (size_t)(equals - parameter)) : NULL;
    json_t *values;

    if (!name)
        return equals ? -ENOMEM : -EINVAL;
    values = json_object_get(params, name);
    if (!values) {
        values = json_array();
        if (json_object_set_new(params, name, values) < 0)
            return -ENOMEM;
    }
    return json_array_append_new(values, json_string(equals + 1)) < 0 ? -EINVAL : 0;
}

static json_t *read_parameters(char *const *parameters, size_t n_parameters, const char *file,
                               struct problems *problems) {
    json_t *params = json_object();

    for (size_t i = 0; params && i < n_parameters; i++)
        if (add_parameter(params, parameters[i]) < 0)
            problems_add(problems, file, 0, NULL, "\"%s\" is not a parameter; write NAME=VALUE",
                         parameters[i]);
    return params;
}

int module_file_configure(const struct module_file *file, char *const *parameters, size_t n_parameters,
                          unsigned trials, struct problems *problems,
                          struct configuration *ret_configuration) {
    const struct configuration_overrides none = {0};
    const char *name = file->module->name;
    char configuration[PATH_MAX];
    json_t *params = read_parameters(parameters, n_parameters, name, problems);
    struct document document = {.file = (char *)name, .problems = problems};
    int status;

    (void)snprintf(configuration, sizeof(configuration), "module-%s", name);
    document.json = json_pack("{s:s, s:{s:s, s:i, s:[{s:s, s:s, s:o}]}}", "configuration", configuration,
                              "suite", "suite", name, "trials", (int)trials, "benchmarks", "group", name,
                              "module", name, "params", params);
    if (!document.json)
        problems_add(problems, name, 0, NULL, ERROR_MEMORY);
    if (problems->n_problems > 0) {
        json_decref(document.json);
        return -EINVAL;
    }
    status = configuration_read_from(&document, &none, &file->modules, ret_configuration);
    json_decref(document.json);
    return status;
}
