/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one way to write a file that a user named. A regular file is replaced when it is whole and safe on the
 * disk, and keeps its mode and owner; a link is followed, its target replaced; stdout, terminals, pipes and
 * devices are written to. */
#ifndef VMSUITE_CORE_OUTPUT_OUTPUT_H
#define VMSUITE_CORE_OUTPUT_OUTPUT_H

#include "output/output_target.h"
#include "output/stream.h"

#include <limits.h>
#include <stdio.h>
#include <vmsuite/module.h>

#define OUTPUT_STDOUT "-" /* the path of the program's own standard output */

/* A file that is being written. */
struct output {
    FILE *file; /* write here */
    /* The rest is output.c's own. */
    char *path;  /* as the user named it */
    FILE *shown; /* `file` where that is a terminal; NULL */
    struct output_target target;
    struct stream *stream;    /* under `file`; NULL: that is stdout */
    char temporary[NAME_MAX]; /* the name while it is made; empty where it has none (yet) */
};

/* Begins what will be `path`. -EACCES too where a link in a folder that others may write to belongs to
 * somebody else (as Linux's protected_symlinks has it, but sticky or not, and whatever that is set to here),
 * and where the file there does; and for root where another user's link leads to what is not that user's. The
 * sentence names file, cause and mend. On a terminal, control characters in what is written are shown, not
 * acted on. */
int output_open(const char *path, struct output *ret_output, struct vms_error *error);

/* The same for what is made for terminals: its writer escapes all data, and the terminal acts on its
 * colours. */
int output_open_styled(const char *path, struct output *ret_output, struct vms_error *error);

/* Begins a file in an open folder of ours, whatever has become of the folder's name; a link there is
 * replaced. `path` is what messages call the file. */
int output_open_at(int folder, const char *name, const char *path, struct output *ret_output,
                   struct vms_error *error);

/* Ends it: what was written has arrived, and the file bears its name. On failure, also of an earlier write,
 * a regular file is as it was. Frees what the structure owns. */
int output_commit(struct output *output, struct vms_error *error);

/* Gives up: a regular file is as it was. Frees what the structure owns. */
void output_abort(struct output *output);

/* Ends it as its writer ended: commits for 0, else gives up and returns `status`, whose sentence stays,
 * unless the writing itself has failed: then it is the output's. */
int output_end(struct output *output, int status, struct vms_error *error);

/* Checks before the work that files can be made in `folder` (makes and removes one). */
int output_check_folder(const char *folder, struct vms_error *error);

/* Makes the name of a new file or folder survive a power failure, where its folder can be read. A negative
 * errno. */
int output_sync_name(const char *path);

/* Creates a folder and the folders above it, mode 0777 less umask; those that were made survive a power
 * failure. 0 where it is there already; -EACCES where the way goes over somebody else's link
 * (output/way.h). */
int output_make_folder(const char *path, struct vms_error *error);

/* The sentence for a file that could not be written: "cannot WHAT PATH: cause; mend". Returns -code, but
 * -EIO for EFBIG, which is said of inputs that are too large. */
int output_error(const char *what, const char *path, int code, struct vms_error *error);

#endif
