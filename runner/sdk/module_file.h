/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A module that lies in a file, and the run of it that its author asks for: no document is needed. */
#ifndef VMSUITE_RUNNER_SDK_MODULE_FILE_H
#define VMSUITE_RUNNER_SDK_MODULE_FILE_H

#include "documents/configuration.h"
#include "module/loader.h"

struct module_file {
    const struct vms_module *module; /* borrowed from `modules` */
    struct module_list modules;
};

/* Finds the modules beside the file, too, for this program and those that it starts (VMSUITE_MODULE_PATH).
 * -EINVAL where the file is no module of its name; its refusal has been printed then. Freed with
 * module_file_done, also after a failure. */
int module_file_open(const char *path, struct module_file *ret_file, struct vms_error *error);
void module_file_done(struct module_file *file);

/* A configuration "module-NAME" of one benchmark: `trials` of the module with parameters "NAME=VALUE"; of
 * several values with the same name there is a case each. What is wrong with them is added to `problems`, and
 * then -EINVAL is returned. The caller frees with configuration_done. */
int module_file_configure(const struct module_file *file, char *const *parameters, size_t n_parameters,
                          unsigned trials, struct problems *problems,
                          struct configuration *ret_configuration);

#endif
