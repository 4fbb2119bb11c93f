/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The customs: nothing of a shared object is used before its descriptor has been checked, and no code of it
 * runs to list it, except constructors, which dlopen cannot hold back: files that did not come with this
 * program are therefore loaded in a child first. */
#include "module/loader.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "files/file.h"
#include "files/listing.h"
#include "module/descriptor.h"
#include "module/rehearsal.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define SUFFIX ".so"

/* "/a/b/tcp.so" -> "tcp". */
static int name_of(const char *path, char ret_name[static DESCRIPTOR_NAME_SIZE], struct vms_error *error) {
    const char *file = strrchr(path, '/');
    char name[DESCRIPTOR_NAME_SIZE] = "";
    size_t length;

    if (path[0] != '/' || !file)
        return error_set(error, -EINVAL, "%.300s: the path of a module must be absolute", path);
    file++;
    length = strlen(file);
    if (length > strlen(SUFFIX) && length < sizeof(name) + strlen(SUFFIX) &&
        strcmp(file + length - strlen(SUFFIX), SUFFIX) == 0)
        (void)snprintf(name, sizeof(name), "%.*s", (int)(length - strlen(SUFFIX)), file);
    if (!descriptor_is_name(name))
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

int loader_open(const char *path, struct vms_module **ret_module, struct vms_error *error) {
    struct vms_error why = {""};
    char name[DESCRIPTOR_NAME_SIZE];
    const struct vms_module *found;
    struct vms_module *module;
    void *object;
    int status = name_of(path, name, error);

    if (status < 0)
        return status;
    object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!object)
        return error_set(error, -EINVAL, "cannot be loaded: %.400s", dlerror());
    found = dlsym(object, "vms_module_v1");
    if (!found)
        status = refuse_symbol(path, object, error);
    else if ((status = descriptor_adopt(found, name, &module, &why)) < 0)
        (void)error_set(error, status, "%.200s: %.280s", path, why.text);
    if (status < 0) {
        (void)dlclose(object);
        return status;
    }
    *ret_module = module;
    return 0;
}

static struct loaded_module *find(const struct module_list *list, const char *name) {
    for (size_t i = 0; i < list->n_modules; i++)
        if (strcmp(list->modules[i].module->name, name) == 0)
            return &list->modules[i];
    return NULL;
}

const struct vms_module *module_list_find(const struct module_list *list, const char *name) {
    const struct loaded_module *loaded = find(list, name);

    return loaded ? loaded->module : NULL;
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

/* Takes `module` over on success. */
static int add(struct module_list *list, const char *path, bool is_shipped, struct vms_module *module) {
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
    grown[at] = (struct loaded_module){.module = module, .path = TAKE(path_copy), .is_shipped = is_shipped};
    list->n_modules++;
    return 0;
}

/* An earlier folder has a module of this name: remembers the first file that it hides. */
static int hide(struct loaded_module *loaded, const char *path) {
    if (loaded->hides || file_is_same(loaded->path, path))
        return 0;
    loaded->hides = strdup(path);
    return loaded->hides ? 0 : -ENOMEM;
}

/* What a rehearsal does: only whether it comes to an end matters, and the sentence. */
static int try_open(const char *path, struct vms_error *error) {
    struct vms_module *module;
    int status = loader_open(path, &module, error);

    if (status == 0)
        free(module);
    return status;
}

/* What is wrong with our own process rather than with a module or a folder: then the list would lack what it
 * has a minute later, and there is none. */
static bool is_our_own(int status) {
    return status == -ENOMEM || status == -EMFILE || status == -ENFILE || status == -EAGAIN || status == -EIO;
}

/* Whoever may write to it decides what runs here, as root perhaps. */
static bool is_open_to_all(const char *path) {
    struct stat info;

    return stat(path, &info) == 0 && (info.st_mode & S_IWOTH);
}

static int list_file(struct module_list *list, const char *path, bool is_shipped) {
    struct vms_error error = {""};
    char name[DESCRIPTOR_NAME_SIZE];
    cleanup_free struct vms_module *module = NULL;
    struct loaded_module *earlier = name_of(path, name, &error) == 0 ? find(list, name) : NULL;
    int status = 0;

    if (earlier)
        return hide(earlier, path);
    if (!is_shipped && is_open_to_all(path))
        return refuse(list, path, "anyone may write to it: check what it is, then run chmod o-w on it");
    if (!is_shipped)
        status = rehearsal_run(try_open, path, &error);
    if (status == 0)
        status = loader_open(path, &module, &error);
    if (is_our_own(status))
        return status;
    if (status < 0)
        return refuse(list, path, error.text);
    status = add(list, path, is_shipped, module);
    if (status == 0)
        (void)TAKE(module);
    return status;
}

/* The names of a folder's modules. */
struct names {
    char **names;
    size_t n_names;
};

static bool is_shared_object(const char *name) {
    size_t length = strlen(name);

    return name[0] != '.' && length > strlen(SUFFIX) && strcmp(name + length - strlen(SUFFIX), SUFFIX) == 0;
}

static int add_name(struct names *names, const char *name) {
    char **grown = reallocarray(names->names, names->n_names + 1, sizeof(*grown));

    if (!grown)
        return -ENOMEM;
    names->names = grown;
    grown[names->n_names] = strdup(name);
    return grown[names->n_names++] ? 0 : -ENOMEM;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int read_names(const char *folder, struct names *names) {
    cleanup_closedir DIR *directory = NULL;
    int status = listing_open(folder, &directory);
    const char *name;

    while ((name = listing_next(directory, &status)))
        if (is_shared_object(name))
            status = add_name(names, name);
    if (names->n_names > 1)
        qsort(names->names, names->n_names, sizeof(*names->names), compare_names);
    return status;
}

static void names_done(struct names *names) {
    for (size_t i = 0; i < names->n_names; i++)
        free(names->names[i]);
    free(names->names);
}

/* A folder that cannot be read, or has nothing to offer, is said: a path that is misspelt is silent
 * otherwise. */
static int refuse_folder(struct module_list *list, const char *given, int status) {
    if (is_our_own(status))
        return status;
    if (status == 0)
        return refuse(list, given, "this folder holds no module (NAME.so)");
    return refuse(list, given, status == -ENOENT ? "there is no such folder" : strerror(-status));
}

static int list_names(struct module_list *list, const char *folder, const struct names *names,
                      bool is_shipped) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < names->n_names; i++) {
        cleanup_free char *path = text_new("%s/%s", folder, names->names[i]);

        if (!path)
            return -ENOMEM;
        status = list_file(list, path, is_shipped);
    }
    return status;
}

static int list_folder(struct module_list *list, const char *given, bool is_shipped) {
    cleanup_free char *folder = realpath(given, NULL);
    struct names names = {0};
    int status = folder ? read_names(folder, &names) : -errno;

    if (status < 0 || names.n_names == 0)
        status = refuse_folder(list, given, status);
    else if (!is_shipped && is_open_to_all(folder))
        status =
            refuse(list, given,
                   "anyone may put modules into this folder: check what is in it, then run chmod o-w on it");
    else
        status = list_names(list, folder, &names, is_shipped);
    names_done(&names);
    return status;
}

int loader_list(const char *path, const char *shipped, struct module_list *ret_list,
                struct vms_error *error) {
    struct module_list list = {0};
    cleanup_free char *folders = strdup(path);
    char *rest = folders, *folder;
    int status = folders ? 0 : -ENOMEM;

    while (status == 0 && (folder = strsep(&rest, ":")))
        if (folder[0] != '\0')
            status = list_folder(&list, folder, shipped && file_is_same(folder, shipped));
    if (status == 0 && shipped)
        status = list_folder(&list, shipped, true);
    if (status < 0) {
        module_list_done(&list);
        return error_set(error, status, "cannot list the modules of %.300s: %s", path, strerror(-status));
    }
    *ret_list = list;
    return 0;
}

void module_list_done(struct module_list *list) {
    for (size_t i = 0; i < list->n_modules; i++) {
        free((void *)list->modules[i].module);
        free(list->modules[i].path);
        free(list->modules[i].hides);
    }
    for (size_t i = 0; i < list->n_refusals; i++) {
        free(list->refusals[i].path);
        free(list->refusals[i].reason);
    }
    free(list->modules);
    free(list->refusals);
    *list = (struct module_list){0};
}
