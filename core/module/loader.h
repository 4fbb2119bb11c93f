/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds, opens, checks and lists modules. */
#ifndef VMSUITE_CORE_MODULE_LOADER_H
#define VMSUITE_CORE_MODULE_LOADER_H

#include "base/error.h"

struct loaded_module {
    const struct vms_module *module; /* in the shared object, which stays loaded */
    char *path;
};

/* A file that was refused, and the sentence that says why. */
struct loader_refusal {
    char *path;
    char *reason;
};

struct module_list {
    struct loaded_module *modules; /* sorted by name, each name once: the first folder wins */
    size_t n_modules;
    struct loader_refusal *refusals;
    size_t n_refusals;
};

/* Opens one file. Each refusal has its own sentence: no absolute path, name pattern, dlopen's own words, no
 * symbol, other ABI major (both numbers named), too small a descriptor, name differs from the file's,
 * missing function, broken table. The object is never closed: its tables stay in use. */
int loader_open(const char *path, const struct vms_module **ret_module, struct vms_error *error);

/* Lists the modules of the folders in `path` (separated by ':'); a folder that is not there is passed over.
 * -ENOMEM only: broken files are refusals. The caller frees with module_list_done. */
int loader_list(const char *path, struct module_list *ret_list, struct vms_error *error);
void module_list_done(struct module_list *list);

/* The module called `name`, or NULL. Borrowed. */
const struct vms_module *module_list_find(const struct module_list *list, const char *name);

/* The descriptor's own rules, without a file. Used by loader_open and tests. */
int loader_check(const struct vms_module *module, const char *name, struct vms_error *error);

#endif
