/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a study compares: its configurations, and the places that they name. */
#ifndef VMSUITE_RUNNER_STUDY_STUDY_ENTRIES_H
#define VMSUITE_RUNNER_STUDY_STUDY_ENTRIES_H

#include "study/study.h"

/* Reads the document's configurations for the study's suite and clocks, which are there. What is wrong is
 * added to the document's problems. */
void study_entries_read(const struct document *document, const struct module_list *modules,
                        struct study *study);
void study_entries_done(struct study *study);

#endif
