/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A case's process, seen from the runner: started, waited for with a deadline, ended. */
#ifndef VMSUITE_RUNNER_RUN_WORKER_CHILD_H
#define VMSUITE_RUNNER_RUN_WORKER_CHILD_H

#include "children/keeper.h"
#include "run/notice/progress.h"
#include "run/worker/worker.h"

#define CHILD_WORDS_SIZE 400

struct child {
    struct keeper keeper;         /* its pid is 0 where there is no process */
    int socket, output;           /* messages; the process's own stdout and stderr */
    uint32_t order;               /* number of the last trial that was ordered, warm-ups included */
    unsigned n_late;              /* messages taken since the deadline */
    uint64_t used_ns;             /* when it last ran a trial */
    struct progress *progress;    /* whose clock goes on while we wait; NULL: none */
    char words[CHILD_WORDS_SIZE]; /* the end of what it printed, or its last log line */
};

/* Starts a process for the task. It is not ready yet. */
int child_start(const struct worker_task *task, struct progress *progress, struct child *ret_child,
                struct vms_error *error);

/* Whether there is a process that has not been waited for. */
bool child_lives(const struct child *child);

/* Waits until probe and prepare have ended. Status and reason go to `trial`; facts to `outcome`. */
void child_await_ready(struct child *child, struct outcome_case *outcome, struct outcome_trial *trial);

/* Runs one trial and fills `trial`: status, reason, metrics, facts, log; start_s is in seconds of the
 * monotonic clock. */
void child_run_trial(struct child *child, struct outcome_case *outcome, struct outcome_trial *trial);

/* Asks the process to clean up and end, and kills it and all that it started where it has not ended within
 * the time of a trial, limited to 5 to 30 s; with `at_once`, without asking. What went wrong with that is
 * written to `trouble`, as the trial of a failed clean-up would have it: status ok and no reason where
 * nothing did. Accepts one that was never started. */
void child_end(struct child *child, const struct outcome_case *outcome, bool at_once,
               struct outcome_trial *trouble);

#endif
