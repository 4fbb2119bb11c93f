/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sends numbered datagrams, a batch in one call. Where the kernel can, several go down its stack as one
 * and are cut at the end of it (UDP_SEGMENT, udp(7)); where it refuses that for this size, each goes by
 * itself. */
#include "udp/datagram.h"
#include "udp/flow.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/prctl.h>

#define JOINED_MAX 64 /* the kernel's UDP_MAX_SEGMENTS */

static int set_segment(const struct flow *flow, size_t size) {
    int bytes = (int)size;

    return setsockopt(flow->fd, IPPROTO_UDP, UDP_SEGMENT, &bytes, sizeof(bytes)) < 0 ? errno : 0;
}

/* How many datagrams to join in one message; the reason why not is kept. */
static size_t choose_joined(struct flow *flow) {
    size_t most = DATAGRAM_MAX / flow->plan.datagram_size;

    if (!flow->plan.offload || flow->plan.batch == 1)
        return 1;
    most = most < JOINED_MAX ? most : JOINED_MAX;
    most = most < flow->plan.batch ? most : flow->plan.batch;
    flow->join_errno = most > 1 ? set_segment(flow, flow->plan.datagram_size) : EMSGSIZE;
    return flow->join_errno ? 1 : most;
}

int sender_init(struct flow *flow, struct vms_error *error) {
    size_t size = flow->plan.datagram_size;
    bool v6 = flow->host->address.ss_family == AF_INET6;
    int on = 1, status;

    /* So that a full queue of the device is reported as ENOBUFS: see ip(7). Systems without it lose such
     * datagrams silently. */
    if (setsockopt(flow->fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_RECVERR : IP_RECVERR, &on,
                   sizeof(on)) < 0)
        flow->refusals_errno = errno;
    flow->joined = choose_joined(flow);
    status = flow_allocate(flow, flow->plan.batch, size, error);
    for (size_t i = 0; i < flow->plan.batch && status == 0; i++)
        datagram_set_cookie(flow->buffer + i * size, size, flow->host->cookie);
    return status;
}

/* What is distinguished by where a datagram stands: in the warm-up, or among those that count. */
struct schedule {
    uint64_t start_ns; /* of the warm-up, then of what counts */
    uint64_t number;   /* datagrams since then */
    bool counting;
};

/* How many datagrams are due now: 0 to a batch. *ret_due_ns is when the next one is, if none is now. */
static size_t due_now(const struct flow *flow, const struct schedule *schedule, uint64_t now,
                      uint64_t *ret_due_ns) {
    const struct flow_plan *plan = &flow->plan;
    uint64_t due = plan->batch;

    if (plan->rate > 0) {
        double interval_ns = 8e9 * (double)plan->datagram_size / plan->rate;
        double scheduled = (double)(now - schedule->start_ns) / interval_ns + 1;

        due = scheduled > (double)schedule->number ? (uint64_t)(scheduled - (double)schedule->number) : 0;
        *ret_due_ns = schedule->start_ns + (uint64_t)((double)schedule->number * interval_ns) + 1;
    }
    if (schedule->counting && plan->datagrams > 0 && due > plan->datagrams - schedule->number)
        due = plan->datagrams - schedule->number;
    return due < plan->batch ? (size_t)due : plan->batch;
}

static void stamp(struct flow *flow, const struct schedule *schedule, size_t n, uint64_t now) {
    uint64_t mark = schedule->counting ? 0 : DATAGRAM_WARMUP;
    uint8_t *datagram = flow->buffer;

    for (size_t i = 0; i < n; i++, datagram += flow->plan.datagram_size) {
        datagram_set_number(datagram, (schedule->number + i) | mark);
        datagram_set_time(datagram, now);
    }
}

/* Cuts `n` datagrams into messages; returns how many messages. */
static unsigned fill_messages(struct flow *flow, size_t n) {
    size_t size = flow->plan.datagram_size;
    unsigned used = 0;

    for (size_t done = 0; done < n; done += flow->joined) {
        size_t joined = n - done < flow->joined ? n - done : flow->joined;

        flow->vectors[used++] = (struct iovec){flow->buffer + done * size, joined * size};
    }
    return used;
}

/* A call sent nothing. 0: the next one may. What the queue had no room for has its numbers, and is lost. */
static ssize_t take_refusal(struct flow *flow, const struct schedule *schedule, size_t n) {
    size_t joined = n < flow->joined ? n : flow->joined;
    int number = errno;

    if (errno == EAGAIN || errno == EINTR)
        return 0;
    if (errno == ENOBUFS) {
        flow->refused += schedule->counting ? joined : 0;
        return (ssize_t)joined;
    }
    if (flow->joined > 1 &&
        (number == EINVAL || number == EMSGSIZE || number == EIO || number == EOPNOTSUPP)) {
        flow->join_errno = number;
        flow->joined = 1;
        (void)set_segment(flow, 0);
        return 0;
    }
    if (icmp_take(&flow->icmp, flow->fd, number))
        return 0;
    return net_fail_errno(&flow->error, number, "sending datagrams");
}

/* Sends up to `n` datagrams; returns how many have left, or are lost, or a negative errno. */
static ssize_t send_batch(struct flow *flow, const struct schedule *schedule, size_t n, uint64_t now) {
    size_t left;
    int sent;

    stamp(flow, schedule, n, now);
    sent = sendmmsg(flow->fd, flow->messages, fill_messages(flow, n), MSG_NOSIGNAL);
    if (sent < 0)
        return take_refusal(flow, schedule, n);
    icmp_pass(&flow->icmp);
    left = (size_t)sent * flow->joined;
    return (ssize_t)(left < n ? left : n);
}

/* Sends until `seconds_ns` have passed or the plan's datagrams are sent. */
static int send_for(struct flow *flow, struct schedule *schedule, uint64_t seconds_ns,
                    struct net_watch *watch) {
    const struct vms_host *host = flow->host;
    uint64_t now = schedule->start_ns, due_ns = 0;
    bool by_number = schedule->counting && flow->plan.datagrams > 0;

    while (by_number ? schedule->number < flow->plan.datagrams : now - schedule->start_ns < seconds_ns) {
        size_t n = due_now(flow, schedule, now, &due_ns);
        ssize_t sent = n > 0 ? send_batch(flow, schedule, n, now) : 0;
        int status;

        if (sent < 0)
            return (int)sent;
        schedule->number += (uint64_t)sent;
        if (n == 0)
            net_wait(-1, 0, now, due_ns);
        now = host->now(host->context);
        /* To wait for what is due is no stall. */
        status = net_watch_check(watch, now, sent > 0 || n == 0, &flow->error);
        if (status == -ETIMEDOUT && flow->icmp.last)
            return net_fail_errno(&flow->error, flow->icmp.last, "sending datagrams");
        if (status < 0)
            return status;
    }
    flow->elapsed_ns = now - schedule->start_ns;
    return 0;
}

int sender_run(struct flow *flow) {
    uint64_t now = flow->host->now(flow->host->context);
    struct schedule schedule = {.start_ns = now};
    struct net_watch watch;
    int status = 0;

    /* The default slack of 50 us is more than the time between two datagrams at many a rate. */
    (void)prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
    net_watch_init(&watch, flow->host, now);
    if (flow->plan.warmup_ns > 0)
        status = send_for(flow, &schedule, flow->plan.warmup_ns, &watch);
    schedule = (struct schedule){.start_ns = flow->host->now(flow->host->context), .counting = true};
    flow->cpu_ns = net_cpu_now();
    if (status == 0)
        status = send_for(flow, &schedule, flow->plan.seconds_ns, &watch);
    flow->cpu_ns = net_cpu_now() - flow->cpu_ns;
    flow->sent = schedule.number;
    return status;
}
