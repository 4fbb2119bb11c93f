/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/pool.h"

#include "base/clock.h"
#include "common/signals.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#define POLL_MS 100

struct worker {
    pid_t pid; /* 0: free */
    size_t job;
    uint64_t start_ns;
};

struct pool {
    const struct pool_work *work;
    struct worker workers[POOL_WORKERS_MAX];
    size_t n_workers, n_busy, next;
    bool ending;
};

static _Noreturn void be_worker(const struct pool_work *work, size_t job, pid_t parent) {
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(1);
    exit(work->work(work->context, job));
}

static void begin_job(struct pool *pool, struct worker *worker) {
    pid_t parent = getpid(), pid;
    size_t job = pool->next++;

    pool->work->begin(pool->work->context, job);
    (void)fflush(NULL);
    pid = fork();
    if (pid == 0)
        be_worker(pool->work, job, parent);
    if (pid < 0) {
        pool->work->end(pool->work->context, job, -1, 0);
        return;
    }
    *worker = (struct worker){pid, job, clock_now_ns()};
    pool->n_busy++;
}

static void reap(struct pool *pool, struct worker *worker) {
    int status;

    if (worker->pid <= 0 || waitpid(worker->pid, &status, WNOHANG) != worker->pid)
        return;
    worker->pid = 0;
    pool->n_busy--;
    pool->work->end(pool->work->context, worker->job, WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                    (double)(clock_now_ns() - worker->start_ns) / (double)NS_PER_S);
}

/* The terminal's signals reach the workers by themselves; one more does no harm. */
static void ask_to_end(struct pool *pool) {
    pool->ending = true;
    for (size_t i = 0; i < pool->n_workers; i++)
        if (pool->workers[i].pid > 0)
            (void)kill(pool->workers[i].pid, SIGTERM);
}

bool pool_run(const struct pool_work *work, size_t n_workers) {
    struct pool pool = {.work = work,
                        .n_workers = n_workers < 1                  ? 1
                                     : n_workers > POOL_WORKERS_MAX ? POOL_WORKERS_MAX
                                                                    : n_workers};

    while (pool.n_busy > 0 || (!pool.ending && pool.next < work->n_jobs)) {
        if (!pool.ending && signals_count() > 0)
            ask_to_end(&pool);
        for (size_t i = 0; i < pool.n_workers; i++) {
            reap(&pool, &pool.workers[i]);
            if (!pool.ending && pool.workers[i].pid == 0 && pool.next < work->n_jobs)
                begin_job(&pool, &pool.workers[i]);
        }
        (void)poll(NULL, 0, POLL_MS);
    }
    return !pool.ending;
}

size_t pool_workers(unsigned long long bytes) {
    struct sysinfo info = {0};
    cpu_set_t set;
    size_t processors = sched_getaffinity(0, sizeof(set), &set) == 0 ? (size_t)CPU_COUNT(&set) : 1;
    unsigned long long usable = 0, by_memory;

    if (sysinfo(&info) == 0) /* what caches hold can mostly be had, but is not counted on */
        usable = ((unsigned long long)info.freeram + info.bufferram) * info.mem_unit;
    by_memory = bytes > 0 ? usable / bytes : processors;
    if (by_memory < processors)
        processors = (size_t)by_memory;
    return processors > 0 ? processors : 1;
}
