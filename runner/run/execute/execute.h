/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a plan: every trial in its turn, in the process of its case. */
#ifndef VMSUITE_RUNNER_RUN_EXECUTE_EXECUTE_H
#define VMSUITE_RUNNER_RUN_EXECUTE_EXECUTE_H

#include "record/write/journal.h"
#include "run/execute/processes.h"

struct execution {
    /* Trials that are there already (a resumed run) are left out. execute() sets on_trouble and its
     * context. */
    struct processes_setting processes;
    struct journal *journal;
    double before_s; /* how long the run had lasted when it was resumed; 0 otherwise */
};

/* Runs until the end or an interrupt, and settles the run's status. -errno only where the journal can't be
 * written: then the trials so far are in the run, and nothing more is measured. */
int execute(const struct execution *execution, struct vms_error *error);

#endif
