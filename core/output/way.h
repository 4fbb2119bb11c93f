/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way to a file that a user named, walked by descriptor: what others may have put on it leads nobody
 * astray, also where it is swapped while it is walked. */
#ifndef VMSUITE_CORE_OUTPUT_WAY_H
#define VMSUITE_CORE_OUTPUT_WAY_H

#include <stdbool.h>
#include <sys/stat.h>
#include <vmsuite/module.h>

/* Whether what stands in the folder is a trap: somebody else's link, pipe or device where not only the
 * folder's owner may make such, or somebody else's file where everybody may, as in /tmp. */
bool way_is_planted(int folder, const struct stat *info);

#define WAY_LINKS_MAX 40 /* as many as Linux follows */

/* The leader whom no end belongs to. */
#define WAY_NOBODYS ((uid_t)-1)

/* Notes the owner of a link that was followed. *leader is 0 before the first link and while all links are
 * root's; then the one other user who owns links on the way; WAY_NOBODYS where two other users do. */
void way_lead(uid_t *leader, const struct stat *link);

/* Whether root must not follow these links to their end: another user's links may lead only to what that user
 * owns, or root would write for them where they may not. */
bool way_is_astray(uid_t leader, const struct stat *end);

/* Whether a folder is of /proc, whose links lead to open files, not to names. */
bool way_is_proc(int folder);

/* Opens a folder, as O_PATH where it may not be read. -EACCES with a sentence where the way goes over a link
 * that is planted or leads astray; for every other failure the caller writes the sentence, which names its
 * file. The descriptor, or a negative errno. */
int way_open_folder(const char *path, struct vms_error *error);

/* The same of the folder that a file is in; *ret_name: the file's name, in `path`. */
int way_open_above(const char *path, const char **ret_name, struct vms_error *error);

/* Makes a file that is not there (-EEXIST) in such a folder, with the mode that umask leaves. The descriptor,
 * for writing, or a negative errno as of way_open_folder(). */
int way_create(const char *path, struct vms_error *error);

/* The same instead of the file or the link that is there, which goes, and with a sentence for each failure.
 * -EACCES too where what is there is planted. */
int way_create_instead(const char *path, struct vms_error *error);

/* Makes a folder that is not there (-EEXIST) in such a folder, with the mode that umask leaves, and opens it.
 * Where others may, they may have put theirs in its place since. The descriptor, or a negative errno as of
 * way_open_folder(). */
int way_create_folder(const char *path, struct vms_error *error);

/* Removes a file from such a folder. 0 or a negative errno. */
int way_remove(const char *path);

/* The same as way_open_folder() with a sentence for each failure, and makes the folders that are missing,
 * mode 0777 less umask; what was made survives a power failure. */
int way_make_folder(const char *path, struct vms_error *error);

/* Makes the names in a folder survive a power failure, where it can be read and its file system can do so. 0
 * or a negative errno. */
int way_sync_folder(int folder);

#endif
