/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One direction of a stream of datagrams at one of its ends: a thread that sends, or one that receives. */
#ifndef VMSUITE_MODULES_UDP_FLOW_H
#define VMSUITE_MODULES_UDP_FLOW_H

#include "account.h"
#include "udp.h"

#include <pthread.h>
#include <stdatomic.h>

struct flow_plan {
    size_t datagram_size;
    size_t batch;        /* datagrams given to the kernel, or asked of it, in one call */
    uint64_t seconds_ns; /* the sender ends after this, or ... */
    uint64_t datagrams;  /* ... if not 0, after this many */
    double rate;         /* bit/s of payload; 0: as fast as possible */
};

struct flow {
    const struct vms_host *host;
    int fd;
    bool sends;
    struct flow_plan plan;
    uint8_t *buffer;          /* owned: `batch` datagrams */
    struct mmsghdr *messages; /* owned: one for each */
    struct iovec *vectors;    /* owned: one for each */
    atomic_bool ended;        /* receiver: the sender has told its end; finish when nothing comes */
    pthread_t thread;

    /* Set when the thread has ended. */
    int status;
    struct vms_error error;
    uint64_t cpu_ns;
    uint64_t sent, refused; /* sender: datagrams, and those of them for which its queue had no room */
    uint64_t elapsed_ns;    /* sender */
    struct account account; /* receiver */
};

/* Makes the buffers ready. The caller calls flow_done whatever is returned. */
int flow_init(struct flow *flow, const struct vms_host *host, int fd, bool sends,
              const struct flow_plan *plan, struct vms_error *error);
int flow_start(struct flow *flow, struct vms_error *error);
/* Waits for the thread; a receiver ends soon after flow_end, or by should_stop. Its status. */
int flow_join(struct flow *flow, struct vms_error *error);
/* Tells a receiver that no more will be sent. */
void flow_end(struct flow *flow);
void flow_done(struct flow *flow);

#endif
