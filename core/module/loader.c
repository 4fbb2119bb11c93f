/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The customs: nothing of a shared object is used before its descriptor has been checked, and no code of it
 * runs to list it (except constructors, which dlopen cannot hold back). */
#include "module/loader.h"

#include "base/cleanup.h"
#include "module/param.h"

#include <ctype.h>
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define SUFFIX ".so"
#define MODULE_NAME_SIZE 64
#define ROWS_MAX 64

/* What the descriptor had in ABI 1.0; later minor versions have added fields after `estimate`. */
#define SIZE_1_0 (offsetof(struct vms_module, estimate) + sizeof(((struct vms_module *)NULL)->estimate))
#define KNOWN_NEEDS (VMS_NEEDS_SCRATCH | VMS_NEEDS_PEER | VMS_NEEDS_ROOT)

static bool is_name(const char *name) {
    return islower((unsigned char)name[0]) && strlen(name) < MODULE_NAME_SIZE &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name);
}

static int check_abi(const struct vms_module *module, struct vms_error *error) {
    if (module->abi_major != VMS_ABI_MAJOR)
        return error_set(error, -EINVAL,
                         "it was built for module ABI %u, this program has ABI %d: build it again",
                         (unsigned)module->abi_major, VMS_ABI_MAJOR);
    if (module->size < SIZE_1_0)
        return error_set(error, -EINVAL,
                         "its descriptor has %u bytes, ABI %d.0 has %zu: set .size = "
                         "sizeof(struct vms_module)",
                         (unsigned)module->size, VMS_ABI_MAJOR, SIZE_1_0);
    return 0;
}

static int check_head(const struct vms_module *module, const char *name, struct vms_error *error) {
    if (!module->name || strcmp(module->name, name) != 0)
        return error_set(error, -EINVAL, "it calls itself \"%.64s\", the file's name says \"%s\"",
                         module->name ? module->name : "", name);
    if (!module->summary || module->summary[0] == '\0')
        return error_set(error, -EINVAL, "it has no summary");
    if ((unsigned)module->resource > VMS_CPU)
        return error_set(error, -EINVAL, "its resource, %d, is unknown", (int)module->resource);
    if (module->workload_version == 0)
        return error_set(error, -EINVAL, "its workload version is 0: they count from 1");
    if (module->needs & ~(uint32_t)KNOWN_NEEDS)
        return error_set(error, -EINVAL, "it needs something that this program does not know (0x%x)",
                         (unsigned)(module->needs & ~(uint32_t)KNOWN_NEEDS));
    return 0;
}

static int check_functions(const struct vms_module *module, struct vms_error *error) {
    if (!module->measure)
        return error_set(error, -EINVAL, "it has no function \"measure\"");
    if ((module->needs & VMS_NEEDS_PEER) && !module->serve)
        return error_set(error, -EINVAL, "it needs a peer but has no function \"serve\"");
    if (!(module->needs & VMS_NEEDS_PEER) && module->serve)
        return error_set(error, -EINVAL, "it has a function \"serve\" but does not say VMS_NEEDS_PEER");
    return 0;
}

static int check_metrics(const struct vms_module *module, struct vms_error *error) {
    if (!module->metrics || module->n_metrics == 0 || module->n_metrics > ROWS_MAX)
        return error_set(error, -EINVAL, "it has %zu metrics: 1 to %d are allowed", module->n_metrics,
                         ROWS_MAX);
    for (size_t i = 0; i < module->n_metrics; i++) {
        const struct vms_metric *metric = &module->metrics[i];

        if (!metric->name || !is_name(metric->name))
            return error_set(error, -EINVAL, "metric %zu: its name is not lower case letters, digits and '_'",
                             i);
        for (size_t j = 0; j < i; j++)
            if (strcmp(metric->name, module->metrics[j].name) == 0)
                return error_set(error, -EINVAL, "metric \"%s\" stands twice", metric->name);
        if ((unsigned)metric->unit > VMS_RATIO || (unsigned)metric->better > VMS_LOWER ||
            (unsigned)metric->shape > VMS_DISTRIBUTION || (unsigned)metric->side > VMS_RECEIVER)
            return error_set(error, -EINVAL, "metric \"%s\": unit, better, shape or side is unknown",
                             metric->name);
        if (!metric->help)
            return error_set(error, -EINVAL, "metric \"%s\" has no help", metric->name);
    }
    return 0;
}

int loader_check(const struct vms_module *module, const char *name, struct vms_error *error) {
    int status = check_abi(module, error);

    if (status == 0)
        status = check_head(module, name, error);
    if (status == 0)
        status = check_functions(module, error);
    if (status == 0)
        status = check_metrics(module, error);
    if (status == 0 && (module->n_params > ROWS_MAX || (module->n_params > 0 && !module->params)))
        status = error_set(error, -EINVAL, "it has %zu parameters: at most %d are allowed, and a table",
                           module->n_params, ROWS_MAX);
    if (status == 0)
        status = param_check_table(module, error);
    return status;
}

/* "/a/b/tcp.so" -> "tcp". */
static int name_of(const char *path, char ret_name[static MODULE_NAME_SIZE], struct vms_error *error) {
    const char *file = strrchr(path, '/');
    char name[MODULE_NAME_SIZE] = "";
    size_t length;

    if (path[0] != '/' || !file)
        return error_set(error, -EINVAL, "%.300s: the path of a module must be absolute", path);
    file++;
    length = strlen(file);
    if (length > strlen(SUFFIX) && length < sizeof(name) + strlen(SUFFIX) &&
        strcmp(file + length - strlen(SUFFIX), SUFFIX) == 0)
        memcpy(name, file, length - strlen(SUFFIX));
    if (!is_name(name))
        return error_set(
            error, -EINVAL,
            "%.300s: a module's file is called NAME.so, NAME being lower case letters, digits and "
            "'_' after a letter",
            path);
    memcpy(ret_name, name, sizeof(name));
    return 0;
}

/* Says whether the object is no module at all or one of another ABI. */
static int refuse_symbol(const char *path, void *object, struct vms_error *error) {
    for (int major = 0; major < 10; major++) {
        char symbol[] = "vms_module_v0";

        symbol[sizeof(symbol) - 2] = (char)('0' + major);
        if (dlsym(object, symbol))
            return error_set(
                error, -EINVAL,
                "%.300s: it was built for module ABI %d, this program has ABI %d: build it again", path,
                major, VMS_ABI_MAJOR);
    }
    return error_set(error, -EINVAL, "%.300s: not a vmsuite module: it does not export \"vms_module_v1\"",
                     path);
}

int loader_open(const char *path, const struct vms_module **ret_module, struct vms_error *error) {
    struct vms_error why = {""};
    char name[MODULE_NAME_SIZE];
    const struct vms_module *module;
    void *object;
    int status = name_of(path, name, error);

    if (status < 0)
        return status;
    object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!object)
        return error_set(error, -EINVAL, "cannot be loaded: %.400s", dlerror());
    module = dlsym(object, "vms_module_v1");
    if (!module)
        status = refuse_symbol(path, object, error);
    else if (loader_check(module, name, &why) < 0)
        status = error_set(error, -EINVAL, "%.200s: %.280s", path, why.text);
    if (status < 0) {
        (void)dlclose(object);
        return status;
    }
    *ret_module = module;
    return 0;
}

const struct vms_module *module_list_find(const struct module_list *list, const char *name) {
    for (size_t i = 0; i < list->n_modules; i++)
        if (strcmp(list->modules[i].module->name, name) == 0)
            return list->modules[i].module;
    return NULL;
}

static int refuse(struct module_list *list, const char *path, const char *reason) {
    struct loader_refusal *grown = reallocarray(list->refusals, list->n_refusals + 1, sizeof(*grown));
    cleanup_free char *path_copy = strdup(path);
    cleanup_free char *reason_copy = strdup(reason);

    if (grown)
        list->refusals = grown;
    if (!grown || !path_copy || !reason_copy)
        return -ENOMEM;
    grown[list->n_refusals++] = (struct loader_refusal){.path = TAKE(path_copy), .reason = TAKE(reason_copy)};
    return 0;
}

static int add(struct module_list *list, const char *path, const struct vms_module *module) {
    struct loaded_module *grown = reallocarray(list->modules, list->n_modules + 1, sizeof(*grown));
    cleanup_free char *path_copy = strdup(path);
    size_t at = list->n_modules;

    if (grown)
        list->modules = grown;
    if (!grown || !path_copy)
        return -ENOMEM;
    while (at > 0 && strcmp(grown[at - 1].module->name, module->name) > 0)
        at--;
    memmove(grown + at + 1, grown + at, (list->n_modules - at) * sizeof(*grown));
    grown[at] = (struct loaded_module){.module = module, .path = TAKE(path_copy)};
    list->n_modules++;
    return 0;
}

static int list_file(struct module_list *list, const char *path) {
    struct vms_error error = {""};
    char name[MODULE_NAME_SIZE];
    const struct vms_module *module;

    if (name_of(path, name, &error) == 0 && module_list_find(list, name))
        return 0; /* an earlier folder has it */
    if (loader_open(path, &module, &error) < 0)
        return refuse(list, path, error.text);
    return add(list, path, module);
}

static int is_shared_object(const struct dirent *entry) {
    size_t length = strlen(entry->d_name);

    return entry->d_name[0] != '.' && length > strlen(SUFFIX) &&
           strcmp(entry->d_name + length - strlen(SUFFIX), SUFFIX) == 0;
}

static int list_folder(struct module_list *list, const char *given) {
    cleanup_free char *folder = realpath(given, NULL);
    struct dirent **entries = NULL;
    int status = 0, n = folder ? scandir(folder, &entries, is_shared_object, alphasort) : -1;

    if (n < 0)
        return errno == ENOENT ? 0 : errno == ENOMEM ? -ENOMEM : refuse(list, given, strerror(errno));
    for (int i = 0; i < n; i++) {
        cleanup_free char *path = NULL;

        if (asprintf(&path, "%s/%s", folder, entries[i]->d_name) < 0) {
            path = NULL;
            status = -ENOMEM;
        }
        if (status == 0)
            status = list_file(list, path);
        free(entries[i]);
    }
    free(entries);
    return status;
}

int loader_list(const char *path, struct module_list *ret_list, struct vms_error *error) {
    struct module_list list = {0};
    cleanup_free char *folders = strdup(path);
    char *rest = folders, *folder;
    int status = folders ? 0 : -ENOMEM;

    while (status == 0 && (folder = strsep(&rest, ":")))
        if (folder[0] != '\0')
            status = list_folder(&list, folder);
    if (status < 0) {
        module_list_done(&list);
        return error_set(error, status, "listing the modules of %.300s: out of memory", path);
    }
    *ret_list = list;
    return 0;
}

void module_list_done(struct module_list *list) {
    for (size_t i = 0; i < list->n_modules; i++)
        free(list->modules[i].path);
    for (size_t i = 0; i < list->n_refusals; i++) {
        free(list->refusals[i].path);
        free(list->refusals[i].reason);
    }
    free(list->modules);
    free(list->refusals);
    *list = (struct module_list){0};
}
