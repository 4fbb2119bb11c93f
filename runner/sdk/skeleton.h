/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folder that a new module begins with: its source and its test from the template, and a meson.build that
 * builds both outside of vmsuite's tree, against the installed headers and host for tests. */
#ifndef VMSUITE_RUNNER_SDK_SKELETON_H
#define VMSUITE_RUNNER_SDK_SKELETON_H

#include "base/error.h"

/* Makes the folder `folder` (which must not be there) with NAME.c, test_NAME.c and meson.build. -EINVAL where
 * `name` is no name of a module, -EEXIST where the folder is there; nothing is left where something fails. */
int skeleton_write(const char *name, const char *folder, struct vms_error *error);

#endif
