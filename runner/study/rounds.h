/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many boots of each configuration a study makes for its goal. */
#ifndef VMSUITE_RUNNER_STUDY_ROUNDS_H
#define VMSUITE_RUNNER_STUDY_ROUNDS_H

#include "study/study.h"

#include <stdio.h>

/* Seconds of one boot, as it is estimated before any was seen; `ret_trouble` as boot_limits_job has it. */
double rounds_estimate_boot(const struct study_entry *entry, enum study_clock clock, char *ret_trouble);

/* Sets the study's rounds in real time, where a goal is set. Boots where instructions are counted are one
 * each, and take nothing from the budget. -EINVAL with a sentence where the budget does not allow one boot of
 * each. */
int rounds_choose(struct study *study, struct vms_error *error);

/* What that many boots can find, and what is left of the goal. */
void rounds_print(FILE *file, const struct study *study);

#endif
