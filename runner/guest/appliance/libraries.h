/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shared libraries that a program needs, as this system's dynamic loader finds them. */
#ifndef VMSUITE_RUNNER_GUEST_APPLIANCE_LIBRARIES_H
#define VMSUITE_RUNNER_GUEST_APPLIANCE_LIBRARIES_H

#include "guest/appliance/archive.h"

/* Where libraries are put in the appliance. */
#define LIBRARIES_FOLDER "lib"

/* Adds every library that `program` (or a shared object) needs to the archive, the dynamic loader at its own
 * path. `path` (NULL: none) names folders to look in first, "A:B". -ENOENT where one is missing. */
int libraries_add(struct archive *archive, const char *program, const char *path, struct vms_error *error);

#endif
