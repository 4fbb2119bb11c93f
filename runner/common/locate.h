/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where modules, configurations and suites are found: beside the sources in a build tree, else where they
 * were installed. */
#ifndef VMSUITE_RUNNER_COMMON_LOCATE_H
#define VMSUITE_RUNNER_COMMON_LOCATE_H

#include "module/loader.h"

/* All modules: the folders of VMSUITE_MODULE_PATH, then the build tree's or the installed ones. Refused files
 * are reported on stderr. The caller frees with module_list_done. */
int locate_modules(struct module_list *ret_list, struct vms_error *error);

/* A document of a kind ("configurations", "suites", "studies", "policies") by its name, in the folder that
 * VMSUITE_DATA_PATH names, the source tree or the installed data; else the file of that path ("./a", "b.json"
 * are always paths first); else, of a name with ".json", what that names there. Where the document in the
 * file `by` gives the name (NULL: the user does), a path is looked for beside that document first. The caller
 * frees; NULL with a sentence that names the nearest of the names there are. */
char *locate_document(const char *kind, const char *by, const char *name, struct vms_error *error);

/* The documents of a kind that can be named, in the order of their names; of two of one name the one that
 * locate_document finds. Without memory the list is shorter. -errno with a sentence where a folder of them is
 * there, but cannot be read. */
struct located {
    char *name, *path;
};
struct located_list {
    struct located *items;
    size_t n_items;
};
int locate_names(const char *kind, struct located_list *ret_list, struct vms_error *error);
void located_list_done(struct located_list *list);

/* A program of ours that guests run, such as "vmsuite-init": in the build tree, else where it was installed.
 * The caller frees; NULL with a sentence. */
char *locate_helper(const char *name, struct vms_error *error);

/* Whether this program runs from a bundle (places/bundle/bundle.h), which has these names in it, and
 * which a place has in a folder whose name begins with LOCATE_BUNDLE_PLACE or LOCATE_BUNDLE_KEPT. */
#define LOCATE_BUNDLE_PLACE "vmsuite-place."
#define LOCATE_BUNDLE_KEPT "vmsuite-bundle." /* and its hash: one that stays */
#define LOCATE_BUNDLE_MARK "bundle"
#define LOCATE_BUNDLE_RUN "run"
#define LOCATE_BUNDLE_MODULES "modules"
bool locate_in_bundle(void);

/* The file that starts this program anew, with any arguments. The caller frees; NULL with a sentence. */
char *locate_program(struct vms_error *error);

#endif
