/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The records that a study has in its folder. */
#ifndef VMSUITE_RUNNER_STUDY_RECORDS_H
#define VMSUITE_RUNNER_STUDY_RECORDS_H

#include "module/outcome.h"
#include "study/study.h"

struct record_list {
    char **paths; /* owned, sorted: oldest first */
    size_t n_paths;
};

/* Appends the whole records of exactly this entry under this clock that `folder` holds. What is broken,
 * interrupted or something else's is passed over. A folder that is not there has none. The caller frees
 * with records_done, after an error, too. */
int records_find(const char *folder, const struct study_entry *entry, enum study_clock clock,
                 struct record_list *list, struct vms_error *error);
/* The round that a record says it is of; 0: it does not. What became of its run (NULL: nobody asks). */
unsigned records_round(const char *path, enum outcome_status *ret_status);
void records_done(struct record_list *list);

#endif
