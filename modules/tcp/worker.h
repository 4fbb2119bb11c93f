/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One end of one stream: a thread that sends or receives as fast as it can. */
#ifndef VMSUITE_MODULES_TCP_WORKER_H
#define VMSUITE_MODULES_TCP_WORKER_H

#include "tcp.h"

#include <pthread.h>

/* What to do. */
struct tcp_worker_plan {
    bool sends;
    size_t block_size;
    uint64_t seconds_ns; /* the sender ends after this, or ... */
    uint64_t bytes;      /* ... if not 0, after this many bytes */
};

struct tcp_worker {
    const struct vms_host *host;
    int fd;
    struct tcp_worker_plan plan;
    char *block; /* owned */
    pthread_t thread;
    bool started;

    /* Set when the thread has ended. */
    int status;
    struct vms_error error;
    uint64_t bytes;
    uint64_t first_ns; /* sender: its start; receiver: when the first data was there */
    uint64_t last_ns;  /* sender: its last send had returned; receiver: its last data was read */
    uint64_t cpu_ns;
};

/* Makes the block ready, so that no page of it is new in the trial. -ENOMEM. */
int tcp_worker_init(struct tcp_worker *worker, const struct vms_host *host, int fd,
                    const struct tcp_worker_plan *plan, struct vms_error *error);
/* Starts the thread. */
int tcp_worker_start(struct tcp_worker *worker, struct vms_error *error);
/* Waits for the thread's end (it never outlasts a stall or should_stop); its status. */
int tcp_worker_join(struct tcp_worker *worker, struct vms_error *error);
/* Takes a worker that was never started, too. */
void tcp_worker_done(struct tcp_worker *worker);

#endif
