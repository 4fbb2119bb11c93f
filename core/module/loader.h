/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds, opens, checks and lists modules. */
#ifndef VMSUITE_CORE_MODULE_LOADER_H
#define VMSUITE_CORE_MODULE_LOADER_H

#include "base/error.h"

struct loaded_module {
    const struct vms_module *module; /* owned; its texts and functions are in the shared object, which stays
                                        loaded */
    char *path;
    bool is_shipped; /* it lies in the folder of the modules that came with this program */
    char *hides;     /* owned: the file of the same name in a later folder, or NULL */
};

/* A file or a folder that was refused, and the sentence that says why. */
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
 * symbol, other ABI major (both numbers named), and what descriptor_adopt says. The object is never closed.
 * The caller frees *ret_module with free(). */
int loader_open(const char *path, struct vms_module **ret_module, struct vms_error *error);

/* Lists the modules of the folders in `path` (separated by ':'), then those of `shipped` (NULL: none), the
 * folder of the modules that came with the program. All others are loaded in a child first, so that one whose
 * constructor crashes, exits or never returns is a refusal. -ENOMEM only: broken files, and folders that are
 * not there or hold no module, are refusals. The caller frees with module_list_done. */
int loader_list(const char *path, const char *shipped, struct module_list *ret_list, struct vms_error *error);
void module_list_done(struct module_list *list);

/* The module called `name`, or NULL. Borrowed. */
const struct vms_module *module_list_find(const struct module_list *list, const char *name);

#endif
