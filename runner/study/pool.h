/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several boots at once, each in a process of its own: for those that a load does not change. */
#ifndef VMSUITE_RUNNER_STUDY_POOL_H
#define VMSUITE_RUNNER_STUDY_POOL_H

#include <stdbool.h>
#include <stddef.h>

#define POOL_WORKERS_MAX 64

struct pool_work {
    void *context;
    size_t n_jobs;
    void (*begin)(void *context, size_t job); /* here, before the job's process is started */
    int (*work)(void *context, size_t job);   /* in that process: returns its exit status, 0 to 125 */
    void (*end)(void *context, size_t job, int status, double seconds); /* here; -1: it was killed */
};

/* Does the jobs in their order, at most `n_workers` at a time. At a signal to this program the processes are
 * asked to end, and no job is begun any more: false. A process ends with this program; the job of one that
 * cannot be started has the status -1. */
bool pool_run(const struct pool_work *work, size_t n_workers);

/* How many guests of `bytes` this machine can run at a time: its processors, as far as its free memory goes;
 * at least one. */
size_t pool_workers(unsigned long long bytes);

#endif
