/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mode stream: one thread sends on each connection, one receives at its other end; both halves run the same
 * code with the roles swapped. The receivers' bytes over the receivers' clock, from the first data's arrival
 * to the last's, are the headline. The peer then tells its counts.
 */
#include "worker.h"

#include <errno.h>

/* What one half counted in one role, over all its streams. */
struct flow {
    uint64_t bytes;
    uint64_t elapsed_ns;
    uint64_t cpu_ns;
};

/* Fields of NET_RESULT: those of struct flow for what the peer sent, then for what it received. */
#define FLOW_FIELDS 3
struct flows {
    struct flow sent, received;
};

static void flow_to_fields(const struct flow *flow, uint64_t *fields) {
    fields[0] = flow->bytes;
    fields[1] = flow->elapsed_ns;
    fields[2] = flow->cpu_ns;
}

static void flow_from_fields(const uint64_t *fields, struct flow *flow) {
    *flow = (struct flow){.bytes = fields[0], .elapsed_ns = fields[1], .cpu_ns = fields[2]};
}

/* Adds up the workers of one role; the time is from the first one's beginning to the last one's end. */
static struct flow sum_flow(const struct tcp_worker *workers, size_t n, bool sends) {
    uint64_t first_ns = UINT64_MAX, last_ns = 0;
    struct flow flow = {0};

    for (size_t i = 0; i < n; i++) {
        if (workers[i].plan.sends != sends)
            continue;
        flow.bytes += workers[i].bytes;
        flow.cpu_ns += workers[i].cpu_ns;
        first_ns = workers[i].first_ns < first_ns ? workers[i].first_ns : first_ns;
        last_ns = workers[i].last_ns > last_ns ? workers[i].last_ns : last_ns;
    }
    flow.elapsed_ns = last_ns > first_ns ? last_ns - first_ns : 0;
    return flow;
}

/* Starts what was made ready, and waits for the end of all that was started. */
static int run_workers(struct tcp_worker *workers, size_t n, struct vms_error *error) {
    struct vms_error later;
    size_t started = 0;
    int status = 0;

    while (started < n && (status = tcp_worker_start(&workers[started], error)) == 0)
        started++;
    if (status < 0)
        for (size_t i = 0; i < started; i++)
            (void)shutdown(workers[i].fd, SHUT_RDWR);
    for (size_t i = 0; i < started; i++) {
        int ended = tcp_worker_join(&workers[i], status == 0 ? error : &later);

        status = status == 0 ? ended : status;
    }
    return status;
}

/* Stream `index`'s part of the bytes to send, 0 where time ends the trial. */
static uint64_t share_of(const union vms_value *values, size_t index) {
    uint64_t streams = values[TCP_STREAMS].count, bytes = values[TCP_BYTES].bytes;

    return bytes / streams + (index % streams < bytes % streams);
}

static int stream(const struct vms_host *host, const union vms_value *values, const int *fds, bool is_client,
                  struct flows *ret_flows, struct vms_error *error) {
    struct tcp_worker workers[TCP_CONNECTIONS_MAX];
    size_t n = tcp_connections(values), made = 0;
    int status = 0;

    while (made < n && status == 0) {
        struct tcp_worker_plan plan = {.sends = tcp_client_sends(values, made) == is_client,
                                       .block_size = values[TCP_BLOCK_SIZE].bytes,
                                       .seconds_ns = (uint64_t)(values[TCP_SECONDS].seconds * NET_SECOND),
                                       .bytes = share_of(values, made)};

        status = tcp_worker_init(&workers[made], host, fds[made], &plan, error);
        made += status == 0;
    }
    if (status == 0)
        status = run_workers(workers, n, error);
    if (status == 0) {
        ret_flows->sent = sum_flow(workers, n, true);
        ret_flows->received = sum_flow(workers, n, false);
    }
    while (made > 0)
        tcp_worker_done(&workers[--made]);
    return status;
}

static double rate_of(const struct flow *flow) {
    return flow->elapsed_ns > 0 ? 8e9 * (double)flow->bytes / (double)flow->elapsed_ns : 0;
}

/* What one half sent is what the other received: TCP says so, and it is checked. */
static int report(const struct vms_host *host, const struct flows *own, const struct flows *peer,
                  struct vms_error *error) {
    if (own->sent.bytes != peer->received.bytes || peer->sent.bytes != own->received.bytes)
        return net_fail(error, -EIO, "%llu bytes were sent, but %llu received",
                        (unsigned long long)(own->sent.bytes + peer->sent.bytes),
                        (unsigned long long)(own->received.bytes + peer->received.bytes));
    if (own->received.elapsed_ns + peer->received.elapsed_ns == 0)
        return net_fail(error, -EIO, "too little was sent to tell a rate");
    if (host->sample(host->context, TCP_GOODPUT, rate_of(&own->received) + rate_of(&peer->received)) < 0 ||
        host->sample(host->context, TCP_SENDER_RATE, rate_of(&own->sent) + rate_of(&peer->sent)) < 0)
        return net_fail(error, -EIO, "the host refused a figure");
    return 0;
}

int tcp_stream_measure(const struct vms_host *host, const union vms_value *values, const int *fds,
                       struct vms_error *error) {
    uint64_t fields[2 * FLOW_FIELDS];
    struct flows own, peer;
    int status = stream(host, values, fds, true, &own, error);

    if (status == 0)
        status = net_get_exactly(host, NET_RESULT, fields, VMS_LENGTH(fields), NET_STALL_NS, error);
    if (status < 0)
        return status;
    flow_from_fields(fields, &peer.sent);
    flow_from_fields(fields + FLOW_FIELDS, &peer.received);
    return report(host, &own, &peer, error);
}

int tcp_stream_serve(const struct vms_host *host, const union vms_value *values, const int *fds,
                     struct vms_error *error) {
    uint64_t fields[2 * FLOW_FIELDS];
    struct flows own;
    int status = stream(host, values, fds, false, &own, error);

    if (status < 0)
        return status;
    flow_to_fields(&own.sent, fields);
    flow_to_fields(&own.received, fields + FLOW_FIELDS);
    return net_put(host, NET_RESULT, fields, VMS_LENGTH(fields), error);
}
