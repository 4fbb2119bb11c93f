/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A case's process, seen from the runner: started, waited for with a deadline, ended. */
#ifndef VMSUITE_RUNNER_RUN_CHILD_H
#define VMSUITE_RUNNER_RUN_CHILD_H

#include "run/worker.h"

#define CHILD_WORDS_SIZE 400

struct child {
    pid_t pid;                    /* 0: none */
    int process, socket, output;  /* pidfd, messages, the process's own stdout and stderr */
    uint64_t used_ns;             /* when it last ran a trial */
    char words[CHILD_WORDS_SIZE]; /* the end of what it printed, or its last log line */
};

/* Starts a process for the task. It is not ready yet. */
int child_start(const struct worker_task *task, struct child *ret_child, struct vms_error *error);

/* Waits until probe and prepare have ended. Status and reason go to `trial`; facts to `outcome`. */
void child_await_ready(struct child *child, struct outcome_case *outcome, struct outcome_trial *trial);

/* Runs one trial and fills `trial`: status, reason, metrics, facts; start_s is in seconds of the monotonic
 * clock. */
void child_run_trial(struct child *child, struct outcome_case *outcome, struct outcome_trial *trial);

/* Asks the process to clean up and go, and kills it, and what it started, if it has not within 5 s, or
 * `at_once`. Takes one that never was. */
void child_end(struct child *child, bool at_once);

#endif
