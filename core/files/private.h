/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is nobody else's: folders of our own with mode 0700, and files that hold secrets. */
#ifndef VMSUITE_CORE_FILES_PRIVATE_H
#define VMSUITE_CORE_FILES_PRIVATE_H

#include <stdbool.h>
#include <vmsuite/module.h>

#define PRIVATE_NAME_SIZE 256

/* Makes a folder in the folder `parent` that was not there, PREFIX and eight random characters, of mode 0700
 * whatever the umask says. Returns its descriptor, close-on-exec, and fills `ret_name`; a negative errno. */
int private_folder_at(int parent, const char *prefix, char ret_name[static PRIVATE_NAME_SIZE]);

/* The same for a path: the new folder's, which the caller frees. NULL with a sentence. */
char *private_folder(const char *parent, const char *prefix, struct vms_error *error);

/* What is said of a folder that is not ours alone: "PATH belongs to another user: REFUSED; MEND". */
struct private_words {
    const char *refused, *mend;
};

/* Whether others could put something else in a folder's place or into it: as sshd looks at the folders above
 * its keys. The folder is our own, and nobody else may write to it. -EPERM, -ENOTDIR for a link. */
int private_check_folder(const char *path, const struct private_words *words, struct vms_error *error);

/* The same of the folder `real`, a path without links, and all above it, which may be root's, too, and
 * sticky: there only the owner of what is in it can replace it. */
int private_check_above(const char *real, const struct private_words *words, struct vms_error *error);

/* Opens a file that holds a secret for reading: a regular file of our user or root, and closed to group and
 * others (but root's group may read what is root's). The descriptor, or a negative errno with a sentence that
 * names the mend; never waits for a FIFO. */
int private_file_open(const char *path, struct vms_error *error);

#endif
