/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole files: joined, copied, written. */
#ifndef VMSUITE_RUNNER_GUEST_TOOLS_FILES_H
#define VMSUITE_RUNNER_GUEST_TOOLS_FILES_H

#include <vmsuite/module.h>

/* Writes the files (NULL-ended), one after the other, to `path`, which is there afterwards only if it is
 * whole. */
int files_join(const char *const *files, const char *path, struct vms_error *error);

/* The same for one file. */
int files_copy(const char *from, const char *path, struct vms_error *error);

/* The same for a text. */
int files_write(const char *text, const char *path, struct vms_error *error);

/* A file of the folder whose name begins and ends so. The caller frees its path; NULL: there is none. */
char *files_find(const char *folder, const char *beginning, const char *ending);

#endif
