/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of a run: CONFIGURATION-TIME-RUN.json or .json.zst, its record, and
 * CONFIGURATION-TIME-RUN.journal.jsonl, which is there as long as the run is not complete. */
#ifndef VMSUITE_RUNNER_RUN_FILES_RUN_FILES_H
#define VMSUITE_RUNNER_RUN_FILES_RUN_FILES_H

#include "module/outcome.h"

#include <jansson.h>

/* How a record's name goes on behind the configuration's, as a pattern for fnmatch with FNM_EXTMATCH. */
#define RUN_FILES_RECORD_ENDING "-[0-9]*Z-????????.json?(.zst)"

struct run_files {
    char *record, *journal; /* owned */
};

/* Names the files of a run. -EINVAL where the configuration's name is not safe or the id is not a UUID (see
 * base/name.h), -ENOMEM. */
int run_files_name(const char *folder, const char *configuration, time_t started_at, const char *run_id,
                   struct run_files *ret_files);

/* Finds the newest run of the configuration in `folder` that is not complete, or that of the set where `set`
 * names one. Runs of this boot are ordered by its clock, which nobody sets, the others by the time of day in
 * their names. -ENOENT with a sentence. */
int run_files_find(const char *folder, const char *configuration, const struct outcome_set *set,
                   struct run_files *ret_files, struct vms_error *error);

/* Whether the folder holds the finished record of that run of a set, of the configuration that was given so
 * (another may be recorded under the same name): 1 or 0; -errno with a sentence. */
int run_files_hold(const char *folder, const char *configuration, const json_t *given,
                   const struct outcome_set *set, struct vms_error *error);

/* Lets the record be packed: its name ends in ".json.zst". -ENOMEM. */
int run_files_pack(struct run_files *files);

void run_files_done(struct run_files *files);

#endif
