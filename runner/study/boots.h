/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The order of a study's boots: for each clock rounds with one boot of each configuration, every round
 * shuffled by the study's seed, so that what changes on the machine falls on all configurations alike, and
 * what changes from boot to boot is seen. */
#ifndef VMSUITE_RUNNER_STUDY_BOOTS_H
#define VMSUITE_RUNNER_STUDY_BOOTS_H

#include "study/study.h"

struct boot_step {
    size_t entry; /* of the study */
    enum study_clock clock;
    unsigned round; /* from 1 */
};

struct boot_list {
    struct boot_step *steps;
    size_t n_steps;
};

/* -ENOMEM. The caller frees with boots_done. */
int boots_plan(const struct study *study, struct boot_list *ret_boots);
void boots_done(struct boot_list *boots);

#endif
