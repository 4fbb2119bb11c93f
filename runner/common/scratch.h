/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Working folders that are removed with their run: a private one in a place that others may share, and in it
 * one for each case. What a killed run left is removed by the next: only private folders of our own user
 * whose lock file says that they are such folders, and whose lock nobody holds. */
#ifndef VMSUITE_RUNNER_COMMON_SCRATCH_H
#define VMSUITE_RUNNER_COMMON_SCRATCH_H

#include "files/private.h"

#include <vmsuite/module.h>

#define SCRATCH_PREFIX ".vmsuite-scratch-" /* of runs */

struct scratch {
    char *folder;                 /* its path, ROOT/PREFIXxxxxxxxx */
    char name[PRIVATE_NAME_SIZE]; /* the path's last part */
    const char *prefix;           /* borrowed: of the name */
    int root, fd;                 /* the place and the folder; whatever stands under their paths by now */
    int lock;                     /* the lock file, flock(2), held while the run lives */
    unsigned others;              /* live runs that use the same place */
};

/* Makes a folder PREFIXxxxxxxxx in `root`, and removes what dead runs left under that prefix. `prefix` must
 * outlive the structure. -errno with a sentence. The caller frees with scratch_done. */
int scratch_make(const char *root, const char *prefix, struct scratch *ret_scratch, struct vms_error *error);

/* The same for a folder whose files are used by their paths: -EPERM where others may move folders in `root`
 * or in one above it (private_check_above). */
int scratch_make_by_path(const char *root, const char *prefix, struct scratch *ret_scratch,
                         struct vms_error *error);

/* Takes hold of a private folder that mktemp(1) has made for us as PREFIXxxxxxxxx, and whose maker will
 * remove it; any other folder is left alone. Until the program ends it is known to be in use. Removes what
 * dead ones left beside it: folders that nobody holds any more, and those with the file `mark` that nobody
 * has taken hold of within an hour. */
void scratch_hold(const char *folder, const char *prefix, const char *mark);

/* Makes an empty folder for a case; the caller frees the path. NULL with a sentence. */
char *scratch_case(const struct scratch *scratch, unsigned id, struct vms_error *error);

/* Removes a case's folder, made by scratch_case. */
void scratch_case_done(const struct scratch *scratch, const char *folder);

/* Removes the run's folder, and what runs that died meanwhile left; takes one that was never made. */
void scratch_done(struct scratch *scratch);

#endif
