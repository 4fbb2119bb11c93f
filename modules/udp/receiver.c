/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Receives numbered datagrams, a batch in one call. Where the kernel can, it hands over several of a flow as
 * one (UDP_GRO, udp(7)). */
#include "udp/datagram.h"
#include "udp/flow.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>

#define JOINED_SIZE 65536 /* bytes of the largest message of joined datagrams */
#define JOINED_MESSAGES 16

/* Times NET_POLL_NS without a datagram after the sender's end: what is still on its way has come by then. */
#define QUIET_NAPS 3

union flow_control {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
};

/* What the socket has dropped since it was opened: the counter that SO_RXQ_OVFL attaches to messages, asked
 * for once instead of read from each. */
static uint64_t ask_dropped(const struct flow *flow) {
    uint32_t values[SK_MEMINFO_VARS] = {0};
    socklen_t size = sizeof(values);

    return getsockopt(flow->fd, SOL_SOCKET, SO_MEMINFO, values, &size) < 0 ? FLOW_DROPPED_UNKNOWN
                                                                           : values[SK_MEMINFO_DROPS];
}

/* The counter has 32 bits and begins again after them. */
static uint64_t dropped_since(const struct flow *flow) {
    uint64_t now = ask_dropped(flow);

    if (now == FLOW_DROPPED_UNKNOWN || flow->dropped == FLOW_DROPPED_UNKNOWN)
        return FLOW_DROPPED_UNKNOWN;
    return (uint32_t)(now - flow->dropped);
}

int receiver_init(struct flow *flow, struct vms_error *error) {
    bool joins = false;
    int on = 1, status;

    if (flow->plan.offload && flow->plan.batch > 1)
        joins = setsockopt(flow->fd, IPPROTO_UDP, UDP_GRO, &on, sizeof(on)) == 0;
    status = joins ? flow_allocate(flow, JOINED_MESSAGES, JOINED_SIZE, error)
                   : flow_allocate(flow, flow->plan.batch, flow->plan.datagram_size, error);
    if (status < 0)
        return status;
    flow->controls = calloc(flow->n_messages, sizeof(*flow->controls));
    if (!flow->controls || account_init(&flow->account, flow->plan.interval_ns) < 0)
        return net_fail_errno(error, ENOMEM, "the account of datagrams");
    flow->dropped = ask_dropped(flow);
    return 0;
}

/* Bytes of each datagram in a message that may be several. */
static size_t joined_size(struct mmsghdr *message) {
    for (struct cmsghdr *part = CMSG_FIRSTHDR(&message->msg_hdr); part;
         part = CMSG_NXTHDR(&message->msg_hdr, part)) {
        int size;

        if (part->cmsg_level != IPPROTO_UDP || part->cmsg_type != UDP_GRO ||
            part->cmsg_len < CMSG_LEN(sizeof(size)))
            continue;
        memcpy(&size, CMSG_DATA(part), sizeof(size));
        return size > 0 ? (size_t)size : message->msg_len;
    }
    return message->msg_len;
}

static void take_datagram(struct flow *flow, const uint8_t *datagram, size_t size, uint64_t now) {
    uint64_t number;

    if (size != flow->plan.datagram_size || !datagram_has_cookie(datagram, size, flow->host->cookie))
        return;
    number = datagram_number(datagram);
    if (number >= DATAGRAM_WARMUP) /* or a hello */
        return;
    if (flow->account.unique == 0) {
        flow->cpu_ns = net_cpu_now();
        /* What was dropped of the warm-up does not count either. */
        if (flow->plan.warmup_ns > 0)
            flow->dropped = ask_dropped(flow);
    }
    account_add(&flow->account, number, size, datagram_time(datagram), now);
}

static void take_message(struct flow *flow, struct mmsghdr *message, uint64_t now) {
    const uint8_t *at = message->msg_hdr.msg_iov->iov_base;
    size_t left = message->msg_len, size = joined_size(message);
    uint64_t n = 0;

    if (message->msg_hdr.msg_flags & MSG_TRUNC)
        return;
    for (; left > 0; n++) {
        size_t part = left < size ? left : size;

        take_datagram(flow, at, part, now);
        at += part;
        left -= part;
    }
    flow->largest = n > flow->largest ? n : flow->largest;
}

static int receive_batch(struct flow *flow) {
    for (size_t i = 0; i < flow->n_messages; i++) {
        flow->messages[i].msg_hdr.msg_control = &flow->controls[i];
        flow->messages[i].msg_hdr.msg_controllen = sizeof(flow->controls[i]);
    }
    return recvmmsg(flow->fd, flow->messages, (unsigned)flow->n_messages, MSG_WAITFORONE, NULL);
}

int receiver_run(struct flow *flow) {
    const struct vms_host *host = flow->host;
    struct net_watch watch;
    unsigned quiet = 0;
    int status = 0;

    net_watch_init(&watch, host, host->now(host->context));
    while (status == 0) {
        /* Read before the socket: what is asked after the sender's end finds all that has come by then. */
        bool ended = atomic_load(&flow->ended);
        int n = receive_batch(flow);
        uint64_t now = host->now(host->context);

        if (n < 0 && errno != EAGAIN && errno != EINTR && !icmp_take(&flow->icmp, flow->fd, errno))
            return net_fail_errno(&flow->error, errno, "receiving datagrams");
        quiet = n < 0 && errno == EAGAIN && ended ? quiet + 1 : 0;
        if (quiet == QUIET_NAPS)
            break;
        if (n > 0)
            icmp_pass(&flow->icmp);
        for (int i = 0; i < n; i++)
            take_message(flow, &flow->messages[i], now);
        /* That nothing comes is no stall: the sender's end is reported over the control connection. */
        status = net_watch_check(&watch, now, true, &flow->error);
    }
    flow->cpu_ns = flow->account.unique > 0 ? net_cpu_now() - flow->cpu_ns : 0;
    flow->dropped = dropped_since(flow);
    return status;
}
