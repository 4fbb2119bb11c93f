/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a study says: for each clock a comparison of its configurations and a report, never both clocks in
 * one. */
#ifndef VMSUITE_RUNNER_STUDY_FINDINGS_H
#define VMSUITE_RUNNER_STUDY_FINDINGS_H

#include "run/set/looks.h"
#include "study/run.h"

/* Writes CLOCK-comparison.txt, .md and .json, CLOCK-report.html and real-time-boots.txt into the study's
 * folder, and the answers to stderr. Everything is compared with the study's baseline; where that has no
 * record, there is a report only, and a sentence says so. -errno with a sentence. */
int findings_write(const struct study_run *run, enum study_clock clock, struct vms_error *error);

/* Looks at the boots so far (looks_take): *ret_sure where no more of them are needed; it stays where there is
 * nothing to compare. -errno with a sentence. */
int findings_look(const struct study_run *run, enum study_clock clock, struct looks *looks, size_t round,
                  bool *ret_sure, struct vms_error *error);

#endif
