/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where modules, configurations and suites are found: beside the sources in a build tree, else where they
 * were installed. */
#ifndef VMSUITE_RUNNER_COMMON_LOCATE_H
#define VMSUITE_RUNNER_COMMON_LOCATE_H

#include "module/loader.h"

/* All modules: the folders of VMSUITE_MODULE_PATH, then the build tree's or the installed ones. Refused files
 * are told on stderr. The caller frees with module_list_done. */
int locate_modules(struct module_list *ret_list, struct vms_error *error);

/* A document of a kind ("configurations", "suites", "studies", "policies"), as a path, else by name, with or
 * without ".json", in the folders of VMSUITE_DATA_PATH, the source tree and the installed data. The caller
 * frees; NULL with a sentence that names the nearest of the names there are. */
char *locate_document(const char *kind, const char *name, struct vms_error *error);

/* A program of ours that guests run, such as "vmsuite-init": in the build tree, else where it was installed.
 * The caller frees; NULL with a sentence. */
char *locate_helper(const char *name, struct vms_error *error);

#endif
