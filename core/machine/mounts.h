/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mount that a folder is on, from /proc/self/mountinfo (proc_pid_mountinfo(5)). */
#ifndef VMSUITE_CORE_MACHINE_MOUNTS_H
#define VMSUITE_CORE_MACHINE_MOUNTS_H

#include "source/source.h"

#define MOUNTS "/proc/self/mountinfo"

/* Texts are owned, and unescaped: the kernel writes a blank as \040. */
struct mount {
    int64_t id, parent;
    char *device; /* "254:0" */
    char *point;
    char *options;
    char *type;
    char *from;
    char *super; /* the file system's own options, which all its mounts share */
};

/* Of this machine by the mount's id, as statx(2) has it since Linux 5.8; elsewhere the one that is seen at
 * `path`: of mounts that hide one another the last, not the one with the longest name. -ENOENT: none holds
 * it; -ENOMEM. The caller frees with mount_done. */
int mount_find(const struct machine_source *source, const char *path, struct mount *ret_mount);
void mount_done(struct mount *mount);

#endif
