/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The processes of a run's cases on this machine: a case's is kept between its trials, so that preparation
 * and warm-up are paid once. Whose turn it is, is decided elsewhere (execute.h, agent/agent.h). */
#ifndef VMSUITE_RUNNER_RUN_EXECUTE_PROCESSES_H
#define VMSUITE_RUNNER_RUN_EXECUTE_PROCESSES_H

#include "common/scratch.h"
#include "peer/client/client.h"
#include "run/execute/idle_watch.h"
#include "run/notice/progress.h"
#include "run/peer/local_peer.h"
#include "run/plan/plan.h"

/* No more than this many are kept: the one idle longest is ended, and started anew, with its warm-up, at its
 * next trial. */
#define PROCESSES_MAX 64

/* Open files that each of them takes here, and those that a run needs beside them: where the limit is low,
 * fewer are kept. */
#define PROCESSES_FILES 3
#define PROCESSES_OTHER_FILES 40

/* The part of the machine's memory (one of so many) that kept processes and the next one may hold together,
 * by their modules' estimates: beyond it those that hold most are ended. */
#define PROCESSES_MEMORY_PART 8

/* All borrowed. */
struct processes_setting {
    struct outcome_run *run;
    const struct plan *plan;
    const struct scratch *scratch;
    const char *destroys; /* the block device whose content the user has given up, or NULL */
    const struct peer_address *peer;
    /* started by this run itself; its keeper's pid is 0 where none was */
    const struct local_peer *local_peer;
    struct progress *progress;
    struct idle_watch *idle; /* looks at the machine between trials; NULL: nobody does */
    unsigned retry_noisy;    /* how often a trial that noise has flagged is measured again */
    uint32_t flags;          /* that every trial carries (enum outcome_flag) */
    /* A case's clean-up went wrong, which its status and reason now say. */
    void (*on_trouble)(void *context, const struct outcome_case *outcome);
    void *context;
};

struct processes;

/* -ENOMEM. The caller frees with processes_free, which ends all processes, `at_once` or in order; it takes
 * NULL. */
int processes_new(const struct processes_setting *setting, struct processes **ret_processes);
void processes_free(struct processes *processes, bool at_once);

/* Makes the process of a case ready, warm-ups included, where there is none: a trial then begins at once.
 * What goes wrong is the next trial's to say. */
void processes_prepare(struct processes *processes, size_t index);

/* Runs the trial that `trial` names (number, order, flags) and fills it in, with a process that is kept or a
 * new one; noisy ones again. Its start_s counts from `start_s` on the monotonic clock. */
void processes_take(struct processes *processes, size_t index, double start_s, struct outcome_trial *trial);

/* Ends the process of a case, if there is one. */
void processes_end(struct processes *processes, size_t index, bool at_once);

#endif
