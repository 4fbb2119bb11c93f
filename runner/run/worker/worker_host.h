/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The services that a worker lends to its module. */
#ifndef VMSUITE_RUNNER_RUN_WORKER_WORKER_HOST_H
#define VMSUITE_RUNNER_RUN_WORKER_WORKER_HOST_H

#include "run/worker/worker.h"

struct worker {
    struct peer_client *client; /* first: peer_client_lend's put and get look here */
    const struct worker_task *task;
    pid_t pid;      /* of the process that may speak for the case */
    uint32_t order; /* number of the last order */
    uint64_t deadline_ns;
    bool measuring;
    struct outcome_trial trial; /* what the running trial has reported: sent when it has ended */
    char refusal[256];          /* the first report that was refused: the trial fails with it */
};

/* True once SIGTERM has come. */
bool worker_stopped(void);

/* Fills in all services but those of a peer (peer_client_lend). `worker` is borrowed, as the context. */
void worker_host_init(struct worker *worker, struct vms_host *ret_host);
/* Fills in what each message begins with, and sends it. */
void worker_say(const struct worker *worker, struct worker_message *message);
void worker_say_path(const struct worker *worker, const char *path);
/* Sends the trial's metrics and facts. */
void worker_say_trial(const struct worker *worker);

#endif
