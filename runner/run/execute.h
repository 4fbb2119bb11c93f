/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a plan: every trial in its turn, in the process of its case. */
#ifndef VMSUITE_RUNNER_RUN_EXECUTE_H
#define VMSUITE_RUNNER_RUN_EXECUTE_H

#include "record/journal.h"
#include "run/processes.h"

struct execution {
    struct outcome_run *run; /* trials that are there already (a resumed run) are left out */
    const struct plan *plan;
    const struct scratch *scratch;
    const char *destroys; /* the block device whose content the user has given up, or NULL */
    const struct peer_address *peer;
    const struct local_peer
        *local_peer; /* started by this run itself; its keeper's pid is 0 where none was */
    struct journal *journal;
    struct progress *progress;
    unsigned retry_noisy; /* how often a trial that noise has flagged is measured again */
    uint32_t flags;       /* that every trial carries (enum outcome_flag) */
    double before_s;      /* how long the run had lasted when it was resumed; 0 otherwise */
};

/* Runs until the end or an interrupt, and settles the run's status. -errno only where the journal can't be
 * written: then the trials so far are in the run, and nothing more is measured. */
int execute(const struct execution *execution, struct vms_error *error);

#endif
