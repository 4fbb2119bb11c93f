/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is nobody else's: folders of our own with mode 0700, and files that hold secrets. */
#ifndef VMSUITE_CORE_BASE_PRIVATE_H
#define VMSUITE_CORE_BASE_PRIVATE_H

#include <stdbool.h>
#include <vmsuite/module.h>

#define PRIVATE_NAME_SIZE 256

/* Makes a folder in the folder `parent` that was not there, PREFIX and eight random characters, of mode 0700
 * whatever the umask says. Returns its descriptor, close-on-exec, and fills `ret_name`; a negative errno. */
int private_folder_at(int parent, const char *prefix, char ret_name[static PRIVATE_NAME_SIZE]);

/* The same for a path: the new folder's, which the caller frees. NULL with a sentence. */
char *private_folder(const char *parent, const char *prefix, struct vms_error *error);

/* Whether the descriptor is a folder of our own user that nobody else may enter. */
bool private_is_folder(int fd);

/* Opens a file that holds a secret for reading: a regular file of our user or root, and closed to group and
 * others (but root's group may read what is root's). The descriptor, or a negative errno with a sentence that
 * names the mend; never waits for a FIFO. */
int private_file_open(const char *path, struct vms_error *error);

#endif
