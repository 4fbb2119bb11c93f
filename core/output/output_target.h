/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where an output goes: what stands under the path that a user named, links followed. */
#ifndef VMSUITE_CORE_OUTPUT_OUTPUT_TARGET_H
#define VMSUITE_CORE_OUTPUT_OUTPUT_TARGET_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <vmsuite/module.h>

struct output_target {
    enum {
        OUTPUT_REPLACED,   /* a regular file, or none yet: `name` in `folder` */
        OUTPUT_STANDARD,   /* our own stdout */
        OUTPUT_DESCRIPTOR, /* one of our open files: `fd` */
        OUTPUT_DIRECT      /* a pipe, terminal or device: `name` in `folder` */
    } kind;
    int folder; /* owned, or -1 */
    char name[NAME_MAX + 1];
    int fd;           /* borrowed */
    bool is_kept;     /* there is a regular file: */
    struct stat kept; /* that */
};

/* Finds the target of a path; "-" is stdout. A failure's sentence names path, cause and mend. On success
 * `folder` is the caller's to close where it is not -1. */
int output_target_find(const char *path, struct output_target *ret_target, struct vms_error *error);

/* Opens what is written to directly. The descriptor or a negative errno. */
int output_target_open(const struct output_target *target);

#endif
