/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a plan: every trial in its turn, in the process of its case. */
#ifndef VMSUITE_RUNNER_RUN_EXECUTE_H
#define VMSUITE_RUNNER_RUN_EXECUTE_H

#include "common/scratch.h"
#include "peer/client/client.h"
#include "record/journal.h"
#include "run/local_peer.h"
#include "run/plan.h"
#include "run/progress.h"

/* A case's process is kept between its trials, so that preparation and warm-up are paid once. No more
 * than this many are kept: the one idle longest is ended, and started anew, with its warm-up, at its
 * next trial. */
#define EXECUTE_PROCESSES_MAX 64

/* Open files that each of them takes here, and those that a run needs beside them: where the limit is low,
 * fewer are kept. */
#define EXECUTE_PROCESS_FILES 3
#define EXECUTE_OTHER_FILES 40

/* The part of the machine's memory (one of so many) that kept processes and the next one may hold together,
 * by their modules' estimates: beyond it those that hold most are ended. */
#define EXECUTE_MEMORY_PART 8

/* After this many failed trials in a row a case is given up; a crash, a timeout or "unsupported" ends it at
 * once. */
#define EXECUTE_FAILURES_MAX 3

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
