/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mode stream: one thread sends on each connection, one receives at its other end; both halves run the same
 * code with the roles swapped. The receivers' bytes over the receivers' clock, from the first data's arrival
 * to the last's, are the headline. The peer then reports its counts.
 */
#include "tcp/options.h"

#include "shared/tcp/worker.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What one half counted in one role, over all its streams. NET_RESULT has these fields in this order for what
 * the peer sent, then for what it received, then for each interval the bytes it received in it. */
enum flow_field {
    FLOW_TOTAL,   /* bytes, warm-up and all */
    FLOW_BYTES,   /* bytes that count */
    FLOW_ELAPSED, /* ns that count */
    FLOW_CPU,     /* ns of processor time in them */
    FLOW_RETRANSMITS,
    FLOW_RTT, /* ns, mean over the streams */
    FLOW_ZEROCOPY,
    FLOW_ZEROCOPY_COPIED,
    FLOW_BUFFER, /* bytes: SO_SNDBUF of a sender, SO_RCVBUF of a receiver */
    FLOW_FIELDS
};

struct flows {
    uint64_t sent[FLOW_FIELDS], received[FLOW_FIELDS];
    uint64_t intervals[NET_INTERVALS_MAX];
    size_t n_intervals; /* whole ones */
};

/* Adds up the workers of one role; the time is from the first one's beginning to the last one's end. */
static void sum_flow(const struct tcp_worker *workers, size_t n, bool sends, uint64_t *flow) {
    uint64_t first_ns = UINT64_MAX, last_ns = 0, rtt_ns = 0, n_workers = 0;

    memset(flow, 0, FLOW_FIELDS * sizeof(*flow));
    for (size_t i = 0; i < n; i++) {
        const struct tcp_worker *worker = &workers[i];

        if (worker->plan.sends != sends)
            continue;
        n_workers++;
        rtt_ns += worker->connection.rtt_ns;
        flow[FLOW_TOTAL] += worker->total;
        flow[FLOW_RETRANSMITS] += worker->connection.retransmits;
        flow[FLOW_ZEROCOPY] += worker->zerocopy.sends;
        flow[FLOW_ZEROCOPY_COPIED] += worker->zerocopy.copied;
        flow[FLOW_BUFFER] = net_socket_buffer(worker->fd, sends ? SO_SNDBUF : SO_RCVBUF);
        if (!worker->counting)
            continue;
        flow[FLOW_BYTES] += worker->count.bytes;
        flow[FLOW_CPU] += worker->count.cpu_ns;
        first_ns = worker->count.first_ns < first_ns ? worker->count.first_ns : first_ns;
        last_ns = worker->count.last_ns > last_ns ? worker->count.last_ns : last_ns;
    }
    flow[FLOW_ELAPSED] = last_ns > first_ns ? last_ns - first_ns : 0;
    flow[FLOW_RTT] = n_workers > 0 ? rtt_ns / n_workers : 0;
}

/* Adds up the receivers' intervals; the last one, which the end of the stream cut short, is left out. */
static void sum_intervals(const struct tcp_worker *workers, size_t n, struct flows *flows) {
    memset(flows->intervals, 0, sizeof(flows->intervals));
    flows->n_intervals = 0;
    for (size_t i = 0; i < n; i++) {
        const struct tcp_worker *worker = &workers[i];
        uint64_t end_ns = worker->count.last_ns - worker->begin_ns - worker->plan.warmup_ns, whole;

        if (worker->plan.sends || worker->plan.interval_ns == 0 || !worker->counting)
            continue;
        whole = end_ns / worker->plan.interval_ns;
        whole = whole < NET_INTERVALS_MAX ? whole : NET_INTERVALS_MAX;
        flows->n_intervals = whole > flows->n_intervals ? whole : flows->n_intervals;
        for (size_t k = 0; k < NET_INTERVALS_MAX; k++)
            flows->intervals[k] += worker->intervals[k];
    }
}

/* Starts what was made ready, and waits for the end of all that was started. */
static int run_workers(const struct vms_host *host, struct tcp_worker *workers, size_t n,
                       struct vms_error *error) {
    uint64_t begin_ns = host->now(host->context);
    struct vms_error later;
    size_t started = 0;
    int status = 0;

    while (started < n && (status = tcp_worker_start(&workers[started], begin_ns, error)) == 0)
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

static struct tcp_worker_plan plan_of(const union vms_value *values, size_t index, bool is_client) {
    return (struct tcp_worker_plan){.sends = tcp_client_sends(values, index) == is_client,
                                    .zerocopy = values[TCP_ZEROCOPY].boolean,
                                    .block_size = values[TCP_BLOCK_SIZE].bytes,
                                    .seconds_ns = (uint64_t)(values[TCP_SECONDS].seconds * NET_SECOND),
                                    .bytes = share_of(values, index),
                                    .warmup_ns = (uint64_t)(values[TCP_WARMUP].seconds * NET_SECOND),
                                    .interval_ns = (uint64_t)(values[TCP_INTERVAL].seconds * NET_SECOND)};
}

static int stream(const struct vms_host *host, const union vms_value *values, const int *fds, bool is_client,
                  struct flows *ret_flows, struct vms_error *error) {
    size_t n = tcp_connections(values), made = 0;
    struct tcp_worker *workers = calloc(n, sizeof(*workers));
    int status = workers ? 0 : net_fail_errno(error, ENOMEM, "the streams");

    while (status == 0 && made < n) {
        struct tcp_worker_plan plan = plan_of(values, made, is_client);

        status = tcp_worker_init(&workers[made], host, fds[made], &plan, error);
        made++;
    }
    if (status == 0)
        status = is_client ? net_get_exactly(host, NET_BEGIN, NULL, 0, NET_SETUP_NS, error)
                           : net_put(host, NET_BEGIN, NULL, 0, error);
    if (status == 0)
        status = run_workers(host, workers, n, error);
    if (status == 0) {
        sum_flow(workers, n, true, ret_flows->sent);
        sum_flow(workers, n, false, ret_flows->received);
        sum_intervals(workers, n, ret_flows);
    }
    while (made > 0)
        tcp_worker_done(&workers[--made]);
    free(workers);
    return status;
}

static double rate_of(const uint64_t *flow) {
    return flow[FLOW_ELAPSED] > 0 ? 8e9 * (double)flow[FLOW_BYTES] / (double)flow[FLOW_ELAPSED] : 0;
}

/* Of both directions. NaN where nothing was counted: a sender may have given all to its kernel before the
 * warm-up was over, and that is no rate of 0. */
static double rate_of_both(const uint64_t *a, const uint64_t *b) {
    return a[FLOW_ELAPSED] > 0 || b[FLOW_ELAPSED] > 0 ? rate_of(a) + rate_of(b) : (double)NAN;
}

static double rtt_of(const uint64_t *a, const uint64_t *b) {
    uint64_t rtt_ns = a[FLOW_RTT] > b[FLOW_RTT] ? a[FLOW_RTT] : b[FLOW_RTT];

    return (double)rtt_ns / 1e9;
}

static double cpu_of(const uint64_t *a, const uint64_t *b) {
    return net_cpu_per_gigabyte(a[FLOW_CPU] + b[FLOW_CPU], a[FLOW_BYTES] + b[FLOW_BYTES]);
}

static void report_flows(const struct vms_host *host, const struct flows *own, const struct flows *peer) {
    uint64_t sends = own->sent[FLOW_ZEROCOPY] + peer->sent[FLOW_ZEROCOPY];
    uint64_t copied = own->sent[FLOW_ZEROCOPY_COPIED] + peer->sent[FLOW_ZEROCOPY_COPIED];

    if (sends > 0)
        net_fact(host, "sends_copied", "%llu of %llu", (unsigned long long)copied, (unsigned long long)sends);
    if (sends > 0)
        net_fact(host, "zerocopy", "%s", copied < sends ? "yes" : "no: the kernel copied all");
    net_fact(host, "sender_buffer", "%llu",
             (unsigned long long)(own->sent[FLOW_BUFFER] ? own->sent[FLOW_BUFFER] : peer->sent[FLOW_BUFFER]));
    net_fact(host, "receiver_buffer", "%llu",
             (unsigned long long)(peer->received[FLOW_BUFFER] ? peer->received[FLOW_BUFFER]
                                                              : own->received[FLOW_BUFFER]));
}

static int report_intervals(const struct vms_host *host, const union vms_value *values, struct flows *own,
                            const struct flows *peer, struct vms_error *error) {
    size_t n = own->n_intervals > peer->n_intervals ? own->n_intervals : peer->n_intervals;

    for (size_t i = 0; i < n; i++)
        own->intervals[i] += peer->intervals[i];
    return net_report_intervals(host, TCP_INTERVAL_GOODPUT, own->intervals, n,
                                (uint64_t)(values[TCP_INTERVAL].seconds * NET_SECOND), error);
}

/* What one half sent is what the other received: TCP says so, and it is checked. */
static int report(const struct vms_host *host, const union vms_value *values, struct flows *own,
                  const struct flows *peer, struct vms_error *error) {
    const struct net_figure figures[] = {
        {TCP_GOODPUT, rate_of_both(own->received, peer->received)},
        {TCP_SENDER_RATE, rate_of_both(own->sent, peer->sent)},
        {TCP_RETRANSMITS, (double)(own->sent[FLOW_RETRANSMITS] + peer->sent[FLOW_RETRANSMITS])},
        {TCP_SMOOTHED_RTT, rtt_of(own->sent, peer->sent)},
        {TCP_SENDER_CPU, cpu_of(own->sent, peer->sent)},
        {TCP_RECEIVER_CPU, cpu_of(own->received, peer->received)}};
    int status;

    if (own->sent[FLOW_TOTAL] != peer->received[FLOW_TOTAL] ||
        peer->sent[FLOW_TOTAL] != own->received[FLOW_TOTAL])
        return report_error(error, -EIO, "%" PRIu64 " bytes were sent, but %" PRIu64 " received",
                            own->sent[FLOW_TOTAL] + peer->sent[FLOW_TOTAL],
                            own->received[FLOW_TOTAL] + peer->received[FLOW_TOTAL]);
    if (!(figures[0].value > 0))
        return report_error(error, -EIO, "too little was sent to compute a rate");
    report_flows(host, own, peer);
    status = net_report(host, figures, VMS_LENGTH(figures), error);
    return status < 0 ? status : report_intervals(host, values, own, peer, error);
}

static int get_result(const struct vms_host *host, struct flows *ret_flows, struct vms_error *error) {
    uint64_t fields[2 * FLOW_FIELDS + NET_INTERVALS_MAX];
    ssize_t n = net_get(host, NET_RESULT, fields, VMS_LENGTH(fields), NET_STALL_NS, error);

    if (n < 0)
        return (int)n;
    if (n < 2 * FLOW_FIELDS)
        return report_error(error, -EPROTO, "the peer's result has %zd fields, too few", n);
    *ret_flows = (struct flows){.n_intervals = (size_t)n - 2 * FLOW_FIELDS};
    memcpy(ret_flows->sent, fields, sizeof(ret_flows->sent));
    memcpy(ret_flows->received, fields + FLOW_FIELDS, sizeof(ret_flows->received));
    memcpy(ret_flows->intervals, fields + 2 * FLOW_FIELDS, ret_flows->n_intervals * sizeof(fields[0]));
    return 0;
}

int tcp_stream_measure(const struct vms_host *host, const union vms_value *values, const int *fds,
                       struct vms_error *error) {
    struct flows own, peer;
    int status = stream(host, values, fds, true, &own, error);

    if (status == 0)
        status = get_result(host, &peer, error);
    if (status < 0)
        return status;
    tcp_options_report(host, fds[0]);
    return report(host, values, &own, &peer, error);
}

int tcp_stream_serve(const struct vms_host *host, const union vms_value *values, const int *fds,
                     struct vms_error *error) {
    uint64_t fields[2 * FLOW_FIELDS + NET_INTERVALS_MAX];
    struct flows own;
    int status = stream(host, values, fds, false, &own, error);

    if (status < 0)
        return status;
    memcpy(fields, own.sent, sizeof(own.sent));
    memcpy(fields + FLOW_FIELDS, own.received, sizeof(own.received));
    memcpy(fields + 2 * FLOW_FIELDS, own.intervals, own.n_intervals * sizeof(fields[0]));
    return net_put(host, NET_RESULT, fields, 2 * FLOW_FIELDS + own.n_intervals, error);
}
