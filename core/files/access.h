/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may do what to a file beyond its mode (acl(5)). */
#ifndef VMSUITE_CORE_FILES_ACCESS_H
#define VMSUITE_CORE_FILES_ACCESS_H

/* Gives the open file the list of the one called `name` in the open folder, or none where that has none; its
 * mode is set afterwards. 0, also where the file system has no such lists, or a negative errno. */
int access_copy(int folder, const char *name, int fd);

#endif
