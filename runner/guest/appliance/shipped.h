/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What comes with this program, put into an archive: for a guest's appliance, or a bundle. */
#ifndef VMSUITE_RUNNER_GUEST_APPLIANCE_SHIPPED_H
#define VMSUITE_RUNNER_GUEST_APPLIANCE_SHIPPED_H

#include "guest/appliance/archive.h"
#include "module/loader.h"

/* The documents of a kind that this program finds by name, as FOLDER/KIND/NAME.json; `folder` "" or one that
 * ends in "/". -errno with a sentence. */
int shipped_add_documents(struct archive *archive, const char *folder, const char *kind,
                          struct vms_error *error);

/* The modules, as FOLDER/NAME.so, and the libraries that they take, unless those are there already. */
int shipped_add_modules(struct archive *archive, const char *folder, const struct module_list *modules,
                        bool with_libraries, struct vms_error *error);

#endif
