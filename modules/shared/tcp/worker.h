/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One end of one stream: a thread that sends or receives as fast as it can. */
#ifndef VMSUITE_MODULES_SHARED_TCP_WORKER_H
#define VMSUITE_MODULES_SHARED_TCP_WORKER_H

#include "shared/net/report.h"
#include "shared/tcp/info.h"
#include "shared/tcp/zerocopy.h"

#include <pthread.h>

/* What to do. */
struct tcp_worker_plan {
    bool sends;
    bool zerocopy;
    size_t block_size;
    uint64_t seconds_ns;  /* the sender ends after the warm-up and this, or ... */
    uint64_t bytes;       /* ... if not 0, after this many bytes */
    uint64_t warmup_ns;   /* not counted */
    uint64_t interval_ns; /* 0: no intervals */
};

/* What was moved in the time that counts. */
struct tcp_count {
    uint64_t bytes;
    uint64_t first_ns; /* sender: its start; receiver: when the first data was there */
    uint64_t last_ns;  /* sender: its last send had returned; receiver: its last data was read */
    uint64_t cpu_ns;
};

struct tcp_worker {
    const struct vms_host *host;
    int fd;
    struct tcp_worker_plan plan;
    char *block; /* owned */
    pthread_t thread;
    uint64_t begin_ns; /* of all workers of the trial */
    bool counting;     /* the warm-up is over */

    /* Set when the thread has ended. */
    int status;
    struct vms_error error;
    uint64_t total; /* bytes, warm-up and all */
    struct tcp_count count;
    struct zerocopy zerocopy;         /* sender */
    struct tcp_connection connection; /* sender: as it was when the last send had returned, but retransmits:
                                         when all was received */
    uint64_t intervals[NET_INTERVALS_MAX]; /* receiver: bytes in each since the warm-up */
};

/* Makes the block ready, so that no page of it is new in the trial. The caller calls tcp_worker_done whatever
 * is returned. -ENOMEM. */
int tcp_worker_init(struct tcp_worker *worker, const struct vms_host *host, int fd,
                    const struct tcp_worker_plan *plan, struct vms_error *error);
/* Starts the thread; `begin_ns` is when the trial began for all of them. */
int tcp_worker_start(struct tcp_worker *worker, uint64_t begin_ns, struct vms_error *error);
/* Waits for the thread's end (it never outlasts a stall or should_stop); its status. */
int tcp_worker_join(struct tcp_worker *worker, struct vms_error *error);
void tcp_worker_done(struct tcp_worker *worker);

#endif
