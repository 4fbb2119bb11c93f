/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A study as a gate: its figures, where clocks count instructions, are compared with a baseline's. */
#ifndef VMSUITE_RUNNER_STUDY_DETERMINISTIC_H
#define VMSUITE_RUNNER_STUDY_DETERMINISTIC_H

#include "compare/gate.h"
#include "study/run.h"

struct deterministic {
    struct compare_gate policy;
    json_t *baseline; /* NULL: nothing is compared with it, a new one is written */
};

/* Reads what must be right before anything is booted: the policy (a file or a name; NULL: "deterministic")
 * and the baseline, if a file is named. -EINVAL with a sentence. The caller frees with deterministic_done. */
int deterministic_read(const struct study *study, const char *policy, const char *baseline,
                       struct deterministic *ret_deterministic, struct vms_error *error);
void deterministic_done(struct deterministic *deterministic);

/* Writes the study's figures as baseline.json into its folder, and reports on stdout what is not as in the
 * baseline. Returns EXIT_DONE, EXIT_FAILED where the gate tripped, or -errno with a sentence. */
int deterministic_answer(const struct deterministic *deterministic, const struct study_run *run,
                         struct vms_error *error);

#endif
