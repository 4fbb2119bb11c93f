/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is in a folder, where an error is not taken for its end. */
#ifndef VMSUITE_MODULES_BLOCK_TARGET_ENTRIES_H
#define VMSUITE_MODULES_BLOCK_TARGET_ENTRIES_H

#include <dirent.h>

/* Opens a folder, whose closedir is the caller's. NULL where there is none, and `*ret_status` is 0 all the
 * same, or where it cannot be opened, and `*ret_status` is a negative errno. */
DIR *entries_open(const char *path, int *ret_status);

/* The next entry whose name does not begin with ".". NULL at the end, where `*status` is as it was (`folder`
 * NULL: at once); where the folder cannot be read, and `*status` is a negative errno then; and where it is
 * not 0 any more. */
const struct dirent *entries_next(DIR *folder, int *status);

#endif
