/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A study's folder: study.json, which is the study as resolved, and a folder of records for each clock. */
#ifndef VMSUITE_RUNNER_STUDY_FOLDER_H
#define VMSUITE_RUNNER_STUDY_FOLDER_H

#include "study/study.h"

/* `output`, or where it is NULL "vmsuite-study/NAME-TIME". The caller frees; NULL with a sentence. */
char *folder_name(const char *output, const char *name, struct vms_error *error);

/* The study.json of a folder. The caller frees; NULL with a sentence where there is none. */
char *folder_document(const char *folder, struct vms_error *error);

/* The seed of the study that the folder holds. -EINVAL with a sentence. */
int folder_seed(const char *folder, uint64_t *ret_seed, struct vms_error *error);

/* Makes the folder and writes study.json. Where one is there, it must be the same study, and wanted:
 * -EEXIST without `resume`, -EINVAL where it is another study, both with a sentence that names the mend. */
int folder_open(const char *folder, const struct study *study, bool resume, struct vms_error *error);

#endif
