/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long the guests of a study took to boot, compared. */
#ifndef VMSUITE_RUNNER_STUDY_BOOT_TIMES_H
#define VMSUITE_RUNNER_STUDY_BOOT_TIMES_H

#include "study/run.h"

/* Writes CLOCK-boots.txt into the study's folder, and the same to stderr: for each configuration with a guest
 * the median of its boots' times to the first process, their range, and the factor against the baseline's.
 * Nothing where no guest was booted. -errno with a sentence. */
int boot_times_write(const struct study_run *run, enum study_clock clock, struct vms_error *error);

#endif
