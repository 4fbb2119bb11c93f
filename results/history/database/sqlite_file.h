/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file of a store, looked at before SQLite opens it. */
#ifndef VMSUITE_RESULTS_HISTORY_DATABASE_SQLITE_FILE_H
#define VMSUITE_RESULTS_HISTORY_DATABASE_SQLITE_FILE_H

#include "history/database/database.h"
#include "output/output_target.h"

struct sqlite_file {
    struct output_target target; /* its folder is open */
    char path[64 + NAME_MAX];    /* by which SQLite opens it, through the open folder */
    bool is_new;                 /* it was made empty */
    bool is_ours;                /* it belongs to our user, who may then finish what an import left behind */
};

/* Finds the file as outputs are found (output/output_target.h), and with DATABASE_MAKE makes an empty one.
 * -ENOENT: there is none; with DATABASE_WRITE, one could be made. The caller frees with sqlite_file_done,
 * also after a failure. */
int sqlite_file_find(const char *where, enum database_mode mode, struct sqlite_file *file,
                     struct vms_error *error);
/* Says that there is none: -ENOENT. */
int sqlite_file_missing(const char *where, struct vms_error *error);
/* Whether nothing has the file's name any more. */
bool sqlite_file_is_gone(const struct sqlite_file *file);
/* Removes a file that was made and is still empty; the caller holds SQLite's lock on it. */
void sqlite_file_undo(const struct sqlite_file *file);
void sqlite_file_done(struct sqlite_file *file);

#endif
