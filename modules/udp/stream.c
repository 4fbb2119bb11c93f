/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mode stream: numbered datagrams at a rate, one way or both ways at once. The sender reports over the
 * control connection when and what it has sent; the receiver waits until nothing comes any more and counts.
 * Its count on its clock, from the first arrival to the last, is the headline.
 */
#include "udp/flow.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* Fields of NET_END: what a sender reports. */
enum end_field {
    END_SENT,
    END_REFUSED, /* of which its queue had no room for */
    END_ELAPSED, /* ns */
    END_CPU,     /* ns */
    END_JOINED,  /* datagrams in one message to the kernel, 1: each by itself */
    END_ERRNO,   /* why no more, 0: no reason */
    END_BUFFER,  /* SO_SNDBUF */
    END_MTU,     /* of the path at the end; 0: unknown */
    END_REPORTS, /* errors that came from outside */
    END_REPORT,  /* the last one's errno */
    END_UNTOLD,  /* errno: why END_REFUSED is unknown; 0: it is */
    END_FIELDS
};

/* Fields of NET_RESULT: what a receiver reports; then for each interval the bytes in it. */
enum result_field {
    RESULT_UNIQUE,
    RESULT_BYTES,
    RESULT_FIRST_BYTES,
    RESULT_ELAPSED,
    RESULT_DUPLICATES,
    RESULT_REORDERED,
    RESULT_JITTER, /* a double, ns */
    RESULT_CPU,
    RESULT_DROPPED, /* by the socket; FLOW_DROPPED_UNKNOWN */
    RESULT_LARGEST, /* datagrams in the largest message from the kernel */
    RESULT_BUFFER,  /* SO_RCVBUF */
    RESULT_FIELDS
};

/* The two threads of one half; a half that only sends has no receiver, and the other way round. */
struct half {
    const struct vms_host *host;
    bool sends, receives;
    struct flow sender, receiver;
    uint64_t seconds_ns;
    bool timed; /* seconds, not bytes, end the stream */
};

static int half_init(struct half *half, const struct vms_host *host, const union vms_value *values, int fd,
                     bool is_client, struct vms_error *error) {
    uint64_t size = values[UDP_DATAGRAM_SIZE].bytes, bytes = values[UDP_BYTES].bytes;
    struct flow_plan plan = {.datagram_size = size,
                             .batch = values[UDP_BATCH].count,
                             .offload = values[UDP_OFFLOAD].boolean,
                             .seconds_ns = (uint64_t)(values[UDP_SECONDS].seconds * NET_SECOND),
                             .datagrams = (bytes + size - 1) / size,
                             .warmup_ns = (uint64_t)(values[UDP_WARMUP].seconds * NET_SECOND),
                             .interval_ns = (uint64_t)(values[UDP_INTERVAL].seconds * NET_SECOND),
                             .rate = values[UDP_RATE].rate};
    int status = 0;

    half->host = host;
    half->seconds_ns = plan.warmup_ns + plan.seconds_ns;
    half->timed = bytes == 0;
    half->sends = values[UDP_DIRECTION].choice != (is_client ? UDP_RECEIVE : UDP_SEND);
    half->receives = values[UDP_DIRECTION].choice != (is_client ? UDP_SEND : UDP_RECEIVE);
    if (half->sends)
        status = flow_init(&half->sender, host, fd, true, &plan, error);
    if (status == 0 && half->receives)
        status = flow_init(&half->receiver, host, fd, false, &plan, error);
    return status;
}

static void half_done(struct half *half) {
    flow_done(&half->sender);
    flow_done(&half->receiver);
}

static void end_of(const struct flow *sender, uint64_t *ret_end) {
    ret_end[END_SENT] = sender->sent;
    ret_end[END_REFUSED] = sender->refused;
    ret_end[END_ELAPSED] = sender->elapsed_ns;
    ret_end[END_CPU] = sender->cpu_ns;
    ret_end[END_JOINED] = sender->joined;
    ret_end[END_ERRNO] = (uint64_t)sender->join_errno;
    ret_end[END_BUFFER] = net_socket_buffer(sender->fd, SO_SNDBUF);
    ret_end[END_MTU] = icmp_path_mtu(sender->host, sender->fd);
    ret_end[END_REPORTS] = sender->icmp.count;
    ret_end[END_REPORT] = (uint64_t)sender->icmp.last;
    ret_end[END_UNTOLD] = (uint64_t)sender->refusals_errno;
}

static int report_end(struct half *half, struct vms_error *error) {
    uint64_t fields[END_FIELDS];

    end_of(&half->sender, fields);
    return net_put(half->host, NET_END, fields, END_FIELDS, error);
}

/* Runs what this half does; ret_end is what the other half's sender reported, if there is one. */
static int run_half(struct half *half, uint64_t *ret_end, struct vms_error *error) {
    uint64_t limit_ns = half->timed ? half->seconds_ns + NET_STALL_NS : UINT64_MAX / 2;
    struct vms_error later;
    int status = 0, ended;

    if (half->receives && (status = flow_start(&half->receiver, error)) < 0)
        return status;
    if (half->sends && (status = flow_start(&half->sender, error)) == 0) {
        status = flow_join(&half->sender, error);
        if (status == 0)
            status = report_end(half, error);
    }
    if (half->receives) {
        if (status == 0)
            status = net_get_exactly(half->host, NET_END, ret_end, END_FIELDS, limit_ns, error);
        flow_end(&half->receiver);
        ended = flow_join(&half->receiver, status == 0 ? error : &later);
        status = status == 0 ? ended : status;
    }
    return status;
}

/* Returns the number of fields. */
static size_t result_of(const struct flow *receiver, uint64_t *ret_result) {
    const struct account *account = &receiver->account;
    size_t n_intervals = account_n_intervals(account);

    ret_result[RESULT_UNIQUE] = account->unique;
    ret_result[RESULT_BYTES] = account->bytes;
    ret_result[RESULT_FIRST_BYTES] = account->first_bytes;
    ret_result[RESULT_ELAPSED] = account->last_ns - account->first_ns;
    ret_result[RESULT_DUPLICATES] = account->duplicates;
    ret_result[RESULT_REORDERED] = account->reordered;
    ret_result[RESULT_JITTER] = net_from_double(account->jitter_ns);
    ret_result[RESULT_CPU] = receiver->cpu_ns;
    ret_result[RESULT_DROPPED] = receiver->dropped;
    ret_result[RESULT_LARGEST] = receiver->largest;
    ret_result[RESULT_BUFFER] = net_socket_buffer(receiver->fd, SO_RCVBUF);
    memcpy(ret_result + RESULT_FIELDS, account->intervals, n_intervals * sizeof(*ret_result));
    return RESULT_FIELDS + n_intervals;
}

/* What both ends of one direction have reported. */
struct direction {
    uint64_t end[END_FIELDS];
    uint64_t result[RESULT_FIELDS + ACCOUNT_INTERVALS];
    size_t n_intervals;
};

static int get_result(const struct vms_host *host, struct direction *direction, struct vms_error *error) {
    ssize_t n =
        net_get(host, NET_RESULT, direction->result, VMS_LENGTH(direction->result), NET_STALL_NS, error);

    if (n < 0)
        return (int)n;
    if (n < RESULT_FIELDS)
        return report_error(error, -EPROTO, "the peer's result has %zd fields, too few", n);
    direction->n_intervals = (size_t)n - RESULT_FIELDS;
    return 0;
}

/* The figures of one direction; those of two are added up, or the worse one taken. */
struct figures {
    double goodput, packets, sender_rate;
    double sent, lost, in_sender, in_receiver, duplicates, reordered, jitter;
    bool in_sender_is_known, in_receiver_is_known;
    uint64_t bytes, sender_cpu_ns, receiver_cpu_ns;
    uint64_t intervals[ACCOUNT_INTERVALS];
    size_t n_intervals;
};

/* A socket counts what it drops, but several that are joined as one. */
static void add_losses(struct figures *figures, const struct direction *direction) {
    const uint64_t *end = direction->end, *result = direction->result;

    figures->sent += (double)end[END_SENT];
    figures->lost += (double)end[END_SENT] - (double)result[RESULT_UNIQUE];
    figures->in_sender += (double)end[END_REFUSED];
    if (end[END_UNTOLD] != 0)
        figures->in_sender_is_known = false;
    if (result[RESULT_DROPPED] == FLOW_DROPPED_UNKNOWN ||
        (result[RESULT_DROPPED] > 0 && result[RESULT_LARGEST] > 1))
        figures->in_receiver_is_known = false;
    else
        figures->in_receiver += (double)result[RESULT_DROPPED];
    figures->duplicates += (double)result[RESULT_DUPLICATES];
    figures->reordered += (double)result[RESULT_REORDERED];
}

static void add_direction(struct figures *figures, const struct direction *direction, double size) {
    const uint64_t *end = direction->end, *result = direction->result;
    double seconds = (double)result[RESULT_ELAPSED] / 1e9, sent_seconds = (double)end[END_ELAPSED] / 1e9;
    double jitter = net_to_double(result[RESULT_JITTER]) / 1e9;

    /* The clock starts with the first arrival, so that one is not part of the rate. */
    if (seconds > 0) {
        figures->goodput += 8 * (double)(result[RESULT_BYTES] - result[RESULT_FIRST_BYTES]) / seconds;
        figures->packets += ((double)result[RESULT_UNIQUE] - 1) / seconds;
    }
    if (sent_seconds > 0)
        figures->sender_rate += 8 * size * (double)end[END_SENT] / sent_seconds;
    figures->jitter = jitter > figures->jitter ? jitter : figures->jitter;
    figures->bytes += result[RESULT_BYTES];
    figures->sender_cpu_ns += end[END_CPU];
    figures->receiver_cpu_ns += result[RESULT_CPU];
    for (size_t i = 0; i < direction->n_intervals; i++)
        figures->intervals[i] += result[RESULT_FIELDS + i];
    if (direction->n_intervals > figures->n_intervals)
        figures->n_intervals = direction->n_intervals;
    add_losses(figures, direction);
}

/* Facts about one direction; where both are measured, those of the one to the peer stand. */
static void report_direction(const struct vms_host *host, const struct direction *direction,
                             uint64_t datagram) {
    const uint64_t *end = direction->end, *result = direction->result;

    net_fact(host, "sender_joined", "%llu", (unsigned long long)end[END_JOINED]);
    net_fact(host, "receiver_joined", "%llu", (unsigned long long)result[RESULT_LARGEST]);
    if (end[END_JOINED] > 1)
        net_fact(host, "sender_offload", "UDP_SEGMENT");
    else
        net_fact(host, "sender_offload", end[END_ERRNO] ? "none: %s" : "none",
                 end[END_ERRNO] ? strerrordesc_np((int)end[END_ERRNO]) : "");
    net_fact(host, "receiver_offload", "%s", result[RESULT_LARGEST] > 1 ? "UDP_GRO" : "none");
    if (end[END_MTU] == 0)
        net_fact(host, "fragmentation", "unknown: the system does not say the path's MTU");
    else if (datagram + icmp_headers(host) > end[END_MTU])
        net_fact(host, "fragmentation", "fragmented, path MTU %llu", (unsigned long long)end[END_MTU]);
    else
        net_fact(host, "fragmentation", "none");
    if (end[END_REPORTS] > 0)
        net_fact(host, "icmp_errors", "%llu, the last: %s", (unsigned long long)end[END_REPORTS],
                 strerrordesc_np((int)end[END_REPORT]));
    net_fact(host, "sender_buffer", "%llu", (unsigned long long)end[END_BUFFER]);
    net_fact(host, "receiver_buffer", "%llu", (unsigned long long)result[RESULT_BUFFER]);
    if (result[RESULT_DROPPED] > 0 && result[RESULT_DROPPED] != FLOW_DROPPED_UNKNOWN)
        net_fact(host, "receiver_dropped", "%llu messages of up to %llu datagrams",
                 (unsigned long long)result[RESULT_DROPPED], (unsigned long long)result[RESULT_LARGEST]);
}

static int report(const struct vms_host *host, const union vms_value *values, const struct figures *figures,
                  struct vms_error *error) {
    const struct net_figure rows[] = {
        {UDP_GOODPUT, figures->goodput},
        {UDP_PACKETS, figures->packets},
        {UDP_SENDER_RATE, figures->sender_rate},
        {UDP_LOSS, figures->lost / figures->sent},
        {UDP_JITTER, figures->jitter},
        {UDP_LOST, figures->lost},
        {UDP_DUPLICATES, figures->duplicates},
        {UDP_REORDERED, figures->reordered},
        {UDP_SENDER_CPU, net_cpu_per_gigabyte(figures->sender_cpu_ns, figures->bytes)},
        {UDP_RECEIVER_CPU, net_cpu_per_gigabyte(figures->receiver_cpu_ns, figures->bytes)}};
    const struct net_figure in_sender = {UDP_LOST_IN_SENDER, figures->in_sender},
                            in_receiver = {UDP_LOST_IN_RECEIVER, figures->in_receiver},
                            in_network = {UDP_LOST_IN_NETWORK,
                                          fmax(0, figures->lost - figures->in_sender - figures->in_receiver)};
    int status;

    if (figures->goodput <= 0)
        return report_error(error, -EIO, "%.0f of %.0f datagrams came: too few to compute a rate",
                            figures->sent - figures->lost, figures->sent);
    status = net_report(host, rows, VMS_LENGTH(rows), error);
    if (status == 0 && figures->in_sender_is_known)
        status = net_report(host, &in_sender, 1, error);
    if (status == 0 && figures->in_receiver_is_known)
        status = net_report(host, &in_receiver, 1, error);
    if (status == 0 && figures->in_sender_is_known && figures->in_receiver_is_known)
        status = net_report(host, &in_network, 1, error);
    if (status == 0)
        status = net_report_intervals(host, UDP_INTERVAL_GOODPUT, figures->intervals, figures->n_intervals,
                                      (uint64_t)(values[UDP_INTERVAL].seconds * NET_SECOND), error);
    return status;
}

/* Puts together what the two halves know. */
static int conclude(const struct half *half, const union vms_value *values, const uint64_t *peer_end,
                    struct vms_error *error) {
    struct figures figures = {.in_sender_is_known = true, .in_receiver_is_known = true};
    double size = (double)values[UDP_DATAGRAM_SIZE].bytes;
    struct direction direction;
    int status;

    if (half->receives) {
        memcpy(direction.end, peer_end, sizeof(direction.end));
        direction.n_intervals = result_of(&half->receiver, direction.result) - RESULT_FIELDS;
        add_direction(&figures, &direction, size);
        report_direction(half->host, &direction, values[UDP_DATAGRAM_SIZE].bytes);
    }
    if (half->sends) {
        end_of(&half->sender, direction.end);
        if ((status = get_result(half->host, &direction, error)) < 0)
            return status;
        add_direction(&figures, &direction, size);
        report_direction(half->host, &direction, values[UDP_DATAGRAM_SIZE].bytes);
    }
    return report(half->host, values, &figures, error);
}

int udp_stream_measure(const struct vms_host *host, const union vms_value *values, int fd,
                       struct vms_error *error) {
    struct half half = {0};
    uint64_t end[END_FIELDS];
    int status = half_init(&half, host, values, fd, true, error);

    if (status == 0)
        status = udp_knock(host, fd, error);
    if (status == 0)
        status = run_half(&half, end, error);
    if (status == 0)
        status = conclude(&half, values, end, error);
    half_done(&half);
    return status;
}

int udp_stream_serve(const struct vms_host *host, const union vms_value *values, int fd,
                     struct vms_error *error) {
    struct half half = {0};
    uint64_t end[END_FIELDS], result[RESULT_FIELDS + ACCOUNT_INTERVALS];
    int status = half_init(&half, host, values, fd, false, error);

    if (status == 0)
        status = net_put(host, NET_BEGIN, NULL, 0, error);
    if (status == 0)
        status = run_half(&half, end, error);
    if (status == 0 && half.receives)
        status = net_put(host, NET_RESULT, result, result_of(&half.receiver, result), error);
    half_done(&half);
    return status;
}
