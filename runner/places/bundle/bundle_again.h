/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bundle that is made by a program which itself runs from a bundle. */
#ifndef VMSUITE_RUNNER_PLACES_BUNDLE_BUNDLE_AGAIN_H
#define VMSUITE_RUNNER_PLACES_BUNDLE_BUNDLE_AGAIN_H

#include "guest/appliance/archive.h"

/* Adds what lies in the bundle's folder: the files that are named (up to NULL), its libraries, modules and
 * documents. -errno with a sentence. */
int bundle_again(const char *root, const char *const *files, struct archive *archive,
                 struct vms_error *error);

#endif
