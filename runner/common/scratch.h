/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scratch folders: one for the run, one in it for each case. Whatever a killed run left is removed by the
 * next. */
#ifndef VMSUITE_RUNNER_COMMON_SCRATCH_H
#define VMSUITE_RUNNER_COMMON_SCRATCH_H

#include <vmsuite/module.h>

struct scratch {
    char *folder;    /* ".vmsuite-scratch-XXXXXX" */
    int lock;        /* its lock, flock(2), held while the run lives: that is how a left folder is known */
    unsigned others; /* live runs that use the same place */
};

/* Makes the run's folder in `root` and removes what dead runs left there. */
int scratch_make(const char *root, struct scratch *ret_scratch, struct vms_error *error);

/* Makes an empty folder for a case; the caller frees the path. NULL with a sentence. */
char *scratch_case(const struct scratch *scratch, unsigned id, struct vms_error *error);

/* Removes a folder and all in it, without following links. */
void scratch_remove(const char *folder);

/* Removes the run's folder; takes one that was never made. */
void scratch_done(struct scratch *scratch);

#endif
