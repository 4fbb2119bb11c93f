/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Removes folders with all that is in them. Every step goes by descriptor and never follows a link, so that
 * who may write beside or in the folder cannot turn the removal towards other files; other file systems and
 * bind mounts below the folder are left alone. The method is that of rm_rf in systemd, with one difference:
 * deep folders are lifted to the top instead of being descended into, so that neither descriptors nor stack
 * grow with the depth. */
#ifndef VMSUITE_CORE_FILES_TREE_H
#define VMSUITE_CORE_FILES_TREE_H

#include <stdbool.h>

/* Opens the folder `name` in the folder `parent` (AT_FDCWD: the working folder): the descriptor, or a
 * negative errno; -ENOTDIR for a link or another file. */
int tree_open(int parent, const char *name);

/* Whether the folder can be read and nothing is in it. */
bool tree_is_empty(int folder);

/* Removes all that is in the folder, but for the entry `keep` (NULL: none is kept). 0, or the negative errno
 * of the first thing that could not be removed; the others are removed all the same. */
int tree_empty(int folder, const char *keep);

/* Removes the folder `name` in `parent` and all in it. 0 too where there is none. -ENOTDIR where it is a link
 * or no folder: that stays. */
int tree_remove_at(int parent, const char *name);

/* The same for a path. Only its last part is never followed: where others may write in one of the folders
 * above, hold those by descriptor and use tree_remove_at. */
int tree_remove(const char *path);

#endif
