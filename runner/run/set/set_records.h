/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The records that a set of runs has written so far. */
#ifndef VMSUITE_RUNNER_RUN_SET_SET_RECORDS_H
#define VMSUITE_RUNNER_RUN_SET_SET_RECORDS_H

#include <stddef.h>
#include <vmsuite/module.h>

struct set_records {
    char **paths; /* owned, those of the baseline first */
    size_t n_paths, n_baseline;
};

/* Finds the records of the set in `folder`; `baseline` is the name of the configuration that comes first.
 * -errno with a sentence. The caller frees with set_records_done, also after a failure. */
int set_records_find(const char *folder, const char *set_id, const char *baseline,
                     struct set_records *records, struct vms_error *error);
void set_records_done(struct set_records *records);

#endif
