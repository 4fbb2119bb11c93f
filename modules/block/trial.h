/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One trial: lay out, move, read back, verify, report. */
#ifndef VMSUITE_MODULES_BLOCK_TRIAL_H
#define VMSUITE_MODULES_BLOCK_TRIAL_H

#include "block/pass/plan.h"
#include "block/target/job.h"
#include "block/target/pool.h"

/* What a case prepares once for all its trials, and frees at its end. */
struct trial_tools {
    struct medium medium;
    struct pool pool;
    struct plan plan;
};

/* Runs one trial on a target of its own and reports to the job's host. */
int trial_run(const struct job *job, struct trial_tools *tools, struct vms_error *error);

#endif
