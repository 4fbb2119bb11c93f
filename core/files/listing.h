/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names in a folder, where an error is not taken for the end of them. */
#ifndef VMSUITE_CORE_FILES_LISTING_H
#define VMSUITE_CORE_FILES_LISTING_H

#include <dirent.h>

/* Opens the folder `path` to read its names. 0, or a negative errno. The caller closes: cleanup_closedir. */
int listing_open(const char *path, DIR **ret_directory);
/* The same for a folder that is held by descriptor, which stays the caller's. Its names are read from the
 * first on. */
int listing_open_at(int folder, DIR **ret_directory);

/* The next name, without "." and "..", which lives until the next call. NULL at the end, where `*status` is
 * as it was; where the names cannot be read, and `*status` is a negative errno then; and where it is not 0
 * any more, so that `while ((name = listing_next(directory, &status)))` ends as soon as the loop says so. */
const char *listing_next(DIR *directory, int *status);

#endif
