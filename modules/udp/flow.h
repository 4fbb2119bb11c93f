/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One direction of a stream of datagrams at one of its ends: a thread that sends, or one that receives. */
#ifndef VMSUITE_MODULES_UDP_FLOW_H
#define VMSUITE_MODULES_UDP_FLOW_H

#include "udp/account.h"
#include "udp/icmp.h"
#include "udp/udp.h"

#include <pthread.h>
#include <stdatomic.h>

struct flow_plan {
    size_t datagram_size;
    size_t batch;         /* datagrams given to the kernel, or asked of it, in one call */
    bool offload;         /* join datagrams of a batch, where the kernel can (UDP_SEGMENT, UDP_GRO) */
    uint64_t seconds_ns;  /* the sender ends after the warm-up and this, or ... */
    uint64_t datagrams;   /* ... if not 0, after this many */
    uint64_t warmup_ns;   /* datagrams sent in this time before do not count */
    uint64_t interval_ns; /* 0: no intervals */
    double rate;          /* bit/s of payload; 0: as fast as possible */
};

#define FLOW_DROPPED_UNKNOWN UINT64_MAX

struct flow {
    const struct vms_host *host;
    int fd;
    bool sends;
    struct flow_plan plan;
    size_t joined;                /* datagrams in one message of the calls below, 1: not joined */
    uint8_t *buffer;              /* owned: the messages' bytes */
    struct mmsghdr *messages;     /* owned */
    struct iovec *vectors;        /* owned: one for each message */
    union flow_control *controls; /* owned, receiver: one for each message */
    size_t n_messages;
    atomic_bool ended; /* receiver: the sender has reported its end; finish when nothing comes */
    pthread_t thread;

    /* Set when the thread has ended. */
    int status;
    struct vms_error error;
    uint64_t cpu_ns;
    uint64_t sent, refused; /* sender: datagrams that count, and those of them its queue had no room for */
    uint64_t elapsed_ns;    /* sender */
    struct icmp icmp;       /* what was reported from outside meanwhile */
    int refusals_errno;     /* sender: why a full queue is not reported; 0: it is */
    int join_errno;         /* sender: why datagrams were not joined; 0: they were, or were not to be */
    struct account account; /* receiver */
    uint64_t dropped; /* receiver: what its socket had no room for, in datagrams, but joined ones as one;
                         FLOW_DROPPED_UNKNOWN where the system does not say */
    uint64_t largest; /* receiver: datagrams in the largest message */
};

/* Makes buffers and socket ready. The caller calls flow_done whatever is returned. */
int flow_init(struct flow *flow, const struct vms_host *host, int fd, bool sends,
              const struct flow_plan *plan, struct vms_error *error);
int flow_start(struct flow *flow, struct vms_error *error);
/* Waits for the thread; a receiver ends soon after flow_end, or by should_stop. Its status. */
int flow_join(struct flow *flow, struct vms_error *error);
/* Tells a receiver that no more will be sent. */
void flow_end(struct flow *flow);
void flow_done(struct flow *flow);

/* The two kinds of thread; flow.c calls them. */
int sender_init(struct flow *flow, struct vms_error *error);
int sender_run(struct flow *flow);
int receiver_init(struct flow *flow, struct vms_error *error);
int receiver_run(struct flow *flow);

/* For those two: room for `n` messages of `size` bytes, each one vector. -ENOMEM. */
int flow_allocate(struct flow *flow, size_t n, size_t size, struct vms_error *error);

#endif
